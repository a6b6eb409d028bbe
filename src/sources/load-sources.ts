/**
 * All configuration on offer, read and split: data volume, files, addresses, presets, and what they in turn name with
 * `config_url`. Effects through the port only; nothing is written.
 */
import type { MaterialItem } from '../model/audit.ts';
import type { ConfigSources, ReadDocument } from '../model/config-sources.ts';
import type { Facts } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { formatKeyPath, isError } from '../model/problem.ts';
import type { Answers, SettingLayer } from '../model/settings.ts';
import type { StageStep } from '../model/stages.ts';
import { stripInstallerData, stripUserData } from '../scrub/strip.ts';
import type { System } from '../system/port.ts';
import { buildKeptConfig } from './answers-to-config.ts';
import type { DataVolume } from './data-volume.ts';
import { findDataVolume, readDataVolume } from './data-volume.ts';
import { checkInstallerData } from './installer-data.ts';
import { mergeData } from './merge-data.ts';
import { readMetaData } from './meta-data.ts';
import { fetchDocument, readConfigText } from './read-config.ts';
import { checkUserData } from './user-data.ts';

export type LoadedDocument = ReadDocument;
export type LoadedSources = ConfigSources;

/** A document that was written or picked by hand: it stands in for every user-data document. */
export interface GivenDocument {
  readonly name: string;
  readonly text: string;
}

/** `config_url` of a fetched document may name a third one; a chain longer than this goes in a circle. */
const longestChain = 8;

/** ms between two looks for a data volume */
const pollPause = 500;

const userDataWithRemotes = async (system: System, first: LoadedDocument, signal: AbortSignal): Promise<{ documents: LoadedDocument[]; problems: Problem[] }> => {
  const documents = [first];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (let last: LoadedDocument | undefined = first; last !== undefined; ) {
    const { configUrl }: { readonly configUrl: string | null } = stripUserData(last.text, last.name);
    if (configUrl === null || configUrl === '') break;
    if (seen.has(configUrl) || documents.length > longestChain) {
      problems.push({ id: 'config-url-circle', severity: 'error', what: '"config_url" leads in a circle', where: last.name, hint: 'remove it from one of the documents' });
      break;
    }
    seen.add(configUrl);
    const read = await fetchDocument(system, configUrl, signal);
    problems.push(...read.problems);
    if (read.text === undefined) break;
    last = { name: read.name, kind: 'user-data', text: read.text };
    documents.push(last);
  }
  return { documents, problems };
};

const waitForVolume = async (
  system: System,
  facts: Facts,
  answers: Answers,
  signal: AbortSignal,
  refresh: (() => Promise<Facts>) | undefined,
  configUrl: string | null,
): Promise<ReturnType<typeof findDataVolume>> => {
  const wanted = answers['data-volume']?.value ?? 'auto';
  const nothingGiven = answers.config === undefined && answers['installer-data'] === undefined && configUrl === null;
  const seconds = answers['wait-for-data']?.value ?? (answers.unattended?.value === true && nothingGiven ? 30 : 0);
  const end = system.now() + seconds * 1000;
  for (let current = facts; ; ) {
    const found = await findDataVolume(system, current, wanted);
    const there = found.place !== null || found.problems.some((problem) => problem.id !== 'data-volume-missing');
    // A file that isn't there won't be plugged in.
    const isFile = wanted.includes('/') && !wanted.startsWith('/dev/');
    if (there || isFile || wanted === 'none' || refresh === undefined || system.now() >= end) {
      if (there || found.problems.length > 0 || wanted === 'none' || !nothingGiven || answers.unattended?.value !== true) return found;
      const what = 'no data volume is attached and no configuration is given';
      return { place: null, problems: [{ id: 'data-volume-missing', severity: 'error', what, where: '--data-volume auto', hint: 'attach a volume labelled SLIPWAY or cidata, or give --config' }] };
    }
    await system.sleep(pollPause, signal);
    current = await refresh();
  }
};

/** Documents of one kind: those that were named, else that of the data volume. */
const readNamed = async (
  system: System,
  names: readonly string[] | undefined,
  kind: LoadedDocument['kind'],
  volume: DataVolume | null,
  signal: AbortSignal,
): Promise<{ documents: LoadedDocument[]; problems: Problem[] }> => {
  const documents: LoadedDocument[] = [];
  const problems: Problem[] = [];
  if (names === undefined) {
    const file = kind === 'user-data' ? volume?.userData : volume?.installerData;
    if (file !== undefined) documents.push({ ...file, kind });
    return { documents, problems };
  }
  for (const name of names) {
    const read = await readConfigText(system, name, signal);
    problems.push(...read.problems);
    if (read.text !== undefined) documents.push({ name: read.name, kind, text: read.text });
  }
  return { documents, problems };
};

/** Two documents may have one name (the last part of an address): then they are numbered, because key paths name them. */
const withUniqueNames = (documents: readonly LoadedDocument[]): readonly LoadedDocument[] => {
  const counts = new Map<string, number>();
  return documents.map((document) => {
    const count = (counts.get(document.name) ?? 0) + 1;
    counts.set(document.name, count);
    return count === 1 ? document : { ...document, name: `${document.name} (${count})` };
  });
};

