/**
 * What was read, and the way about in it: keys, aliases, merges, values and places in the text. Pure. Nothing here changes a text: whoever
 * cuts or edits one works on `text` with the offsets of the nodes, because printing a document anew moves comments and turns `0644` into `644`.
 */
import type { Alias, CST, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { TextPosition } from '../model/problem.ts';

export type KeyPath = readonly (string | number)[];

type KeyPair = Pair<Scalar, Node | null>;

/**
 * Pairs of the maps of a document by their keys, as they were asked for. It lives and goes with its document: to look each key up by
 * going through all of them takes a time that grows with the square of their number.
 */
export interface PairIndex {
  readonly own: Map<YAMLMap, ReadonlyMap<string, KeyPair>>;
  readonly withMerged: Map<YAMLMap, ReadonlyMap<string, KeyPair>>;
}

/** Where nothing was asked for yet. */
export const emptyIndex = (): PairIndex => ({ own: new Map(), withMerged: new Map() });

/** A document that was read without an error. */
export interface ParsedYaml {
  /** Name for messages. */
  readonly file: string;
  readonly text: string;
  /** The root; null for an empty document. */
  readonly root: Node | null;
  /** The lexical tokens of the whole text, comments and blanks included. */
  readonly tokens: readonly CST.Token[];
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly index: PairIndex;
  /** Line and column, both from 1, of an offset. */
  place(offset: number): { readonly line: number; readonly column: number };
  /** A full position for a problem. */
  at(offset: number, keyPath: KeyPath): TextPosition;
}

/** A node that has a place in the text. */
export const startOf = (node: Node | null | undefined): number => node?.range?.[0] ?? 0;

/** The text of a key as written, without quotes. Numbers and booleans keep their spelling. */
export const keyText = (key: unknown): string => {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
};

/** A `<<` that is not in quotes. */
export const isMergeKey = (key: unknown): boolean => isScalar(key) && key.type === 'PLAIN' && key.value === '<<';

/** Follows an alias to what it stands for. */
export const follow = (document: ParsedYaml, node: unknown): Node | null => {
  if (isAlias(node)) return document.targets.get(node) ?? null;
  return (node as Node | null | undefined) ?? null;
};

/** The pairs of a map as they are written. */
export const nodePairs = (map: YAMLMap): readonly KeyPair[] => map.items as KeyPair[];

const remembered = (known: Map<YAMLMap, ReadonlyMap<string, KeyPair>>, map: YAMLMap, read: () => ReadonlyMap<string, KeyPair>): ReadonlyMap<string, KeyPair> => {
  const found = known.get(map) ?? read();
  known.set(map, found);
  return found;
};

/** The pair of a key that is written in a map itself. */
export const pairOf = (document: ParsedYaml, map: unknown, key: string): KeyPair | undefined => {
  if (!isMap(map)) return undefined;
  const own = (): ReadonlyMap<string, KeyPair> => new Map(nodePairs(map as YAMLMap).flatMap((pair) => (isMergeKey(pair.key) ? [] : [[keyText(pair.key), pair] as const])));
  return remembered(document.index.own, map as YAMLMap, own).get(key);
};

const noPairs: ReadonlyMap<string, KeyPair> = new Map();

/**
 * The pairs of a map with merge keys resolved, by their keys: own keys first win, then earlier merged maps (YAML merge key
 * specification; gopkg.in/yaml.v3 does the same).
 */
export const writtenPairs = (document: ParsedYaml, node: unknown): ReadonlyMap<string, KeyPair> => {
  const map = follow(document, node);
  return isMap(map) ? remembered(document.index.withMerged, map as YAMLMap, () => resolvePairs(document, map as YAMLMap)) : noPairs;
};

const resolvePairs = (document: ParsedYaml, map: YAMLMap): ReadonlyMap<string, KeyPair> => {
  const pairs = new Map<string, KeyPair>();
  const merged: Node[] = [];
  for (const pair of nodePairs(map)) {
    if (isMergeKey(pair.key)) {
      const value = follow(document, pair.value);
      const parts = isSeq(value) ? (value.items as Node[]) : [value];
      for (const part of parts) {
        const target = follow(document, part);
        if (target !== null) merged.push(target);
      }
    } else {
      pairs.set(keyText(pair.key), pair);
    }
  }
  for (const part of merged) {
    for (const [key, pair] of writtenPairs(document, part)) if (!pairs.has(key)) pairs.set(key, pair);
  }
  return pairs;
};

/** The same to go through: most maps have no merge key, and need no index for that. */
export const pairsOf = (document: ParsedYaml, map: YAMLMap): Iterable<readonly [string, KeyPair]> => {
  const pairs = nodePairs(map);
  return pairs.some((pair) => isMergeKey(pair.key)) ? writtenPairs(document, map) : pairs.map((pair) => [keyText(pair.key), pair] as const);
};

/** All entries of a map, as {@link writtenPairs} finds them. */
export const entriesOf = (document: ParsedYaml, node: unknown): ReadonlyMap<string, Node | null> => {
  const entries = new Map<string, Node | null>();
  for (const [key, pair] of writtenPairs(document, node)) entries.set(key, pair.value);
  return entries;
};

const integer = /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[1-9][0-9_]*|0)$/i;

