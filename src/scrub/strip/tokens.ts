/** Places of things in the text, from the lexical tokens: the only base on which a cut can be byte-exact. */
import type { CST } from 'yaml';

type Maybe = CST.Token | null | undefined;

/** One pair of a map as the lexer saw it. */
export interface PairToken {
  readonly start: readonly CST.SourceToken[];
  readonly key?: Maybe;
  readonly sep?: readonly CST.SourceToken[];
  readonly value?: Maybe;
}

const isBlank = (token: CST.Token): boolean => token.type === 'space' || token.type === 'newline' || token.type === 'comment';

/** Offset of a token's first character. */
const startOfToken = (token: CST.Token): number => {
  if (token.type !== 'block-map' && token.type !== 'block-seq') return token.offset;
  const [first] = token.items;
  return first === undefined ? token.offset : contentStart(first as PairToken);
};

/** Offset of the first character of a pair that is neither blank, comment nor comma. */
export const contentStart = (pair: PairToken): number => {
  const lead = pair.start.find((token) => !isBlank(token) && token.type !== 'comma');
  if (lead !== undefined) return lead.offset;
  if (pair.key) return startOfToken(pair.key);
  const sign = pair.sep?.find((token) => !isBlank(token));
  if (sign !== undefined) return sign.offset;
  return pair.value ? startOfToken(pair.value) : (pair.start[0]?.offset ?? 0);
};

/** Offset behind a token's last character that is neither blank nor comment; a block scalar's blank lines are its own. */
const endOfToken = (token: CST.Token): number => {
  switch (token.type) {
    case 'block-map':
    case 'block-seq': {
      const items = token.items as readonly PairToken[];
      let end = token.offset;
      for (const item of items) end = Math.max(end, contentEnd(item));
      return end;
    }
    case 'flow-collection': {
      const close = token.end.findLast((part) => part.type === 'flow-map-end' || part.type === 'flow-seq-end');
      return close === undefined ? token.offset : close.offset + close.source.length;
    }
    case 'block-scalar': {
      const header = token.props.reduce((length, part) => length + ('source' in part ? part.source.length : 0), 0);
      const first = token.props[0]?.offset ?? token.offset;
      return first + header + token.source.length;
    }
    default:
      return token.offset + ('source' in token ? token.source.length : 0);
  }
};

/** Offset behind the last character of a pair that is neither blank nor comment. */
export const contentEnd = (pair: PairToken): number => {
  if (pair.value) return endOfToken(pair.value);
  for (const list of [pair.sep, pair.start]) {
    const last = list?.findLast((token) => !isBlank(token));
    if (list === pair.start && pair.key) return endOfToken(pair.key);
    if (last !== undefined) return last.offset + last.source.length;
  }
  return pair.start[0]?.offset ?? 0;
};

export interface Comment {
  /** Offset of the `#`. */
  readonly offset: number;
  readonly source: string;
}

const countNumberSigns = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('#'); at !== -1; at = text.indexOf('#', at + 1)) count += 1;
  return count;
};

/** Every comment of the text, in order. Something that looks like one inside of a value is none. */
export const commentsOf = (text: string, tokens: readonly CST.Token[]): readonly Comment[] => {
  const found: Comment[] = [];
  // Many documents have no other comment than their header: there is nothing to look for behind the last number sign.
  let left = countNumberSigns(text);
  const visit = (token: Maybe): void => {
    if (token === null || token === undefined || left === 0) return;
    if (token.type === 'comment') {
      found.push({ offset: token.offset, source: token.source });
      left -= countNumberSigns(token.source);
      return;
    }
    const parts = token as {
      start?: CST.SourceToken[] | CST.SourceToken;
      props?: CST.Token[];
      items?: PairToken[];
      value?: CST.Token;
      end?: CST.SourceToken[];
    };
    if (Array.isArray(parts.start)) parts.start.forEach(visit);
    parts.props?.forEach(visit);
    if (token.type === 'document') visit(parts.value);
    for (const item of parts.items ?? []) {
      item.start.forEach(visit);
      visit(item.key);
      item.sep?.forEach(visit);
      visit(item.value);
    }
    parts.end?.forEach(visit);
  };
  tokens.forEach(visit);
  return found.toSorted((left, right) => left.offset - right.offset);
};
