/**
 * Where to cut. A pair of a block map goes with its whole lines, the comments above it and the deeper ones below
 * it; a pair of a flow map goes with one comma. In doubt a comment goes: it may name a secret.
 */
import type { CST, Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { ParsedYaml } from '../../sources/yaml-nodes.ts';
import { isHeaderLine } from '../../sources/header.ts';
import { commentsOf, contentEnd, contentStart } from './tokens.ts';
import type { Comment, PairToken } from './tokens.ts';

/** Replace `[start, end)` of the text by `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type MapPair = Pair<Scalar, Node | null>;

export interface CutContext {
  readonly document: ParsedYaml;
  readonly comments: readonly Comment[];
  readonly commentOffsets: ReadonlySet<number>;
  /** A block scalar keeps its trailing blank lines (`|+`): blank lines must not move up to it. */
  readonly blankLinesMatter: boolean;
}

/** `whole`: the text that the document stands for, where that is a longer one. */
export const cutContext = (document: ParsedYaml, whole: string = document.text): CutContext => {
  const comments = commentsOf(document.text, document.tokens);
  return {
    document,
    comments,
    commentOffsets: new Set(comments.map((comment) => comment.offset)),
    blankLinesMatter: /[|>][0-9]?\+/.test(whole),
  };
};

export const tokenOf = (pair: MapPair): PairToken => pair.srcToken as unknown as PairToken;

// lastIndexOf takes a negative position for 0.
const lineStart = (text: string, offset: number): number => (offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1);

const lineEnd = (text: string, offset: number): number => {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
};

/** Characters in which a header line is looked for: Kairos reads ten lines. */
const headerReach = 2000;

interface Line {
  readonly kind: 'blank' | 'comment' | 'content';
  /** Column of the first character that isn't a blank, from 0. */
  readonly column: number;
}

const readLine = (context: CutContext, start: number, end: number): Line => {
  const line = context.document.text.slice(start, end);
  const column = line.search(/[^\s\uFEFF]/);
  if (column === -1) return { kind: 'blank', column: 0 };
  const comment = context.commentOffsets.has(start + column) && !(start < headerReach && isHeaderLine(line));
  return { kind: comment ? 'comment' : 'content', column };
};

/** Comment lines above `from` that lie below the last content: the start of the first of them. */
const startOfComments = (context: CutContext, from: number): number => {
  const { text } = context.document;
  let start = from;
  for (let end = from; end > 0; ) {
    const above = lineStart(text, end - 1);
    const line = readLine(context, above, end);
    if (line.kind === 'content') break;
    if (line.kind === 'comment') start = above;
    end = above;
  }
  return start;
};

/** Comment lines below `from` that lie deeper than `column`: the end of the last of them. */
const endOfComments = (context: CutContext, from: number, column: number): number => {
  const { text } = context.document;
  let end = from;
  for (let start = from; start < text.length; ) {
    const next = lineEnd(text, start);
    const line = readLine(context, start, next);
    if (line.kind === 'content' || (line.kind === 'comment' && line.column <= column)) break;
    if (line.kind === 'comment') end = next;
    start = next;
  }
  return end;
};

const endOfBlanks = (context: CutContext, from: number): number => {
  const { text } = context.document;
  let end = from;
  while (end < text.length) {
    const next = lineEnd(text, end);
    if (readLine(context, end, next).kind !== 'blank') break;
    end = next;
  }
  return end;
};

/** Start of the line on which only blanks stand before `offset`; undefined when something else does. Looks at the blanks alone: a line may be a MiB long. */
const startOfOwnLine = (text: string, offset: number): number | undefined => {
  let start = offset;
  while (start > 0 && text[start - 1] !== '\n' && /[\s\uFEFF]/.test(text[start - 1] ?? '')) start -= 1;
  return start === 0 || text[start - 1] === '\n' ? start : undefined;
};

/** Whole lines of a pair, or undefined when something else stands on its first line. */
const wholeLines = (context: CutContext, pair: PairToken, isFirst: boolean, isLast: boolean): Edit | undefined => {
  const { text } = context.document;
  const first = contentStart(pair);
  const start = startOfOwnLine(text, first);
  if (start === undefined) return undefined;
  const column = text.slice(start, first).replace('\uFEFF', '').length;
  const last = contentEnd(pair);
  let end = text[last - 1] === '\n' ? last : lineEnd(text, last);
  const rest = text.slice(last, Math.max(last, end)).replace(/^[\s,]*/, '');
  if (rest !== '' && !rest.startsWith('#')) return undefined;
  // Below the last pair of a map a comment in the same column has no key under it.
  end = endOfComments(context, end, isLast ? column - 1 : column);
  const from = startOfComments(context, start);
  const above = lineStart(text, Math.max(from - 1, 0));
  const blankAbove = isFirst || from === 0 || readLine(context, above, from).kind === 'blank';
  if (blankAbove || context.blankLinesMatter || endOfBlanks(context, end) === text.length) end = endOfBlanks(context, end);
  return { start: from, end, text: '' };
};