/**
 * A scalar's value as gopkg.in/yaml.v3 (Kairos, yip) reads it: `0644` is octal and `1_000` a thousand, which the
 * YAML 1.2 core schema reads otherwise. Integers that do not fit a JavaScript number stay text.
 */
export const scalarData = (scalar: Scalar): string | number | boolean | null => {
  const { value } = scalar;
  const source = scalar.source ?? '';
  if (scalar.type === 'PLAIN' && scalar.tag === undefined && integer.test(source)) {
    const digits = source.replaceAll('_', '').replace(/^[-+]/, '');
    const octal = /^0o?[0-7]+$/i.test(digits);
    const number = octal ? Number.parseInt(digits.replace(/^0o?/i, ''), 8) : Number(digits);
    if (!Number.isSafeInteger(number)) return source;
    return source.startsWith('-') ? -number : number;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  return source;
};

/**
 * Plain data of a node, aliases and merge keys resolved. Keys such as `__proto__` are ordinary keys.
 * Bounded: `parseYaml` refused documents that grow when they are written out.
 */
export const toData = (document: ParsedYaml, node: unknown): unknown => {
  const target = follow(document, node);
  if (isMap(target)) {
    return Object.fromEntries(Array.from(pairsOf(document, target as YAMLMap), ([key, pair]) => [key, toData(document, pair.value)]));
  }
  if (isSeq(target)) return target.items.map((item) => toData(document, item));
  return isScalar(target) ? scalarData(target) : null;
};

/** `toData` of the root when it is a map, else an empty object. */
export const rootData = (document: ParsedYaml): Readonly<Record<string, unknown>> =>
  isMap(document.root) ? (toData(document, document.root) as Record<string, unknown>) : {};

/** Where a key path lies in the text; the nearest existing parent when it does not exist. */
export const positionOf = (document: ParsedYaml, keyPath: KeyPath): TextPosition => {
  let node: Node | null = document.root;
  let offset = startOf(node);
  for (const step of keyPath) {
    const target = follow(document, node);
    if (typeof step === 'number') {
      const item = isSeq(target) ? (target.items[step] as Node | undefined) : undefined;
      if (item === undefined) break;
      node = item;
      offset = startOf(item);
    } else {
      const pair = pairOf(document, target, step);
      if (pair === undefined) {
        const merged = writtenPairs(document, target).get(step)?.value;
        if (merged === undefined || merged === null) break;
        node = merged;
        offset = startOf(merged);
      } else {
        node = pair.value;
        offset = startOf(pair.key);
      }
    }
  }
  return document.at(offset, keyPath);
};

/** Key paths of nodes that are written in the document, in one walk; one that isn't is missing. */
export const keyPathsOf = (document: ParsedYaml, wanted: ReadonlySet<Node>): ReadonlyMap<Node, KeyPath> => {
  const found = new Map<Node, KeyPath>();
  const visit = (node: unknown, path: KeyPath): void => {
    if (wanted.has(node as Node)) found.set(node as Node, path);
    if (isMap(node)) for (const pair of nodePairs(node as YAMLMap)) visit(pair.value, [...path, keyText(pair.key)]);
    else if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index]));
  };
  visit(document.root, []);
  return found;
};

/** Key path of a node that is written in the document; empty when it isn't. */
export const keyPathOf = (document: ParsedYaml, wanted: Node): KeyPath => keyPathsOf(document, new Set([wanted])).get(wanted) ?? [];
