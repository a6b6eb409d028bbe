/** What of a user-data goes: the install-only keys, where each of them hangs, and what must be left when they are gone. */
import type { Node, YAMLMap } from 'yaml';
import { isMap } from 'yaml';
import type { Problem } from '../../model/problem.ts';
import { problemAt } from '../../model/problem.ts';
import type { KeyPath, ParsedYaml } from '../../sources/yaml-nodes.ts';
import { entriesOf, follow, isMergeKey, keyText, pairOf, startOf, toData } from '../../sources/yaml-nodes.ts';
import type { Edit, MapPair } from './cut.ts';
import { tokenOf } from './cut.ts';
import { inline } from './inline.ts';
import { isInstallOnlyStage, isInstallOnlyTopLevel, isKeptInstallKey, isSearchedInstallKey } from './install-only.ts';
import { mapMeaning } from './meaning.ts';
import type { Meaning } from './meaning.ts';
import { contentEnd, contentStart } from './tokens.ts';

/** What is to go, and where it hangs. */
export interface Selection {
  readonly gone: Map<YAMLMap, Set<MapPair>>;
  /** Cut key paths with their pair. */
  readonly taken: { readonly keyPath: KeyPath; readonly pair: MapPair; readonly searched: boolean }[];
  /** Values that are written anew: `install: *alias` of which one key is kept. */
  readonly replaced: Edit[];
  readonly problems: Problem[];
  /** What must come out. */
  expected: Meaning;
}

/** A cut that cannot be made. */
export const refuse = (document: ParsedYaml, node: Node | null, keyPath: KeyPath, what: string, hint: string): Problem =>
  problemAt(document.at(startOf(node), keyPath), { id: 'cannot-cut', severity: 'error', what, hint });

const take = (selection: Selection, map: YAMLMap, pair: MapPair, keyPath: KeyPath, searched: boolean, recorded = true): void => {
  const set = selection.gone.get(map) ?? new Set();
  set.add(pair);
  selection.gone.set(map, set);
  if (recorded) selection.taken.push({ keyPath, pair, searched });
};

/** `install:` — returns the entries that stay. */
const selectInstall = (document: ParsedYaml, root: YAMLMap, pair: MapPair, selection: Selection): readonly [string, Node | null][] => {
  const entries = entriesOf(document, pair.value);
  const keeps = [...entries].filter(([key, value]) => isKeptInstallKey(key, toData(document, value)));
  const own = isMap(pair.value) ? pair.value : null;
  if (own === null || own.items.length === 0) {
    take(selection, root, pair, ['install'], false, false);
    for (const [key, value] of entries) {
      if (!keeps.some(([name]) => name === key)) selection.taken.push({ keyPath: ['install', key], pair: { key: pair.key, value } as MapPair, searched: isSearchedInstallKey(key) });
    }
    if (entries.size === 0) selection.taken.push({ keyPath: ['install'], pair, searched: false });
  } else {
    for (const item of own.items as MapPair[]) {
      const key = keyText(item.key);
      const stays = !isMergeKey(item.key) && keeps.some(([name]) => name === key);
      if (!stays) take(selection, own, item, ['install', key], isSearchedInstallKey(key));
    }
    if (keeps.length === 0) take(selection, root, pair, ['install'], false, false);
  }
  // Kept keys that are not written in place: the whole value is written anew, on one line.
  const inPlace = own !== null && keeps.every(([key]) => pairOf(document, own, key) !== undefined);
  if (keeps.length > 0 && !inPlace) {
    selection.gone.get(root)?.delete(pair);
    if (own !== null) selection.gone.delete(own);
    const token = tokenOf(pair);
    const start = pair.value?.range?.[0] ?? contentStart(token);
    const text = keeps.map(([key, value]) => `${key}: ${inline(document, value)}`).join(', ');
    const end = contentEnd(token);
    const newline = document.text[end - 1] === '\n' ? '\n' : '';
    selection.replaced.push({ start, end, text: `{${text}}${newline}` });
  }
  return keeps;
};

/** `stages:` — returns the stages that stay. */
const selectStages = (document: ParsedYaml, root: YAMLMap, pair: MapPair, selection: Selection): readonly [string, Node | null][] => {
  const entries = [...entriesOf(document, pair.value)];
  const stays = entries.filter(([stage]) => !isInstallOnlyStage(stage));
  if (stays.length === entries.length) return entries;
  const own = isMap(pair.value) ? pair.value : null;
  for (const [stage] of entries) {
    const item = pairOf(document, own, stage);
    if (!isInstallOnlyStage(stage)) continue;
    if (own === null || item === undefined) {
      selection.problems.push(
        refuse(document, pair.value, ['stages', stage], 'this install stage comes in through an alias', 'write install stages directly under "stages:"'),
      );
    } else take(selection, own, item, ['stages', stage], true);
  }
  if (stays.length === 0) take(selection, root, pair, ['stages'], true, false);
  return stays;
};

/** Selects what goes. Says in `problems` what cannot be taken out. */
export const select = (document: ParsedYaml, root: YAMLMap): Selection => {
  const selection: Selection = { gone: new Map(), taken: [], replaced: [], problems: [], expected: '' };
  const stays: [string, Node | null][] = [];
  const nested: (readonly [string, Meaning])[] = [];
  for (const [key, value] of entriesOf(document, root)) {
    const pair = pairOf(document, root, key);
    const installOnly = isInstallOnlyTopLevel(key) || key === 'install' || key === 'stages';
    if (!installOnly) {
      stays.push([key, value]);
    } else if (pair === undefined) {
      const stages = [...entriesOf(document, value).keys()];
      if (key === 'stages' && !stages.some(isInstallOnlyStage)) stays.push([key, value]);
      else {
        selection.problems.push(
          refuse(document, value, [key], `"${key}" comes in through a merge key and is install-only`, 'write it directly at the top level'),
        );
      }
    } else if (isInstallOnlyTopLevel(key)) {
      take(selection, root, pair, [key], true);
    } else if (key === 'install') {
      const kept = selectInstall(document, root, pair, selection);
      if (kept.length > 0) nested.push(['install', mapMeaning(document, kept)]);
    } else {
      const before = isMap(follow(document, value)) ? selectStages(document, root, pair, selection) : null;
      if (before === null) stays.push([key, value]);
      else if (before.length > 0 || entriesOf(document, value).size === 0) nested.push(['stages', mapMeaning(document, before)]);
    }
  }
  const rest = mapMeaning(document, stays) as readonly unknown[];
  selection.expected = ['map', ...[...rest.slice(1), ...nested].toSorted((left, right) => {
    const [a, b] = [(left as [string])[0], (right as [string])[0]];
    return a < b ? -1 : a > b ? 1 : 0;
  })];
  return selection;
};
