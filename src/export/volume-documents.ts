/**
 * The three files of a data volume, made from configuration and answers. Pure. What stays on a node goes into `user-data`, all that is
 * for the install only into `installer-data`: a plain Kairos that reads the volume, also again on a later boot, finds nothing in it
 * that must not stay.
 */
import type { Problem } from '../model/problem.ts';
import { settings } from '../model/settings.ts';
import type { SettingLayer } from '../model/settings.ts';
import { isInstallStage } from '../model/stages.ts';
import { buildKeptConfig } from '../sources/answers-to-config.ts';
import type { ConfigAnswers } from '../sources/answers-to-config.ts';
import { mergeSpelled } from '../sources/merge.ts';
import { fileSettings } from '../sources/settings-map.ts';
import type { Spelled } from '../sources/spelled.ts';
import { printSpelled, spell, spelledText } from '../sources/spelled.ts';
import { parseYaml } from '../sources/yaml.ts';
import { entriesOf } from '../sources/yaml-nodes.ts';

export interface VolumeDocument {
  readonly name: string;
  readonly kind: 'user-data' | 'installer-data';
  readonly text: string;
}

export interface VolumeInput {
  readonly documents: readonly VolumeDocument[];
  readonly answers: ConfigAnswers;
  /** Flags that go into the `slipway:` map; what is about this run alone is left out. */
  readonly settings: SettingLayer;
  readonly metaHostname: string | null;
  /** `instance-id` of meta-data. */
  readonly instanceId: string;
}

export interface VolumeFiles {
  readonly userData: string;
  /** null when nothing is install-only. */
  readonly installerData: string | null;
  readonly metaData: string;
  readonly problems: readonly Problem[];
}

/** Settings that say where this very command finds things, or that are in user-data already. */
const ofThisRun: ReadonlySet<string> = new Set(['config', 'installer-data', 'data-volume', 'wait-for-data', 'target-image', 'image-size', 'hostname', 'user', 'ssh-key', 'password-file', 'expect-plan']);

/** Top-level keys of a user-data that are install-only and have no place in installer-data. */
const withoutPlace = ['config_url', 'env', 'debug', 'strict', 'cloud-init-paths'] as const;

const mapOf = (entries: Iterable<readonly [string, Spelled]>): Spelled => ({ kind: 'map', entries: new Map(entries) });

const emptyMap = mapOf([]);

/** The part of a user-data that installer-data takes: `install:`, the install stages, `slipway:`. */
const installPart = (text: string, name: string, problems: Problem[]): Spelled => {
  const { document } = parseYaml(text, name);
  if (document === undefined) return emptyMap;
  const entries: [string, Spelled][] = [];
  for (const [key, node] of entriesOf(document, document.root)) {
    if (key === 'install' || key === 'slipway') entries.push([key, spell(document, node)]);
    if (key === 'stages') {
      const stages = [...entriesOf(document, node)].filter(([stage]) => isInstallStage(stage)).map(([stage, list]) => [stage, spell(document, list)] as const);
      if (stages.length > 0) entries.push([key, mapOf(stages)]);
    }
    if ((withoutPlace as readonly string[]).includes(key)) {
      problems.push({ id: 'export-left-out', severity: 'warning', what: `"${key}" is install-only and has no place in installer-data: it is left out`, where: name, hint: 'give it by hand where it is needed' });
    }
  }
  return mapOf(entries);
};

const wholeOf = (text: string, name: string): Spelled => {
  const { document } = parseYaml(text, name);
  return document === undefined ? emptyMap : spell(document, document.root);
};

const spellSetting = (value: unknown): Spelled => {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => spelledText(String(item))) };
  if (typeof value === 'boolean') return { kind: 'truth', plain: String(value) };
  if (typeof value === 'number') return { kind: 'number', plain: String(value) };
  return spelledText(String(value));
};

const settingsPart = (layer: SettingLayer): Spelled => {
  const rows = settings
    .filter(({ name }) => fileSettings.includes(name) && !ofThisRun.has(name) && layer[name] !== undefined)
    .map(({ name }) => [name, spellSetting(layer[name])] as const);
  return rows.length === 0 ? emptyMap : mapOf([['slipway', mapOf(rows)]]);
};

const isEmpty = (value: Spelled): boolean => value.kind === 'map' && value.entries.size === 0;

/** installer-data of one file and nothing else stays byte for byte what it is; otherwise the parts are merged as Kairos merges. */
const makeInstallerData = (input: VolumeInput, problems: Problem[]): string | null => {
  const given = input.documents.filter(({ kind }) => kind === 'installer-data');
  const parts = [
    ...input.documents.filter(({ kind }) => kind === 'user-data').map(({ name, text }) => ({ name, part: installPart(text, name, problems) })),
    ...given.map(({ name, text }) => ({ name, part: wholeOf(text, name) })),
    { name: 'flags', part: settingsPart(input.settings) },
  ].filter(({ part }) => !isEmpty(part));
  const [only] = given;
  if (given.length === 1 && only !== undefined && parts.length === 1) return only.text;
  if (parts.length === 0) return null;
  let merged: Spelled = emptyMap;
  for (const { name, part } of parts) {
    merged = mergeSpelled(merged, part, (keyPath, first, second) => {
      problems.push({ id: 'merge-kinds', severity: 'error', what: `"${keyPath.join('.')}" is ${first} in an earlier document and ${second} here`, where: name, hint: 'write the same kind of value in both' });
    });
  }
  const printed = printSpelled(merged);
  if (printed === undefined) problems.push({ id: 'cannot-merge', severity: 'error', what: 'the documents cannot be written as one without changing what they say', where: 'installer-data', hint: 'put everything into one document' });
  return printed === undefined ? null : `#cloud-config\n${printed}`;
};

/** Makes the files. The problems that the documents have by themselves are not repeated here. */
export const makeVolumeFiles = (input: VolumeInput): VolumeFiles => {
  const problems: Problem[] = [];
  const kept = buildKeptConfig({ documents: input.documents.filter(({ kind }) => kind === 'user-data'), answers: input.answers, metaHostname: input.metaHostname });
  problems.push(...kept.problems);
  const installerData = makeInstallerData(input, problems);
  const hostname = input.answers.hostname ?? input.metaHostname;
  const meta = [`instance-id: ${JSON.stringify(input.instanceId)}`, ...(hostname === null ? [] : [`local-hostname: ${JSON.stringify(hostname)}`]), ''];
  return { userData: kept.text, installerData, metaData: meta.join('\n'), problems };
};
