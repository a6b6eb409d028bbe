/** One disk under judgement: what is known of it, and what several checks ask. Pure. */
import type { Reason } from '../model/facts.ts';
import type { BlockDevice } from './lsblk.ts';
import type { Insights } from './insights.ts';
import type { LiveMedium } from './live-medium.ts';
import type { Mount } from './mountinfo.ts';
import type { SysfsDisk } from './sysfs.ts';

export interface DiskMaterial {
  readonly devices: readonly BlockDevice[];
  /** Why lsblk's output as a whole isn't trusted, or null. */
  readonly listDoubt: string | null;
  /** null: `/sys/block` can't be read. */
  readonly sysfs: ReadonlyMap<string, SysfsDisk> | null;
  /** null: `/proc/self/mountinfo` can't be read, or not be made sense of. */
  readonly mounts: readonly Mount[] | null;
  /** Paths from `/proc/swaps`, links resolved; null: it can't be read, or not be made sense of. */
  readonly swaps: readonly string[] | null;
  readonly live: LiveMedium;
  /** `/dev/disk/by-*` links by kname. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** False where neither udev nor we may look for signatures: an empty-looking disk may be full. */
  readonly signaturesKnown: boolean;
  /** What a look inside file systems found. */
  readonly insights: Insights;
}

/** One disk under judgement, with all that is known of it. */
export interface Case {
  readonly disk: BlockDevice;
  /** The disk and everything that lies on it. */
  readonly all: readonly BlockDevice[];
  readonly partitions: readonly BlockDevice[];
  readonly sysfs: SysfsDisk | undefined;
  /** It carries the mark of an interrupted install, or its boot code. */
  readonly unfinished: boolean;
  /** Other disks of the machine that answer with its serial number or WWN. */
  readonly others: readonly BlockDevice[];
  readonly material: DiskMaterial;
}

export type Check = (subject: Case) => Reason | null;

export const isFirmwareRaidVolume = (device: BlockDevice, sysfs: SysfsDisk | undefined): boolean =>
  device.type === 'dmraid' || (/^raid\d+$/.test(device.type) && (sysfs?.raidMetadata ?? '').startsWith('external:/'));

export const isWholeDisk = (device: BlockDevice, sysfs: SysfsDisk | undefined): boolean =>
  device.type === 'disk' || device.type === 'mpath' || isFirmwareRaidVolume(device, sysfs);

/** The multipath disk that this one is a path to. */
export const multipathOver = ({ disk, all }: Case): BlockDevice | undefined => all.find((device) => device.kname !== disk.kname && device.type === 'mpath');

/** Where a device is mounted, by lsblk and by the kernel. */
export const mountPointsOf = (device: BlockDevice, material: DiskMaterial): readonly string[] => {
  const own = device.mountpoints.filter((point) => point !== '[SWAP]');
  const seen = (material.mounts ?? []).flatMap((mount) =>
    mount.majMin === device.majMin || mount.source === device.path || mount.source === `/dev/${device.kname}` ? [mount.point] : [],
  );
  return [...new Set([...own, ...seen])];
};

export const isSwap = (device: BlockDevice, material: DiskMaterial): boolean =>
  device.mountpoints.includes('[SWAP]') || (material.swaps ?? []).some((path) => path === device.path || path === `/dev/${device.kname}`);
