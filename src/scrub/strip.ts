/**
 * The first wall: splits a configuration into what is kept and what is install-only, before anything runs.
 * Pure. What is kept is kept byte for byte; the cut is checked by reading the result again, and refused when
 * it would say anything else than the original without the install-only keys.
 */
import { isMap, isSeq, visit } from 'yaml';
import type { YAMLMap } from 'yaml';
import type { MaterialItem } from '../model/audit.ts';
import type { Problem } from '../model/problem.ts';
import { isError, problemAt } from '../model/problem.ts';
import type { SettingLayer } from '../model/settings.ts';
import type { StageStep } from '../model/stages.ts';
import { isTrue } from '../model/truth.ts';
import { checkHeader, isHeaderLine, withHeader } from '../sources/header.ts';
import { readSettingsMap } from '../sources/settings-map.ts';
import type { KeyPath, ParsedYaml } from '../sources/yaml-nodes.ts';
import { parseYaml } from '../sources/yaml.ts';
import { entriesOf, follow, startOf, toData, writtenPairs } from '../sources/yaml-nodes.ts';
import type { Edit } from './strip/cut.ts';
import { applyEdits, cutContext, mergeEdits } from './strip/cut.ts';
import { cutComments, editsFor, keptHelpers } from './strip/edits.ts';
import { isInstallOnlyStage, isInstallOnlyTopLevel } from './strip/install-only.ts';
import { collectInstall, collectMaterial, collectPair, commentItem } from './strip/material.ts';
import { isSameMeaning, meaningOf } from './strip/meaning.ts';
import type { Meaning } from './strip/meaning.ts';
import { refuse, select } from './strip/select.ts';
import type { Shortened } from './strip/shorten.ts';
import { shorten, unshortened } from './strip/shorten.ts';

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

/** True when a text that was cut says what it has to say. */
const says = (text: string, file: string, expected: Meaning): boolean => {
  const { document } = parseYaml(text, file);
  if (document === undefined) return false;
  const meaning = document.root === null ? ['map'] : meaningOf(document, document.root);
  return isSameMeaning(meaning, expected);
};

/** Edits of the short text as edits of the long one; undefined when one of them begins or ends within what it leaves out. */
const carryBack = (short: Shortened, edits: readonly Edit[]): readonly Edit[] | undefined => {
  const carried: Edit[] = [];
  for (const edit of edits) {
    const start = short.back(edit.start);
    // The end is carried by the last character that goes: behind it another part of the text may begin.
    const last = edit.end > edit.start ? short.back(edit.end - 1) : start === undefined ? undefined : start - 1;
    if (start === undefined || last === undefined || last + 1 - start !== edit.end - edit.start) return undefined;
    carried.push({ start, end: last + 1, text: edit.text });
  }
  return mergeEdits(carried);
};

/** Splits what was parsed. Undefined when it cannot be cut in its short form; the whole document always gives an answer. */
const splitMap = (short: Shortened, root: YAMLMap, file: string, header: readonly Problem[]): StrippedUserData | undefined => {
  const { document } = short;
  const isWhole = document.text === short.text;
  const selection = select(document, root);
  const context = cutContext(document, short.text);
  // A few keys steer the run; the rest is kept as text and needs no data.
  const dataOf = (key: string): unknown => toData(document, writtenPairs(document, root).get(key)?.value ?? null);
  const [environment, configUrl] = [dataOf('env'), dataOf('config_url')];
  const settings = readSettingsMap(document, entriesOf(document, root).get('slipway') ?? null, ['slipway']);
  const found: Problem[] = [...header, ...selection.problems, ...settings.problems];
  const edits = selection.problems.length > 0 ? [] : editsFor(context, selection);
  let kept = '';
  let applied: readonly Edit[] = [];
  if ('id' in edits) found.push(edits);
  else if (selection.problems.length === 0) {
    const carried = carryBack(short, edits);
    if (carried === undefined) return undefined;
    applied = edits;
    found.push(...keptHelpers(document, applied));
    kept = withHeader(applyEdits(short.text, carried));
    if (applied.length > 0 && !says(withHeader(applyEdits(document.text, applied)), file, selection.expected)) {
      found.push(refuse(document, root, [], 'the install-only keys cannot be cut out without changing what is kept', 'write each key on lines of its own, without aliases across them'));
    }
  }
  if (!isWhole && found.some(isError)) return undefined;
  const items: MaterialItem[] = [];
  for (const { keyPath, pair, searched } of selection.taken) collectPair(document, pair, keyPath, searched, items);
  items.push(...cutComments(context, applied, selection.taken));
  return {
    kept: found.some(isError) ? '' : kept,
    removed: selection.taken.map(({ keyPath, pair }) => ({ file, keyPath, line: document.place(startOf(pair.key)).line })),
    items,
    steps: installSteps(document),
    install: asRecord(dataOf('install')),
    strict: isTrue(dataOf('strict')),
    environment: Array.isArray(environment) ? environment.filter(isText) : [],
    configUrl: isText(configUrl) ? configUrl : null,
    settings: settings.layer,
    problems: found,
  };
};

/** `stripUserData` by the complete parser alone: the measure for the short way, and the way for everything that isn't plain. */
export const stripWholeUserData = (text: string, file: string): StrippedUserData => {
  const header = checkHeader(text, file);
  const { document, problems } = parseYaml(text, file);
  if (document === undefined) return nothing([...header, ...problems]);
  const { root } = document;
  if (root === null) return { ...nothing([...header, ...problems]), kept: withHeader(text) };
  if (!isMap(root)) {
    const what = 'the file is no map of keys';
    return nothing([...header, problemAt(document.at(startOf(root), []), { id: 'not-a-map', severity: 'error', what, hint: 'write "key: value" lines' })]);
  }
  return splitMap(unshortened(document), root as YAMLMap, file, header) ?? nothing([...header, ...problems]);
};

/**
 * Splits a user-data document. `file` is its name for messages and key paths.
 * A document that can't be cut without changing what is kept is refused with a problem, never guessed at.
 */
export const stripUserData = (text: string, file: string): StrippedUserData => {
  const short = shorten(text, file);
  const root = short?.document.root;
  const split = short !== undefined && isMap(root) ? splitMap(short, root as YAMLMap, file, checkHeader(text, file)) : undefined;
  return split ?? stripWholeUserData(text, file);
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
    collectInstall(document, value, items);
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
