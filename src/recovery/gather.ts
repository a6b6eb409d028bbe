/** Reads from a node what its status is made of. Reads only; what cannot be read is said to be unknown. */
import { createHash } from 'node:crypto';
import type { Facts } from '../model/facts.ts';
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { assessmentFile } from '../engine/builtin/boot-assessment.ts';
import { parseGrubEnvironment } from '../engine/grubenv.ts';
import { readSystem } from './images.ts';
import { isLocked, labelOf, nodePartitionNames, partitionOf } from './node.ts';
import type { InstalledNode, NodePartition } from './node.ts';
import { readNodeLog } from './node-log.ts';
import { bootEnvironmentOn, statusOf } from './status.ts';
import { readSwapMark } from './swap-mark.ts';
import { systemNames } from './system-names.ts';
import type { SystemName } from './system-names.ts';
import type { ConfigFile, Health, NodeFiles, NodeStatus } from './status.ts';
import { isUsablePath, openStore } from './store.ts';
import type { Store } from './store.ts';
import { extName } from './store/ext.ts';

export const sentinelPath = '/.kairos/sentinel_firstboot';

const patience = 15_000;

/** `undefined` instead of an error: a damaged partition must not hide the others. */
const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
};

/** From the superblock alone: quick, also for big partitions. The whole check is an action. */
export const readHealth = (text: string): Health => {
  const state = /^Filesystem state:\s+(.*)$/m.exec(text)?.[1]?.trim();
  if (state === undefined) return 'unreadable';
  if (/error/.test(state)) return 'errors';
  if (/\bneeds_recovery\b/.test(/^Filesystem features:\s+(.*)$/m.exec(text)?.[1] ?? '')) return 'journal';
  return /^clean$/.test(state) ? 'clean' : 'errors';
};

const healthOf = async (system: System, partition: NodePartition): Promise<Health> => {
  if (partition.name === 'efi') return partition.fstype === 'vfat' ? 'unknown' : 'unreadable';
  if (isLocked(partition)) return 'unknown';
  const { stdout, exitCode, missing } = await system.run(['dumpe2fs', '-h', extName(partition)], { timeout: patience });
  if (missing) return 'unknown';
  const health = exitCode === 0 ? readHealth(stdout) : 'unreadable';
  // A mounted one always has a journal to play.
  return partition.mountpoint !== null && health === 'journal' ? 'clean' : health;
};

const readConfig = async (store: Store): Promise<readonly ConfigFile[]> => {
  const rows = (await store.list('/')) ?? [];
  const files = rows.filter(({ kind, name }) => kind === 'file' && (/\.ya?ml$/.test(name) || name === 'userdata') && isUsablePath(`/${name}`));
  return Promise.all(
    files.map(async ({ name, size, mode }) => ({ name, size, mode: mode.toString(8).padStart(4, '0'), sha256: createHash('sha256').update((await store.readText(`/${name}`)) ?? '').digest('hex') })),
  );
};

const grubConfigOf = async (store: Store): Promise<string | null> => (await store.readText('/grub2/grub.cfg')) ?? (await store.readText('/grub/grub.cfg')) ?? (await store.readText('/grub2/x86_64-efi/grub.cfg'));

export interface GatheredNode {
  readonly status: NodeStatus;
  readonly files: NodeFiles;
}

/** `facts` is null for an image file. */
export const gatherNode = async (system: System, node: InstalledNode, facts: Facts | null): Promise<GatheredNode> => {
  const storeOf = (name: NodePartition['name']): Store | null => {
    const partition = partitionOf(node, name);
    return partition === null ? null : openStore(system, partition);
  };
  const [oem, state, recovery, persistent] = [storeOf('oem'), storeOf('state'), storeOf('recovery'), storeOf('persistent')];
  const health: Partial<Record<NodePartition['name'], Health>> = {};
  for (const name of nodePartitionNames) {
    const partition = partitionOf(node, name);
    if (partition !== null) health[name] = await healthOf(system, partition);
  }
  const systems = await Promise.all(
    systemNames.map(async (name) => {
      const row = await attempt(() => readSystem(system, name === 'recovery' ? recovery : state, name));
      const holder = name === 'recovery' ? 'recovery' : 'state';
      return row ?? { name, present: false, size: 0, damage: partitionOf(node, holder) === null ? `there is no ${labelOf[holder]}` : 'its partition cannot be read', version: null, files: null };
    }),
  );
  const environment = bootEnvironmentOn(node.partitions) === 'state' ? state : oem;
  const grubenvText = environment === null ? null : ((await attempt(() => environment.readText('/grubenv'))) ?? null);
  const unfinishedUpgrades: SystemName[] = [];
  for (const store of [state, recovery]) {
    const mark = store === null ? null : ((await attempt(() => readSwapMark(store))) ?? null);
    if (mark !== null) unfinishedUpgrades.push(mark.system);
  }
  const assessmentText = state === null ? null : ((await attempt(() => state.readText(`/${assessmentFile}`))) ?? null);
  const bootState = facts?.boot.state;
  const log = await readNodeLog(system, persistent, node.kind !== 'running' ? 'nothing' : bootState === 'active' || bootState === 'passive' ? 'system' : 'recovery');
  const files: NodeFiles = {
    systems,
    health,
    grubenv: grubenvText === null ? null : parseGrubEnvironment(grubenvText),
    assessment: assessmentText === null ? null : parseGrubEnvironment(assessmentText),
    grubConfig: state === null ? null : ((await attempt(() => grubConfigOf(state))) ?? null),
    config: oem === null ? null : ((await attempt(() => readConfig(oem))) ?? null),
    closed: oem === null ? null : ((await attempt(async () => (await oem.stat('/95_userdata')) !== null)) ?? null),
    deployed: persistent === null ? null : ((await attempt(async () => (await persistent.stat(sentinelPath)) !== null)) ?? null),
    oemFree: oem === null ? null : ((await attempt(() => oem.freeSpace())) ?? null),
    unfinishedUpgrades,
    sentinels: node.kind === 'running' ? ((await system.list('/run/cos')) ?? []) : [],
    log: log.lines,
    logFrom: log.from,
  };
  return { status: statusOf(node, facts, files), files };
};
