/**
 * Line breaks that Kairos's YAML (gopkg.in/yaml.v3, of YAML 1.1) knows and YAML 1.2 does not: a lone CR, NEL, LS and PS. They end a
 * comment and a line there, so that `# note\rinstall: …` is a comment to one reader and a key to the other. Pure.
 */
import type { CST } from 'yaml';

const foreign = /\r(?!\n)|[\u0085\u2028\u2029]/g;

/** True for nearly no text: a quick look before anything is searched. */
export const hasForeignBreaks = (text: string): boolean => text.search(foreign) !== -1;

type Maybe = CST.Token | null | undefined;

/** Offsets of quoted scalars, from the first quote to behind the last one. */
const quotedRanges = (tokens: readonly CST.Token[]): readonly (readonly [number, number])[] => {
  const found: (readonly [number, number])[] = [];
  const visit = (token: Maybe): void => {
    if (token === null || token === undefined) return;
    if (token.type === 'single-quoted-scalar' || token.type === 'double-quoted-scalar') {
      found.push([token.offset, token.offset + token.source.length]);
      return;
    }
    const { items, value } = token as { items?: { key?: Maybe; value?: Maybe }[]; value?: CST.Token };
    if (token.type === 'document') visit(value);
    for (const item of items ?? []) {
      visit(item.key);
      visit(item.value);
    }
  };
  tokens.forEach(visit);
  return found;
};

/** Both readers take LS and PS within a quoted text for themselves, as long as no blank or other break is beside them. */
const readsTheSame = (text: string, offset: number): boolean => /[\u2028\u2029]/.test(text[offset] ?? '') && !/\s/.test(text.slice(offset - 1, offset) + text.slice(offset + 1, offset + 2));

/** The offset of the first break that the two would read differently; undefined when there is none. */
export const foreignBreak = (text: string, tokens: readonly CST.Token[]): number | undefined => {
  const offsets = [...text.matchAll(foreign)].map((match) => match.index);
  if (offsets.length === 0) return undefined;
  const quoted = quotedRanges(tokens);
  let range = 0;
  return offsets.find((offset) => {
    while (range < quoted.length && (quoted[range]?.[1] ?? 0) <= offset) range += 1;
    const isQuoted = (quoted[range]?.[0] ?? Infinity) < offset;
    return !isQuoted || !readsTheSame(text, offset);
  });
};
