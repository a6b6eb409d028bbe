/** What makes a disk unfit as a target, whatever anybody consents to (invariant 2). Pure, and closed by default. */
import type { Reason } from '../model/facts.ts';
import { cleanText } from '../model/foreign-text.ts';
import { isDataVolume } from './contents.ts';
import { isSwap, isWholeDisk, mountPointsOf, multipathOver } from './disk-case.ts';
import type { Check, DiskMaterial } from './disk-case.ts';
import type { BlockDevice } from './lsblk.ts';
import { otherPathOf } from './marks.ts';
import { reason } from './reasons.ts';

/** bytes. No Kairos image with its three copies fits on less; the plan compares with the real image. */
export const smallestDisk = 2 * 1024 ** 3;

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

/** Kernel names of things that lsblk calls a disk and nobody can boot from. */
const notDisks: readonly (readonly [RegExp, string])[] = [
  [/^fd\d+$/, 'it is a floppy drive'],
  [/^nbd\d+$/, 'it is a network block device of this running system'],
  [/^(?:zram|ram)\d+$/, 'it is memory, not a disk'],
  [/^loop\d+$/, 'it is a loop device'],
  [/^sr\d+$/, 'it is an optical drive'],
  [/^mmcblk\d+(?:boot\d+|rpmb|gp\d+)$/, 'it is a special area of an eMMC chip'],
  [/^(?:mtd|ubi)(?:block)?\d/, 'it is raw flash'],
  // Where it is emulated it is gone with the power, and where it is real neither our boot loader nor Kairos's initrd finds it.
  [/^pmem\d/, 'it is persistent memory, not a disk to boot from'],
  [/^(?:bcache|drbd|zd)\d+$/, 'it is a volume of this running system'],
];

const notADisk: Check = ({ disk, sysfs }) => {
  const byName = notDisks.find(([pattern]) => pattern.test(disk.kname));
  if (byName !== undefined) return reason('not-a-disk', byName[1]);
  if (disk.type === 'rom') return reason('not-a-disk', 'it is an optical drive');
  if (disk.type === 'loop') return reason('not-a-disk', 'it is a loop device');
  if (disk.zoned === 'host-managed') return reason('not-a-disk', 'it is a host-managed zoned disk, which no boot loader can use');
  if (disk.type === 'disk' && disk.parents.length > 0) return reason('not-a-disk', 'it is a volume of this running system');
  if (isWholeDisk(disk, sysfs)) return null;
  if (/^(?:raid\d*|md|linear)$/.test(disk.type)) return reason('not-a-disk', 'it is a RAID array of this running system');
  if (disk.type === 'dm' || disk.type === 'lvm' || disk.type === 'crypt') return reason('not-a-disk', 'it is a mapping of this running system');
  return reason('not-understood', `it is of a kind that is not known (${disk.type})`);
};

const liveMedium: Check = ({ all, material }) => {
  const found = all.map((device) => material.live.devices.get(device.kname)).find((why) => why !== undefined);
  return found === undefined ? null : reason('live-medium', found);
};

const dataVolume: Check = ({ all }) => {
  const found = all.find(isDataVolume);
  return found === undefined ? null : reason('data-volume', `it holds the data volume "${found.label ?? ''}" (${found.path})`);
};

/** A file system over several disks is mounted from one of them; the others are as busy. */
const isMountedTogether = (device: BlockDevice, material: DiskMaterial): boolean => {
  if (device.fstype === 'btrfs' && device.uuid !== null) {
    return material.devices.some((other) => other.uuid === device.uuid && other.fstype === 'btrfs' && mountPointsOf(other, material).length > 0);
  }
  if (device.fstype === 'zfs_member' && device.label !== null) {
    const pool = device.label;
    return (material.mounts ?? []).some((mount) => mount.fstype === 'zfs' && mount.source.split('/')[0] === pool);
  }
  return false;
};

const mounted: Check = ({ all, material }) => {
  for (const device of all) {
    const [point] = mountPointsOf(device, material);
    if (point !== undefined) return reason('mounted', `${device.path} is mounted at ${cleanText(point, 60)}`);
    if (isMountedTogether(device, material)) return reason('mounted', `${device.path} belongs to a mounted ${device.fstype ?? ''} file system`);
  }
  return null;
};

const swap: Check = ({ all, material }) => {
  const found = all.find((device) => isSwap(device, material));
  return found === undefined ? null : reason('swap', `${found.path} is in use as swap`);
};

