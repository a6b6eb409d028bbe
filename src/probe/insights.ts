/**
 * Looks into disks for the name of the system on them, the configuration of a finished install and the boot code of an unfinished one;
 * reads only.
 */
import { bootCodeSize, isBootStub } from '../model/boot-stub.ts';
import type { System } from '../system/port.ts';
import { isUnfinished, kairosLabelsOf, looksLikeKairos } from './contents.ts';
import { catCommand } from './debugfs.ts';
import { readKeptConfigSha256 } from './kept-config.ts';
import { within } from './limit.ts';
import { withDescendants } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import { parseRelease, releaseTitle } from './release.ts';

/** At most so many of each kind: a machine with many disks is not held up. */
const most = 8;

/** ms */
const patience = 2000;

const smallestRoot = 256 * 1024 * 1024;

const isExt = (device: BlockDevice): boolean => device.type === 'part' && /^ext[234]$/.test(device.fstype ?? '') && device.doubts.length === 0;

const mayHoldSystem = (device: BlockDevice): boolean =>
  isExt(device) && device.size >= smallestRoot && device.mountpoints.length === 0 && !looksLikeKairos(kairosLabelsOf([device]));

/** COS_OEM of a finished install. An encrypted one has another file system type and can't be read. */
const isOem = (device: BlockDevice, all: readonly BlockDevice[]): boolean =>
  isExt(device) && device.label === 'COS_OEM' && !isUnfinished(all.filter((other) => other.parents.some((parent) => device.parents.includes(parent))));

const isState = (device: BlockDevice): boolean => device.type === 'part' && device.label === 'COS_STATE' && device.doubts.length === 0;

/** A disk that would pass for an installed one, had the agent that laid it down not been cut off. */
const mayHoldStub = (disk: BlockDevice, byName: ReadonlyMap<string, BlockDevice>): boolean => {
  if (disk.pttype !== 'gpt' || disk.doubts.length > 0) return false;
  const all = withDescendants(disk.kname, byName);
  return looksLikeKairos(kairosLabelsOf(all)) && !isUnfinished(all);
};

export interface Insights {
  /** Names of systems, by kname of the file system's device. */
  readonly titles: ReadonlyMap<string, string>;
  /** Why the version of a Kairos is not known, by kname of COS_STATE. */
  readonly untold: ReadonlyMap<string, string>;
  /** SHA-256 (hex) of kept configurations, by kname of COS_OEM. */
  readonly installed: ReadonlyMap<string, string>;
  /** knames of disks that carry the boot code of an unfinished install. */
  readonly stubs: ReadonlySet<string>;
}

export const noInsights: Insights = { titles: new Map(), untold: new Map(), installed: new Map(), stubs: new Set() };

const carriesStub = async (system: System, path: string): Promise<boolean> => {
  try {
    const disk = await system.open(path);
    try {
      const sector = new Uint8Array(512);
      return (await disk.read(sector, 0)) >= bootCodeSize && isBootStub(sector);
    } finally {
      await disk.close();
    }
  } catch {
    return false;
  }
};

/** Needs root. What it cannot look at, and what it has no time for (`limit`, ms), is left out; what is `known` is not looked at again. */
export const readInsights = async (system: System, devices: readonly BlockDevice[], limit: number, signal?: AbortSignal, known: Insights = noInsights): Promise<Insights> => {
  const states = devices.filter((device) => isState(device) && !known.titles.has(device.kname));
  const found = { titles: new Map(known.titles), untold: new Map<string, string>(), installed: new Map(known.installed), stubs: new Set<string>() };
  const isRoot = system.isRoot();
  for (const { kname } of states) found.untold.set(kname, isRoot ? 'there was no time to look' : 'only root can look');
  if (!isRoot) return found;
  const byName = new Map(devices.map((device) => [device.kname, device]));
  const nameSystem = async (device: BlockDevice): Promise<void> => {
    const command = catCommand('/usr/lib/os-release', device.path);
    const result = await system.run(command, { timeout: patience, maxBytes: 65_536, ...(signal === undefined ? {} : { signal }) });
    const title = result.exitCode === 0 ? releaseTitle(parseRelease(result.stdout)) : null;
    if (title !== null) found.titles.set(device.kname, title);
  };
  const nameKairos = async (device: BlockDevice): Promise<void> => {
    const { readKairosVersion } = await import('./kairos-version.ts');
    const reading = await readKairosVersion(system, device);
    if ('unknown' in reading) found.untold.set(device.kname, reading.unknown);
    else found.titles.set(device.kname, reading.title);
  };
  const hashConfig = async (device: BlockDevice): Promise<void> => {
    const hash = await readKeptConfigSha256(system, device.path, 0);
    if (hash !== null) found.installed.set(device.kname, hash);
  };
  const findStub = async (device: BlockDevice): Promise<void> => {
    if (await carriesStub(system, device.path)) found.stubs.add(device.kname);
  };
  const work = Promise.all([
    ...devices.filter((device) => device.parents.length === 0 && mayHoldStub(device, byName)).slice(0, most).map(findStub),
    ...devices.filter((device) => isOem(device, devices) && !known.installed.has(device.kname)).slice(0, most).map(hashConfig),
    ...states.slice(0, most).map(nameKairos),
    ...devices.filter((device) => mayHoldSystem(device) && !known.titles.has(device.kname)).slice(0, most).map(nameSystem),
  ]);
  await within(system, limit, work, [], () => undefined);
  // What comes later must not change what was told.
  return { titles: new Map(found.titles), untold: new Map(found.untold), installed: new Map(found.installed), stubs: new Set(found.stubs) };
};
