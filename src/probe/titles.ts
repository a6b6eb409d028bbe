/** Looks into file systems that nobody has mounted for the name of the system on them; reads only. */
import type { System } from '../system/port.ts';
import { looksLikeKairos, kairosLabelsOf } from './contents.ts';
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

/** The command that prints a file of an unmounted ext file system. `offset` in bytes for disk image files. */
export const catCommand = (file: string, path: string, offset?: number): readonly string[] => [
  'debugfs',
  '-R',
  `cat ${file}`,
  offset === undefined ? path : `${path}?offset=${offset}`,
];

/** Titles by kname. Needs root; gives nothing, and no problem, where it can't look. */
export const readTitles = async (system: System, devices: readonly BlockDevice[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>> => {
  if (!system.isRoot()) return new Map();
  const found = await Promise.all(
    devices
      .filter(mayHoldSystem)
      .slice(0, most)
      .map(async (device) => {
        const result = await system.run(catCommand('/usr/lib/os-release', device.path), {
          timeout: patience,
          maxBytes: 65_536,
          ...(signal === undefined ? {} : { signal }),
        });
        const title = result.exitCode === 0 ? releaseTitle(parseRelease(result.stdout)) : null;
        return title === null ? [] : [[device.kname, title] as const];
      }),
  );
  return new Map(found.flat());
};
