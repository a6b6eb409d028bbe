/** File systems that files can be read from: data volumes, sticks, the live medium. */
import type { Volume, VolumeKind } from '../model/facts.ts';
import { cosLabels } from '../model/labels.ts';
import { isDataVolume } from './contents.ts';
import { withAncestors } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import type { LiveMedium } from './live-medium.ts';

const readable: ReadonlySet<string> = new Set(['iso9660', 'udf', 'vfat', 'exfat', 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'ntfs']);

/** Devices that a person can put files on; the inside of images and arrays is not offered. */
const carriers: ReadonlySet<string> = new Set(['disk', 'part', 'rom', 'mpath', 'lvm', 'crypt']);

/**
 * The live medium is never a data volume, whatever its label. A hybrid ISO shows the same file system on the disk and on
 * its first partition: the disk alone is listed.
 */
export const findVolumes = (devices: readonly BlockDevice[], live: LiveMedium): readonly Volume[] => {
  const byName = new Map(devices.map((device) => [device.kname, device]));
  return devices.flatMap((device) => {
    if (device.fstype === null || !readable.has(device.fstype) || !carriers.has(device.type) || device.doubts.length > 0) return [];
    if ((cosLabels as readonly string[]).includes(device.label ?? '')) return [];
    const below = withAncestors(device.kname, byName);
    const twin = below.find((other) => other !== device && other.fstype === device.fstype && other.label === device.label);
    if (twin !== undefined) return [];
    const isLive = below.some((other) => live.running.has(other.kname) || live.devices.has(other.kname));
    const kind: VolumeKind = isLive ? 'live-medium' : isDataVolume(device) ? 'data-volume' : 'other';
    return [{ path: device.path, label: device.label, fstype: device.fstype, size: device.size, kind }];
  });
};
