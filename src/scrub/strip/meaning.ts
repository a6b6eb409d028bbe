/** What a document says, in a form that can be compared: the proof that a cut changed nothing else. */
import type { Node, Scalar, YAMLMap } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { ParsedYaml } from '../../sources/yaml-nodes.ts';
import { follow, pairsOf, scalarData } from '../../sources/yaml-nodes.ts';

/**
 * Text, or `[spelling]` for everything that isn't text (`0644` and `644` differ), a list, or a map as a list of
 * pairs. Aliases and merge keys are written out; order of keys counts only where it is written.
 */
export type Meaning = string | readonly [string, ...unknown[]];

const scalarMeaning = (scalar: Scalar): Meaning => {
  const tag = scalar.tag ?? '';
  if (typeof scalar.value === 'string') return tag === '' ? scalar.value : ['tag', tag, scalar.value];
  // A null has many spellings that say the same.
  const value = scalarData(scalar);
  return value === null ? ['null'] : ['plain', scalar.source ?? String(value), tag];
};

export const meaningOf = (document: ParsedYaml, node: Node | null): Meaning => {
  const target = follow(document, node);
  if (isMap(target)) return mapMeaning(document, Array.from(pairsOf(document, target as YAMLMap), ([key, pair]) => [key, pair.value] as const));
  if (isSeq(target)) return ['list', ...target.items.map((item) => meaningOf(document, item as Node | null))];
  return isScalar(target) ? scalarMeaning(target) : ['null'];
};

export const mapMeaning = (document: ParsedYaml, entries: readonly (readonly [string, Node | null])[]): Meaning => [
  'map',
  ...entries
    .map(([key, value]) => [key, meaningOf(document, value)] as const)
    .toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
];

/** True when two meanings are one. */
export const isSameMeaning = (left: unknown, right: unknown): boolean => {
  if (!Array.isArray(left) || !Array.isArray(right)) return left === right;
  return left.length === right.length && left.every((part: unknown, index) => isSameMeaning(part, right[index]));
};