const heldBy = (id: 'raid-member' | 'lvm-member' | 'crypt-open', kinds: RegExp, what: string): Check => ({ disk, all, sysfs }) => {
  const found = all.find((device) => device.kname !== disk.kname && kinds.test(device.type));
  if (found !== undefined) return reason(id, `${what} (${found.path})`);
  const holder = id === 'raid-member' ? sysfs?.holders?.find((name) => /^md[\d_]/.test(name)) : undefined;
  return holder === undefined ? null : reason(id, `${what} (${cleanText(holder, 40)})`);
};

const multipathLeg: Check = (subject) => {
  const { disk, others, sysfs } = subject;
  const over = multipathOver(subject);
  if (over !== undefined) return reason('multipath-leg', `it is one path to ${over.path}`);
  if (disk.fstype === 'mpath_member') return reason('multipath-leg', 'it is one path to a multipath disk');
  if (sysfs?.hidden === true) return reason('multipath-leg', 'it is a hidden path to another disk');
  if (disk.type !== 'disk') return null;
  const twin = otherPathOf(disk, others.filter((other) => other.type === 'disk'));
  return twin === undefined ? null : reason('multipath-leg', `${twin.path} answers with the same WWN: two paths to one disk`);
};

/** A disk that lsblk or sysfs call read-only, or whose partitions are write-protected, can't be laid down. */
const readOnly: Check = ({ disk, sysfs }) =>
  disk.readOnly || sysfs?.readOnly === true ? reason('read-only', 'it is write-protected') : null;

const noMedium: Check = ({ disk, sysfs }) =>
  disk.doubts.length === 0 && (disk.size === 0 || sysfs?.size === 0) ? reason('no-medium', 'no card or disk is in it') : null;

const tooSmall: Check = ({ disk }) =>
  disk.size > 0 && disk.size < smallestDisk
    ? reason('too-small', `it has ${gigabytes(disk.size)}; an install needs ${gigabytes(smallestDisk)} at the least`)
    : null;

/** What is on a disk and isn't one of the layers that the checks above know. */
const knownLayers = /^(?:part|mpath|raid\d*|md|linear|dmraid|lvm|crypt)$/;

/** lsblk has no word for bcache, DRBD and ZFS volumes: it lists them as disks, below what they are made of. */
const layerText = ({ path, type }: BlockDevice): string =>
  type === 'disk' ? `it is held by ${path}, a volume of this running system`
  : type === 'loop' ? `it is held by ${path}, a loop device over it`
  : `it is held by ${path}, a layer that is not known (${type})`;

const notUnderstood: Check = ({ disk, all, sysfs, material }) => {
  const say = (what: string): Reason => reason('not-understood', what);
  if (material.listDoubt !== null) return say(`the list of disks cannot be trusted: ${material.listDoubt}`);
  if (material.sysfs === null) return say('whether it is in use cannot be checked: /sys/block cannot be read');
  if (material.mounts === null) return say('whether it is mounted cannot be checked: /proc/self/mountinfo cannot be read');
  if (material.swaps === null) return say('whether it is in use as swap cannot be checked: /proc/swaps cannot be read');
  if (sysfs === undefined) return say('it is in the list of disks but not in /sys/block: it went away, or never was there');
  if (sysfs.size === null) return say('its size in /sys/block cannot be read');
  if (sysfs.holders === null) return say('what holds it cannot be checked: its holders in /sys/block cannot be read');
  if (sysfs.size !== disk.size) return say('its size in /sys/block differs from its size in the list of disks');
  if (disk.diskseq !== null && sysfs.diskseq !== null && sysfs.diskseq !== disk.diskseq) return say('another medium took its name just now');
  const doubtful = all.find((device) => device.doubts.length > 0);
  if (doubtful !== undefined) return say(`${doubtful.kname === disk.kname ? '' : `${doubtful.kname}: `}${doubtful.doubts[0] ?? ''}`);
  const layer = all.find((device) => device.kname !== disk.kname && !knownLayers.test(device.type));
  if (layer !== undefined) return say(layerText(layer));
  const holder = sysfs.holders.find((name) => !all.some((device) => device.kname === name));
  return holder === undefined ? null : say(`it is held by ${cleanText(holder, 40)}, which is not in the list of disks`);
};

/** In the order in which a person needs them. */
export const refusals: readonly Check[] = [
  liveMedium,
  notADisk,
  noMedium,
  multipathLeg,
  dataVolume,
  heldBy('raid-member', /^(?:raid\d*|md|linear|dmraid)$/, 'it is in an active RAID array'),
  heldBy('lvm-member', /^lvm$/, 'it is in an active LVM volume group'),
  heldBy('crypt-open', /^crypt$/, 'an encrypted volume on it is open'),
  swap,
  mounted,
  readOnly,
  tooSmall,
  notUnderstood,
];