/** For each pair the nearest one that stays, before it or behind it. */
const nearestKept = (pairs: readonly MapPair[], gone: ReadonlySet<MapPair>, side: 'before' | 'behind'): readonly (MapPair | undefined)[] => {
  const found: (MapPair | undefined)[] = [];
  let kept: MapPair | undefined;
  for (const pair of side === 'before' ? pairs : pairs.toReversed()) {
    found.push(kept);
    if (!gone.has(pair)) kept = pair;
  }
  return side === 'before' ? found : found.toReversed();
};

const blockEdits = (context: CutContext, pairs: readonly MapPair[], gone: ReadonlySet<MapPair>): readonly Edit[] | undefined => {
  const edits: Edit[] = [];
  const behind = nearestKept(pairs, gone, 'behind');
  for (const [index, pair] of pairs.entries()) {
    if (!gone.has(pair)) continue;
    const lines = wholeLines(context, tokenOf(pair), index === 0, index === pairs.length - 1);
    if (lines !== undefined) {
      edits.push(lines);
      continue;
    }
    // It shares its first line with what it hangs on (`? a` / `: key: …`): the next pair moves up to its place.
    const next = behind[index];
    if (next === undefined) return undefined;
    edits.push({ start: contentStart(tokenOf(pair)), end: contentStart(tokenOf(next)), text: '' });
  }
  return edits;
};

const flowEdits = (context: CutContext, pairs: readonly MapPair[], gone: ReadonlySet<MapPair>): readonly Edit[] => {
  const edits: Edit[] = [];
  const [allBefore, allBehind] = [nearestKept(pairs, gone, 'before'), nearestKept(pairs, gone, 'behind')];
  for (const [index, pair] of pairs.entries()) {
    if (!gone.has(pair)) continue;
    const token = tokenOf(pair);
    const next = pairs[index + 1];
    const lines = wholeLines(context, token, index === 0, next === undefined);
    const sameLine = next !== undefined && lines !== undefined && contentStart(tokenOf(next)) < lines.end;
    if (lines !== undefined && !sameLine) {
      edits.push(lines);
      continue;
    }
    const [before, after] = [allBefore[index], allBehind[index]];
    if (after !== undefined) {
      edits.push({ start: contentStart(token), end: contentStart(tokenOf(after)), text: '' });
    } else {
      // The last one: its comma is the one before it, and a comment behind it goes too.
      const start = before === undefined ? contentStart(token) : contentEnd(tokenOf(before));
      edits.push({ start, end: endOfTail(context, contentEnd(token)), text: '' });
    }
  }
  return edits;
};

/** Behind the last pair of a flow map: a trailing comma and comments up to the closing bracket. */
const endOfTail = (context: CutContext, from: number): number => {
  const { text } = context.document;
  let end = from;
  for (let offset = from; offset < text.length; ) {
    const character = text[offset];
    if (character === ',') {
      offset += 1;
      end = offset;
    } else if (character === '#') {
      const next = lineEnd(text, offset);
      offset = text[next - 1] === '\n' ? next - (text[next - 2] === '\r' ? 2 : 1) : next;
      end = offset;
    } else if (character !== undefined && /\s/.test(character)) offset += 1;
    else break;
  }
  return end;
};

/**
 * The edits that take pairs out of one map. The caller takes the whole map away when nothing would be left.
 * Undefined when it cannot be done byte-exactly.
 */
export const cutPairs = (context: CutContext, map: YAMLMap, gone: ReadonlySet<MapPair>): readonly Edit[] | undefined => {
  const pairs = map.items as MapPair[];
  if (pairs.some((pair) => pair.srcToken === undefined)) return undefined;
  const flow = (map.srcToken as CST.Token | undefined)?.type === 'flow-collection';
  return flow ? flowEdits(context, pairs, gone) : blockEdits(context, pairs, gone);
};

/** Joins edits that touch or overlap; a replacement text is kept. */
export const mergeEdits = (edits: readonly Edit[]): readonly Edit[] => {
  const merged: Edit[] = [];
  for (const edit of edits.toSorted((left, right) => left.start - right.start || left.end - right.end)) {
    const last = merged.at(-1);
    if (last !== undefined && edit.start < last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, edit.end), text: last.text + edit.text };
    } else merged.push(edit);
  }
  return merged;
};

/** Applies edits that are sorted and do not overlap. */
export const applyEdits = (text: string, edits: readonly Edit[]): string => {
  const parts: string[] = [];
  let from = 0;
  for (const edit of edits) {
    parts.push(text.slice(from, edit.start), edit.text);
    from = edit.end;
  }
  parts.push(text.slice(from));
  return parts.join('');
};
