/** Says in a few plain words what is on a disk, and finds the names that Kairos and Slipway go by. */
import { cosLabels, dataVolumeLabels, kairosPartitionNames, unfinishedMark } from '../model/labels.ts';
import { cleanText } from '../model/foreign-text.ts';
import type { BlockDevice } from './lsblk.ts';

const isCosLabel = (label: string | null): boolean => (cosLabels as readonly string[]).includes(label ?? '');

/** `SLIPWAY` or `cidata`, any case, on a file system that a data volume can have. */
export const isDataVolume = (device: BlockDevice): boolean =>
  ['iso9660', 'vfat', 'ext4'].includes(device.fstype ?? '') &&
  (dataVolumeLabels as readonly string[]).includes((device.label ?? '').toUpperCase());

/** Names that kairos-agent looks up on all disks: file system labels and GPT names. */
export const kairosLabelsOf = (devices: readonly BlockDevice[]): readonly string[] => {
  const found = new Set<string>();
  for (const { label, partlabel } of devices) {
    if (label !== null && isCosLabel(label)) found.add(label);
    if (partlabel !== null && (kairosPartitionNames as readonly string[]).includes(partlabel)) found.add(partlabel);
  }
  return [...found].toSorted();
};

/** `efi` and `bios` alone are names that anybody uses; two of the others, or one COS_ label, are an install. */
export const looksLikeKairos = (labels: readonly string[]): boolean =>
  labels.some(isCosLabel) || labels.filter((label) => ['oem', 'recovery', 'state', 'persistent'].includes(label)).length >= 2;

/** The mark is the GPT name of the first partition. */
export const isUnfinished = (partitions: readonly BlockDevice[]): boolean =>
  partitions.some((partition) => partition.partlabel === unfinishedMark);

const windowsPartition: ReadonlySet<string> = new Set([
  'e3c9e316-0b5c-4db8-817d-f92df00215ae',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac',
]);

const bySignature: Readonly<Record<string, string>> = {
  crypto_luks: 'LUKS encrypted',
  lvm2_member: 'LVM',
  lvm1_member: 'LVM',
  linux_raid_member: 'RAID member',
  isw_raid_member: 'firmware RAID member (Intel)',
  ddf_raid_member: 'firmware RAID member (DDF)',
  zfs_member: 'ZFS',
  bitlocker: 'Windows (BitLocker)',
  mpath_member: 'multipath',
  swap: 'swap',
  bcache: 'bcache',
  ceph_bluestore: 'Ceph',
  drbd: 'DRBD',
  vmfs_volume_member: 'VMware VMFS',
  apfs: 'macOS',
  hfsplus: 'macOS',
};

const describeDevice = (device: BlockDevice, titles: ReadonlyMap<string, string>): string | null => {
  const title = titles.get(device.kname);
  if (title !== undefined) return title;
  const fstype = device.fstype?.toLowerCase() ?? null;
  if (isDataVolume(device)) return `data volume "${device.label ?? ''}"`;
  if (device.parttype !== null && windowsPartition.has(device.parttype.toLowerCase())) return 'Windows';
  if (fstype === null) return null;
  const signature = bySignature[fstype];
  if (signature === 'LVM' || signature === 'RAID member' || signature === 'ZFS') {
    return device.label === null ? signature : `${signature} "${device.label}"`;
  }
  if (signature !== undefined) return signature;
  if (fstype.endsWith('_raid_member')) return `firmware RAID member (${fstype.slice(0, -'_raid_member'.length)})`;
  if (fstype === 'vfat' && device.parttype?.toLowerCase() === 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b') return 'EFI';
  return device.label === null ? fstype : `${fstype} "${device.label}"`;
};

/** Longest description, in characters: a column of a table and a line of a question. */
const limit = 100;

/**
 * `disk` is the whole disk, `devices` everything on it. `titles`: what a look inside a file system said, by kname
 * (`Debian GNU/Linux 12`).
 */
export const describeContents = (
  disk: BlockDevice,
  devices: readonly BlockDevice[],
  titles: ReadonlyMap<string, string> = new Map(),
): string => {
  if (disk.size === 0) return 'no medium';
  const on = devices.filter((device) => device.kname !== disk.kname);
  const partitions = on.filter((device) => device.type === 'part');
  if (isUnfinished(partitions)) return 'unfinished Slipway install';
  const words: string[] = [];
  const kairos = looksLikeKairos(kairosLabelsOf(devices));
  if (kairos) {
    const version = devices.map((device) => titles.get(device.kname)).find((title) => title?.startsWith('Kairos '));
    words.push(version ?? 'Kairos install');
  }
  for (const device of devices) {
    const ours = isCosLabel(device.label) || (kairos && (kairosPartitionNames as readonly string[]).includes(device.partlabel ?? ''));
    const held = device.type !== 'part' && device.kname !== disk.kname && device.fstype === null;
    const text = ours || held ? null : describeDevice(device, titles);
    if (text !== null) words.push(text);
  }
  if (kairos && devices.some((device) => device.fstype?.toLowerCase() === 'crypto_luks')) words.push('LUKS encrypted');
  const different = [...new Set(words)];
  if (different.length > 0) return cleanText(different.join(', '), limit);
  if (partitions.length > 0) return `${partitions.length} partition${partitions.length === 1 ? '' : 's'}, nothing recognised on them`;
  if (disk.pttype !== null) return `empty partition table (${disk.pttype})`;
  return 'empty';
};