const unique = (problems: readonly Problem[]): readonly Problem[] => {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.id, problem.where, problem.what]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

/** Splits documents that were read. Pure; `loadSources` without the reading. */
export const splitDocuments = (
  given: readonly LoadedDocument[],
  dataVolume: LoadedSources['dataVolume'],
  metaHostname: string | null,
  earlier: readonly Problem[],
): LoadedSources => {
  const documents = withUniqueNames(given);
  const problems: Problem[] = [...earlier];
  const items: MaterialItem[] = [];
  const steps: StageStep[] = [];
  const removed: string[] = [];
  let userInstall: Readonly<Record<string, unknown>> = {};
  let installerInstall: Readonly<Record<string, unknown>> = {};
  let settings: SettingLayer = {};
  let userSettings: SettingLayer = {};
  let strict = false;
  let receiptKey: string | null = null;
  // Of a document that is not there or cannot be read nobody knows what it would have brought.
  let incomplete = earlier.some(isError);
  for (const { name, kind, text } of documents) {
    if (kind === 'user-data') {
      const split = stripUserData(text, name);
      problems.push(...checkUserData(text, name, 'part'), ...split.problems);
      incomplete ||= split.kept === '';
      items.push(...split.items);
      steps.push(...split.steps);
      removed.push(...split.removed.map((entry) => `${name}: ${formatKeyPath(entry.keyPath)}`));
      userInstall = mergeData(userInstall, split.install);
      userSettings = { ...userSettings, ...split.settings };
      strict ||= split.strict;
    } else {
      const split = stripInstallerData(text, name);
      problems.push(...checkInstallerData(text, name, 'part'), ...split.problems);
      incomplete ||= split.items.length === 0 && split.problems.some(isError);
      items.push(...split.items);
      steps.push(...split.steps);
      removed.push(`${name}: all of it`);
      installerInstall = mergeData(installerInstall, split.install);
      settings = { ...settings, ...split.settings };
      receiptKey = split.receiptKey ?? receiptKey;
    }
  }
  const userData = documents.filter((document) => document.kind === 'user-data');
  const keptText = userData.length === 0 || problems.some(isError) ? null : buildKeptConfig({ documents: userData, answers: {}, metaHostname: null }).text;
  return {
    documents,
    dataVolume,
    keptText,
    metaHostname,
    removed,
    items,
    steps,
    install: mergeData(userInstall, installerInstall),
    userInstall,
    installerInstall,
    settings,
    userSettings,
    strict,
    receiptKey,
    ...(incomplete ? { incomplete } : {}),
    problems: unique(problems),
  };
};

/**
 * Reads and splits everything. `answers` are those known before any document was read (flags, kernel line). `refresh`
 * looks at the machine anew while a data volume is waited for; without it there is no waiting. `instead` takes the place
 * of the user-data that would be read. `configUrl` is that of the kernel line: it is merged over what lies below the kernel line
 * (installer-data's choice, the data volume), and under what a flag or a person named.
 */
export const loadSources = async (
  system: System,
  facts: Facts,
  answers: Answers,
  signal: AbortSignal,
  refresh?: () => Promise<Facts>,
  instead?: GivenDocument,
  configUrl: string | null = null,
): Promise<LoadedSources> => {
  const problems: Problem[] = [];
  const found = await waitForVolume(system, facts, answers, signal, refresh, configUrl);
  problems.push(...found.problems);
  const volume = found.place === null ? null : await readDataVolume(system, found.place);
  problems.push(...(volume?.problems ?? []));
  signal.throwIfAborted();

  const installer = await readNamed(system, answers['installer-data']?.value, 'installer-data', volume, signal);
  problems.push(...installer.problems);
  // `slipway.config` of installer-data counts where nothing higher names a configuration.
  const fromInstaller = installer.documents.flatMap((document) => stripInstallerData(document.text, document.name).settings.config ?? []);
  const names = answers.config?.value ?? (fromInstaller.length > 0 ? fromInstaller : undefined);
  const user = instead === undefined ? await readNamed(system, names, 'user-data', volume, signal) : { documents: [{ ...instead, kind: 'user-data' as const }], problems: [] };
  problems.push(...user.problems);
  const far = configUrl === null || instead !== undefined ? null : await fetchDocument(system, configUrl, signal);
  problems.push(...(far?.problems ?? []));
  const fromKernel: LoadedDocument[] = far?.text === undefined ? [] : [{ name: far.name, kind: 'user-data', text: far.text }];
  const namedAbove = answers.config?.origin === 'flag' || answers.config?.origin === 'console';
  const documents: LoadedDocument[] = [];
  for (const document of namedAbove ? [...fromKernel, ...user.documents] : [...user.documents, ...fromKernel]) {
    const chain = await userDataWithRemotes(system, document, signal);
    documents.push(...chain.documents);
    problems.push(...chain.problems);
  }
  const meta = volume?.metaData === undefined ? null : readMetaData(volume.metaData.text, volume.metaData.name);
  problems.push(...(meta?.problems ?? []));
  const dataVolume = volume === null ? null : { path: volume.path, label: volume.label, fstype: volume.fstype, writable: volume.writable };
  return splitDocuments([...documents, ...installer.documents], dataVolume, meta?.localHostname ?? null, problems);
};
