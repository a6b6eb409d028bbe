/**
 * The first wall: splits a configuration into what is kept and what is install-only, before anything runs.
 * Pure. What is kept is kept byte for byte; the cut is checked by reading the result again, and refused when
 * it would say anything else than the original without the install-only keys.
 */
import type { Alias, Node, YAMLMap } from 'yaml';
import { isMap, isSeq, visit } from 'yaml';
import type { MaterialItem } from '../model/audit.ts';
import type { Problem } from '../model/problem.ts';
import { isError, problemAt } from '../model/problem.ts';
import type { SettingLayer } from '../model/settings.ts';
import type { StageStep } from '../model/stages.ts';
import { checkHeader, isHeaderLine, withHeader } from '../sources/header.ts';
import { readSettingsMap } from '../sources/settings-map.ts';
import type { KeyPath, ParsedYaml } from '../sources/yaml.ts';
import { entriesOf, follow, isMergeKey, keyText, pairOf, parseYaml, startOf, toData } from '../sources/yaml.ts';
import type { CutContext, Edit, MapPair } from './strip/cut.ts';
import { applyEdits, cutContext, cutPairs, mergeEdits, tokenOf } from './strip/cut.ts';
import { inline } from './strip/inline.ts';
import { isInstallOnlyStage, isInstallOnlyTopLevel, isKeptInstallKey, isSearchedInstallKey } from './strip/install-only.ts';
import { collectMaterial, commentItem } from './strip/material.ts';
import { mapMeaning, meaningOf } from './strip/meaning.ts';
import type { Meaning } from './strip/meaning.ts';
import { contentEnd, contentStart } from './strip/tokens.ts';

/** Where something was taken out. Paths only, never values. */
export interface RemovedKey {
  readonly file: string;
  readonly keyPath: KeyPath;
  /** from 1 */
  readonly line: number;
}

export interface StrippedUserData {
  /** The kept configuration; begins `#cloud-config`. Empty when a problem is an error: nothing half-cut is given away. */
  readonly kept: string;
  readonly removed: readonly RemovedKey[];
  readonly items: readonly MaterialItem[];
  /** The install stages, as data. */
  readonly steps: readonly StageStep[];
  /** The whole `install:` map, kept keys included: it steers this run. */
  readonly install: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  /** `env`, for the run. `K=V` */
  readonly environment: readonly string[];
  /** Top-level `config_url`, to be fetched and merged by us. */
  readonly configUrl: string | null;
  /** What a `slipway:` map says. */
  readonly settings: SettingLayer;
  readonly problems: readonly Problem[];
}

