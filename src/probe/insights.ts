/** Looks into file systems for the name of the system on them and for the configuration of a finished install; reads only. */
import type { System } from '../system/port.ts';
import { isUnfinished, kairosLabelsOf, looksLikeKairos } from './contents.ts';
import { catCommand } from './debugfs.ts';
import { readKeptConfigSha256 } from './kept-config.ts';
import type { BlockDevice } from './lsblk.ts';
import { parseRelease, releaseTitle } from './release.ts';

/** At most so many file systems, each for so long (ms): a machine with many disks is not held up. */
const most = 8;
const patience = 2000;

const smallestRoot = 256 * 1024 * 1024;

const mayHoldSystem = (device: BlockDevice): boolean =>
  device.type === 'part' &&
  /^ext[234]$/.test(device.fstype ?? '') &&
  device.size >= smallestRoot &&
  device.mountpoints.length === 0 &&
  device.doubts.length === 0 &&
  !looksLikeKairos(kairosLabelsOf([device]));

/** COS_OEM of a finished install. An encrypted one has another file system type and can't be read. */
const isOem = (device: BlockDevice, all: readonly BlockDevice[]): boolean =>
  device.type === 'part' &&
  /^ext[234]$/.test(device.fstype ?? '') &&
  device.label === 'COS_OEM' &&
  device.doubts.length === 0 &&
  !isUnfinished(all.filter((other) => other.parents.some((parent) => device.parents.includes(parent))));

export interface Insights {
  /** Names of systems, by kname of the file system's device. */
  readonly titles: ReadonlyMap<string, string>;
  /** SHA-256 (hex) of kept configurations, by kname of COS_OEM. */
  readonly installed: ReadonlyMap<string, string>;
}

export const noInsights: Insights = { titles: new Map(), installed: new Map() };

/** Needs root; gives nothing, and no problem, where it can't look. */
export const readInsights = async (system: System, devices: readonly BlockDevice[], signal?: AbortSignal): Promise<Insights> => {
  if (!system.isRoot()) return noInsights;
  const titleOf = async (device: BlockDevice): Promise<readonly (readonly [string, string])[]> => {
    const result = await system.run(catCommand('/usr/lib/os-release', device.path), {
      timeout: patience,
      maxBytes: 65_536,
      ...(signal === undefined ? {} : { signal }),
    });
    const title = result.exitCode === 0 ? releaseTitle(parseRelease(result.stdout)) : null;
    return title === null ? [] : [[device.kname, title]];
  };
  const hashOf = async (device: BlockDevice): Promise<readonly (readonly [string, string])[]> => {
    const hash = await readKeptConfigSha256(system, device.path, 0);
    return hash === null ? [] : [[device.kname, hash]];
  };
  const [titles, installed] = await Promise.all([
    Promise.all(devices.filter(mayHoldSystem).slice(0, most).map(titleOf)),
    Promise.all(devices.filter((device) => isOem(device, devices)).slice(0, most).map(hashOf)),
  ]);
  return { titles: new Map(titles.flat()), installed: new Map(installed.flat()) };
};
