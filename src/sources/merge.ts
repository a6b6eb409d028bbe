/**
 * Merging as Kairos does it (sdk `collector.DeepMerge`; kairos.md 3.10): later wins, maps merge deeply, lists of maps
 * are put one behind the other, lists of scalars are united, an explicit null resets, unlike kinds are an error.
 */
import type { KeyPath } from './yaml-nodes.ts';
import type { Spelled } from './spelled.ts';
import { scalarIdentity } from './spelled.ts';

export type OnClash = (keyPath: KeyPath, first: string, second: string) => void;

const kindWords: Readonly<Record<Spelled['kind'], string>> = {
  text: 'text',
  number: 'a number',
  truth: 'true or false',
  null: 'nothing',
  list: 'a list',
  map: 'a map',
};

const zero = (value: Spelled): Spelled => {
  switch (value.kind) {
    case 'list':
      return { kind: 'list', items: [] };
    case 'map':
      return { kind: 'map', entries: new Map() };
    case 'text':
      return { kind: 'text', text: '' };
    case 'number':
      return { kind: 'number', plain: '0' };
    case 'truth':
      return { kind: 'truth', plain: 'false' };
    case 'null':
      return value;
  }
};

const mergeLists = (first: readonly Spelled[], second: readonly Spelled[]): readonly Spelled[] => {
  if (first.length === 0) return second;
  if (first[0]?.kind === 'map') return [...first, ...second];
  const union = [...first];
  const there = new Set(first.map(scalarIdentity));
  for (const item of second) {
    const identity = scalarIdentity(item);
    if (identity !== null && there.has(identity)) continue;
    there.add(identity);
    union.push(item);
  }
  return union;
};

/** Merges `second` over `first`. A clash of kinds is reported and leaves `first` as it is. */
export const mergeSpelled = (first: Spelled, second: Spelled, onClash: OnClash, keyPath: KeyPath = []): Spelled => {
  if (first.kind === 'null') return second;
  if (second.kind === 'null') return zero(first);
  if (first.kind === 'map' && second.kind === 'map') {
    const entries = new Map(first.entries);
    for (const [key, value] of second.entries) {
      const before = entries.get(key);
      entries.set(key, before === undefined ? value : mergeSpelled(before, value, onClash, [...keyPath, key]));
    }
    const plainKeys = new Set([...(first.plainKeys ?? []), ...[...(second.plainKeys ?? [])].filter((key) => !first.entries.has(key))]);
    return plainKeys.size === 0 ? { kind: 'map', entries } : { kind: 'map', entries, plainKeys };
  }
  if (first.kind === 'list' && second.kind === 'list') return { kind: 'list', items: mergeLists(first.items, second.items) };
  if (first.kind !== second.kind) {
    onClash(keyPath, kindWords[first.kind], kindWords[second.kind]);
    return first;
  }
  return second;
};