export interface StrippedInstallerData {
  readonly items: readonly MaterialItem[];
  readonly steps: readonly StageStep[];
  readonly settings: SettingLayer;
  readonly install: Readonly<Record<string, unknown>>;
  readonly receiptKey: string | null;
  readonly problems: readonly Problem[];
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The entries of the install stages, in order. */
const installSteps = (document: ParsedYaml): readonly StageStep[] => {
  const steps: StageStep[] = [];
  for (const [stage, list] of entriesOf(document, entriesOf(document, document.root).get('stages'))) {
    const entries = follow(document, list);
    if (!isInstallOnlyStage(stage) || !isSeq(entries)) continue;
    entries.items.forEach((entry, index) => {
      steps.push({ stage, file: document.file, index, value: asRecord(toData(document, entry)) });
    });
  }
  return steps;
};

/** What is to go, and where it hangs. */
interface Selection {
  readonly gone: Map<YAMLMap, Set<MapPair>>;
  /** Cut key paths with their pair. */
  readonly taken: { readonly keyPath: KeyPath; readonly pair: MapPair; readonly searched: boolean }[];
  /** Values that are written anew: `install: *alias` of which one key is kept. */
  readonly replaced: Edit[];
  readonly problems: Problem[];
  /** What must come out. */
  expected: Meaning;
}

const refuse = (document: ParsedYaml, node: Node | null, keyPath: KeyPath, what: string, hint: string): Problem =>
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
  const inPlace = own !== null && keeps.every(([key]) => pairOf(own, key) !== undefined);
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
    const item = pairOf(own, stage);
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

const select = (document: ParsedYaml, root: YAMLMap): Selection => {
  const selection: Selection = { gone: new Map(), taken: [], replaced: [], problems: [], expected: '' };
  const stays: [string, Node | null][] = [];
  const nested: (readonly [string, Meaning])[] = [];
  for (const [key, value] of entriesOf(document, root)) {
    const pair = pairOf(root, key);
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

const contains = (edits: readonly Edit[], offset: number): boolean => edits.some((edit) => offset >= edit.start && offset < edit.end);

/** Kept aliases whose value is cut away: the value moves to the first of them, anchor included. */
const moveAnchors = (document: ParsedYaml, edits: readonly Edit[]): readonly Edit[] => {
  const moved = new Set<Node>();
  const found: Edit[] = [];
  const aliases: Alias[] = [...document.targets.keys()].toSorted((left, right) => startOf(left) - startOf(right));
  for (const alias of aliases) {
    const target = document.targets.get(alias);
    if (target === undefined || moved.has(target) || contains(edits, startOf(alias)) || !contains(edits, startOf(target))) continue;
    moved.add(target);
    const start = startOf(alias);
    found.push({ start, end: start + alias.source.length + 1, text: `&${alias.source} ${inline(document, target)}` });
  }
  return found;
};

/** Comments inside of what is cut are material too; each under the cut key that is nearest below or around it. */
const cutComments = (context: CutContext, edits: readonly Edit[], taken: Selection['taken']): readonly MaterialItem[] => {
  const { document } = context;
  const owners = taken
    .map(({ keyPath, pair }) => ({ keyPath, start: pair.srcToken === undefined ? startOf(pair.key) : contentStart(tokenOf(pair)), end: pair.srcToken === undefined ? 0 : contentEnd(tokenOf(pair)) }))
    .toSorted((left, right) => left.start - right.start);
  return context.comments
    .filter((comment) => contains(edits, comment.offset))
    .map((comment) => {
      const owner =
        owners.find(({ start, end }) => comment.offset >= start && comment.offset < end) ??
        owners.find(({ start }) => start > comment.offset) ??
        owners.at(-1);
      return commentItem(document, comment, owner?.keyPath ?? []);
    })
    .filter((item) => item.value !== '');
};

/** A value that only install-only parts use, kept because it hangs on a key of its own. */
const keptHelpers = (document: ParsedYaml, edits: readonly Edit[]): readonly Problem[] => {
  const problems: Problem[] = [];
  for (const [alias, target] of document.targets) {
    if (!contains(edits, startOf(alias)) || contains(edits, startOf(target))) continue;
    const usedElsewhere = [...document.targets].some(([other, node]) => node === target && !contains(edits, startOf(other)));
    if (usedElsewhere) continue;
    problems.push(
      problemAt(document.at(startOf(target), []), {
        id: 'install-only-value-kept',
        severity: 'warning',
        what: 'this value is used by install-only parts alone, but it stands in a kept key and is kept',
        hint: 'write it where it is used',
      }),
    );
  }
  return problems;
};

const nothing = (problems: readonly Problem[]): StrippedUserData => ({
  kept: '',
  removed: [],
  items: [],
  steps: [],
  install: {},
  strict: false,
  environment: [],
  configUrl: null,
  settings: {},
  problems,
});

const isText = (value: unknown): value is string => typeof value === 'string';

/** Takes the selected pairs out; the edits, or why it can't be done. */
const editsFor = (context: CutContext, selection: Selection): readonly Edit[] | Problem => {
  const { document } = context;
  const edits: Edit[] = [...selection.replaced];
  for (const [map, gone] of selection.gone) {
    const cut = cutPairs(context, map, gone);
    if (cut === undefined) {
      // The map goes whole with its owner: then there is nothing to do here.
      if ((map.items as MapPair[]).every((pair) => gone.has(pair))) continue;
      return refuse(document, map, [], 'this cannot be cut out byte for byte', 'write each key on a line of its own');
    }
    edits.push(...cut);
  }
  const merged = mergeEdits(edits);
  return mergeEdits([...merged, ...moveAnchors(document, merged)]);
};

/**
 * Splits a user-data document. `file` is its name for messages and key paths.
 * A document that can't be cut without changing what is kept is refused with a problem, never guessed at.
 */
export const stripUserData = (text: string, file: string): StrippedUserData => {
  const header = checkHeader(text, file);
  const { document, problems } = parseYaml(text, file);
  if (document === undefined) return nothing([...header, ...problems]);
  const { root } = document;
  if (root === null) return { ...nothing([...header, ...problems]), kept: withHeader(text) };
  if (!isMap(root)) {
    const what = 'the file is no map of keys';
    return nothing([...header, problemAt(document.at(startOf(root), []), { id: 'not-a-map', severity: 'error', what, hint: 'write "key: value" lines' })]);
  }

  const selection = select(document, root);
  const context = cutContext(document);
  const data = asRecord(toData(document, root));
  const settings = readSettingsMap(document, entriesOf(document, root).get('slipway') ?? null, ['slipway']);
  const found: Problem[] = [...header, ...selection.problems, ...settings.problems];
  const edits = selection.problems.length > 0 ? [] : editsFor(context, selection);
  let kept = '';
  let applied: readonly Edit[] = [];
  if ('id' in edits) found.push(edits);
  else if (selection.problems.length === 0) {
    applied = edits;
    found.push(...keptHelpers(document, applied));
    kept = withHeader(applyEdits(text, applied));
    if (applied.length > 0) {
      const again = parseYaml(kept, file);
      const meaning = again.document === undefined ? '' : meaningOf(again.document, again.document.root);
      const empty = again.document !== undefined && again.document.root === null ? ['map'] : meaning;
      if (JSON.stringify(empty) !== JSON.stringify(selection.expected)) {
        found.push(refuse(document, root, [], 'the install-only keys cannot be cut out without changing what is kept', 'write each key on lines of its own, without aliases across them'));
      }
    }
  }
  const items: MaterialItem[] = [];
  for (const { keyPath, pair, searched } of selection.taken) collectMaterial(document, pair.value, keyPath, searched, items);
  items.push(...cutComments(context, applied, selection.taken));
  return {
    kept: found.some(isError) ? '' : kept,
    removed: selection.taken.map(({ keyPath, pair }) => ({ file, keyPath, line: document.place(startOf(pair.key)).line })),
    items,
    steps: installSteps(document),
    install: asRecord(data['install']),
    strict: data['strict'] === true,
    environment: Array.isArray(data['env']) ? data['env'].filter(isText) : [],
    configUrl: isText(data['config_url']) ? data['config_url'] : null,
    settings: settings.layer,
    problems: found,
  };
};

/**
 * Reads an installer-data document. All of it is install-only: every value, every key that is no fixed word and
 * every comment is material. Values of `install:` keys whose effect stays are not searched for.
 */
export const stripInstallerData = (text: string, file: string): StrippedInstallerData => {
  const header = checkHeader(text, file, { strict: true });
  const { document, problems } = parseYaml(text, file);
  const empty: StrippedInstallerData = { items: [], steps: [], settings: {}, install: {}, receiptKey: null, problems: [...header, ...problems] };
  if (document === undefined || document.root === null) return empty;
  if (!isMap(document.root)) {
    const what = 'the file is no map of keys';
    const wrong = problemAt(document.at(startOf(document.root), []), { id: 'not-a-map', severity: 'error', what, hint: 'write "key: value" lines' });
    return { ...empty, problems: [...empty.problems, wrong] };
  }
  const top = entriesOf(document, document.root);
  const items: MaterialItem[] = [];
  for (const [key, value] of top) {
    if (key !== 'install') {
      if (!isInstallOnlyTopLevel(key) && key !== 'stages') items.push({ file, keyPath: [key], value: key, searched: true });
      collectMaterial(document, value, [key], true, items);
      continue;
    }
    for (const [name, inner] of entriesOf(document, value)) {
      collectMaterial(document, inner, ['install', name], isSearchedInstallKey(name), items);
    }
  }
  // Anchored values that nothing else reaches are material as well.
  visit(document.root, {
    Scalar: (_key, node) => {
      if (node.anchor !== undefined) collectMaterial(document, node, [], true, items);
    },
  });
  for (const comment of cutContext(document).comments) {
    if (isHeaderLine(comment.source)) continue;
    const item = commentItem(document, comment, []);
    if (item.value !== '') items.push(item);
  }
  const settings = readSettingsMap(document, top.get('slipway') ?? null, ['slipway']);
  return {
    items,
    steps: installSteps(document),
    settings: settings.layer,
    install: asRecord(toData(document, top.get('install') ?? null)),
    receiptKey: settings.receiptKey,
    problems: [...empty.problems, ...settings.problems],
  };
};
