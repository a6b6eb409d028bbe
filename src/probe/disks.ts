/**
 * Every block device that could be taken for a disk, with a verdict and its reasons. Pure, and closed by
 * default: what isn't understood, or can't be checked, is refused.
 */
import { cleanText } from '../model/foreign-text.ts';
import type { Disk, DiskUse, Partition, Reason } from '../model/facts.ts';
import { describeContents, isDataVolume, isUnfinished, kairosLabelsOf, looksLikeKairos } from './contents.ts';
import { withDescendants } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import type { Insights } from './insights.ts';
import type { LiveMedium } from './live-medium.ts';
import { hasIdentity, otherPathOf } from './marks.ts';
import type { Mount } from './mountinfo.ts';
import { reason, verdictOf } from './reasons.ts';
import type { SysfsDisk } from './sysfs.ts';

/** bytes. No Kairos image with its three copies fits on less; the plan compares with the real image. */
export const smallestDisk = 2 * 1024 ** 3;

export interface DiskMaterial {
  readonly devices: readonly BlockDevice[];
  /** Why lsblk's output as a whole isn't trusted, or null. */
  readonly listDoubt: string | null;
  /** null: `/sys/block` can't be read. */
  readonly sysfs: ReadonlyMap<string, SysfsDisk> | null;
  /** null: `/proc/self/mountinfo` can't be read. */
  readonly mounts: readonly Mount[] | null;
  /** Paths from `/proc/swaps`, links resolved. */
  readonly swaps: readonly string[];
  readonly live: LiveMedium;
  /** `/dev/disk/by-*` links by kname. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** False where neither udev nor we may look for signatures: an empty-looking disk may be full. */
  readonly signaturesKnown: boolean;
  /** What a look inside file systems found. */
  readonly insights: Insights;
}

/** One disk under judgement, with all that is known of it. */
interface Case {
  readonly disk: BlockDevice;
  /** The disk and everything that lies on it. */
  readonly all: readonly BlockDevice[];
  readonly partitions: readonly BlockDevice[];
  readonly sysfs: SysfsDisk | undefined;
  /** The other disks of the machine. */
  readonly others: readonly BlockDevice[];
  readonly material: DiskMaterial;
}

type Check = (subject: Case) => Reason | null;

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

const isFirmwareRaidVolume = (device: BlockDevice, sysfs: SysfsDisk | undefined): boolean =>
  device.type === 'dmraid' || (/^raid\d+$/.test(device.type) && (sysfs?.raidMetadata ?? '').startsWith('external:/'));

const isWholeDisk = (device: BlockDevice, sysfs: SysfsDisk | undefined): boolean =>
  device.type === 'disk' || device.type === 'mpath' || isFirmwareRaidVolume(device, sysfs);

/** Kernel names of things that lsblk calls a disk and nobody can boot from. */
const notDisks: readonly (readonly [RegExp, string])[] = [
  [/^fd\d+$/, 'it is a floppy drive'],
  [/^nbd\d+$/, 'it is a network block device of this running system'],
  [/^(?:zram|ram)\d+$/, 'it is memory, not a disk'],
  [/^loop\d+$/, 'it is a loop device'],
  [/^sr\d+$/, 'it is an optical drive'],
  [/^mmcblk\d+(?:boot\d+|rpmb|gp\d+)$/, 'it is a special area of an eMMC chip'],
  [/^mtdblock/, 'it is raw flash'],
  [/^(?:bcache|drbd|zd)\d+$/, 'it is a volume of this running system'],
];

const notADisk: Check = ({ disk, sysfs }) => {
  const byName = notDisks.find(([pattern]) => pattern.test(disk.kname));
  if (byName !== undefined) return reason('not-a-disk', byName[1]);
  if (disk.type === 'rom') return reason('not-a-disk', 'it is an optical drive');
  if (disk.type === 'loop') return reason('not-a-disk', 'it is a loop device');
  if (disk.zoned === 'host-managed') return reason('not-a-disk', 'it is a host-managed zoned disk, which no boot loader can use');
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

const mountPointsOf = (device: BlockDevice, material: DiskMaterial): readonly string[] => {
  const own = device.mountpoints.filter((point) => point !== '[SWAP]');
  const seen = (material.mounts ?? []).flatMap((mount) =>
    mount.majMin === device.majMin || mount.source === device.path || mount.source === `/dev/${device.kname}` ? [mount.point] : [],
  );
  return [...new Set([...own, ...seen])];
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

const isSwap = (device: BlockDevice, material: DiskMaterial): boolean =>
  device.mountpoints.includes('[SWAP]') || material.swaps.includes(device.path) || material.swaps.includes(`/dev/${device.kname}`);

const swap: Check = ({ all, material }) => {
  const found = all.find((device) => isSwap(device, material));
  return found === undefined ? null : reason('swap', `${found.path} is in use as swap`);
};

const heldBy = (id: 'raid-member' | 'lvm-member' | 'crypt-open', kinds: RegExp, what: string): Check => ({ disk, all, sysfs }) => {
  const found = all.find((device) => device.kname !== disk.kname && kinds.test(device.type));
  if (found !== undefined) return reason(id, `${what} (${found.path})`);
  const holder = id === 'raid-member' ? sysfs?.holders.find((name) => /^md[\d_]/.test(name)) : undefined;
  return holder === undefined ? null : reason(id, `${what} (${cleanText(holder, 40)})`);
};

const multipathLeg: Check = ({ disk, all, others, sysfs }) => {
  const over = all.find((device) => device.kname !== disk.kname && device.type === 'mpath');
  if (over !== undefined) return reason('multipath-leg', `it is one path to ${over.path}`);
  if (disk.fstype === 'mpath_member') return reason('multipath-leg', 'it is one path to a multipath disk');
  if (sysfs?.hidden === true) return reason('multipath-leg', 'it is a hidden path to another disk');
  if (disk.type !== 'disk') return null;
  const twin = otherPathOf(disk, others.filter((other) => other.type === 'disk'));
  return twin === undefined ? null : reason('multipath-leg', `${twin.path} answers with the same WWN and serial: two paths to one disk`);
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
const knownLayers = /^(?:disk|part|mpath|raid\d*|md|linear|dmraid|lvm|crypt)$/;

const notUnderstood: Check = ({ disk, all, sysfs, material }) => {
  const say = (what: string): Reason => reason('not-understood', what);
  if (material.listDoubt !== null) return say(`the list of disks cannot be trusted: ${material.listDoubt}`);
  if (material.sysfs === null) return say('whether it is in use cannot be checked: /sys/block cannot be read');
  if (material.mounts === null) return say('whether it is mounted cannot be checked: /proc/self/mountinfo cannot be read');
  if (sysfs === undefined) return say('it is in the list of disks but not in /sys/block: it went away, or never was there');
  if (sysfs.size !== null && sysfs.size !== disk.size) return say('its size in /sys/block differs from its size in the list of disks');
  if (disk.diskseq !== null && sysfs.diskseq !== null && sysfs.diskseq !== disk.diskseq) return say('another medium took its name just now');
  const doubtful = all.find((device) => device.doubts.length > 0);
  if (doubtful !== undefined) return say(`${doubtful.kname === disk.kname ? '' : `${doubtful.kname}: `}${doubtful.doubts[0] ?? ''}`);
  const layer = all.find((device) => device.kname !== disk.kname && !knownLayers.test(device.type));
  if (layer !== undefined) return say(`it is held by ${layer.path}, a layer that is not known (${layer.type})`);
  const holder = sysfs.holders.find((name) => !all.some((device) => device.kname === name));
  return holder === undefined ? null : say(`it is held by ${cleanText(holder, 40)}, which is not in the list of disks`);
};

const networkTransports = /^(?:iscsi|fcoe|nbd|rbd|aoe)$/;

const networkDisk: Check = ({ disk, sysfs }) => {
  const nvme = sysfs?.nvmeTransport ?? '';
  if (networkTransports.test(disk.transport ?? '') || /^(?:rbd\d+|etherd!)/.test(disk.kname)) {
    return reason('network-disk', `it is reached over the network (${disk.transport ?? disk.kname})`);
  }
  return /^(?:tcp|rdma|fc)$/.test(nvme) ? reason('network-disk', `it is reached over the network (NVMe over ${nvme})`) : null;
};

const removable: Check = ({ disk, sysfs }) => {
  if (disk.transport === 'usb') return reason('removable', 'it is attached over USB');
  if (sysfs?.cardType === 'SD') return reason('removable', 'it is an SD card');
  return disk.removable || sysfs?.removable === true ? reason('removable', 'it is removable') : null;
};

const noSerial: Check = ({ disk, others }) =>
  hasIdentity(disk, others) ? null : reason('no-serial', 'it has no serial number or WWN of its own that tells it from other disks');

const kairosInstall: Check = ({ all, partitions, material }) => {
  if (isUnfinished(partitions)) return null;
  const labels = kairosLabelsOf(all);
  if (!looksLikeKairos(labels)) return null;
  const title = all.map((device) => material.insights.titles.get(device.kname)).find((text) => text?.startsWith('Kairos '));
  return reason('kairos-install', `it holds an installed ${title ?? 'Kairos'} (${labels.join(', ')})`);
};

const hasData: Check = ({ disk, all, partitions, material }) => {
  if (isUnfinished(partitions)) return null;
  if (partitions.length === 0 && disk.fstype === null && all.length === 1) {
    return material.signaturesKnown ? null : reason('has-data', 'what is on it cannot be seen (no udev, or not root)');
  }
  const count = partitions.length === 0 ? 'data' : `${partitions.length} partition${partitions.length === 1 ? '' : 's'}`;
  return reason('has-data', `it holds ${count} (${describeContents(disk, all, material.insights.titles)})`);
};

/** In the order in which a person needs them. */
const refusals: readonly Check[] = [
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

const cautions: readonly Check[] = [kairosInstall, hasData, removable, networkDisk, noSerial];

const judge = (subject: Case): readonly Reason[] => {
  const found = refusals.flatMap((check) => check(subject) ?? []);
  // The medium is always mounted, write-protected or optical: the first reason says it all. Its loop devices are no disks first.
  if (found[0]?.id === 'live-medium') return /^(?:loop|zram)\d/.test(subject.disk.kname) ? found.slice(1, 2) : found.slice(0, 1);
  if (found.some(({ id }) => id === 'no-medium' || id === 'not-a-disk')) return found.filter(({ id }) => id === 'no-medium' || id === 'not-a-disk' || id === 'data-volume').slice(0, 2);
  const kairos = kairosInstall(subject) !== null;
  return [...found, ...cautions.flatMap((check) => (check === hasData && kairos ? [] : (check(subject) ?? [])))];
};

const usesOf = ({ all, material }: Case): readonly DiskUse[] =>
  all.flatMap((device) => [
    ...mountPointsOf(device, material).map((point) => ({ kind: 'mount', device: device.path, point }) as const),
    ...(isSwap(device, material) ? [{ kind: 'swap', device: device.path, point: '' } as const] : []),
  ]);

const partitionOf = (device: BlockDevice): Partition => ({
  path: device.path,
  label: device.label,
  partlabel: device.partlabel,
  fstype: device.fstype,
  size: device.size,
  mountpoints: device.mountpoints,
});

/** Devices that stand for a disk or for something that could be taken for one. */
const isListed = (device: BlockDevice, sysfs: SysfsDisk | undefined): boolean => {
  if (device.type === 'mpath' || isFirmwareRaidVolume(device, sysfs)) return true;
  if (device.parents.length > 0 && device.type !== 'disk') return false;
  // Unused loop devices and the like: there are always eight of them.
  return device.size > 0 || !/^(?:loop|nbd|ram|zram)\d+$/.test(device.kname);
};

/** Nothing seen where nothing can be seen is not "empty". */
const contentsOf = ({ disk, all, material }: Case): string => {
  const words = describeContents(disk, all, material.insights.titles);
  return words === 'empty' && !material.signaturesKnown ? 'unknown' : words;
};

const makeDisk = (subject: Case): Disk => {
  const { disk, all, partitions, sysfs, material } = subject;
  const reasons = judge(subject);
  const uses = reasons.some(({ id }) => id === 'mounted' || id === 'swap') ? usesOf(subject) : [];
  const labels = kairosLabelsOf(all);
  const name = [disk.vendor, disk.model].filter((part) => part !== null && !/^(?:ATA|0x1af4)$/.test(part));
  return {
    path: disk.path,
    kname: disk.kname,
    size: disk.size,
    model: disk.model === null ? null : (name.length === 2 && !disk.model.startsWith(name[0] ?? '') && disk.transport === 'usb' ? name.join(' ') : disk.model),
    serial: disk.serial,
    wwn: disk.wwn,
    transport: disk.transport,
    removable: disk.removable || sysfs?.removable === true,
    rotational: disk.rotational,
    readOnly: disk.readOnly || sysfs?.readOnly === true,
    logicalSectorSize: disk.logicalSectorSize,
    diskseq: disk.diskseq ?? sysfs?.diskseq ?? null,
    partitions: partitions.map(partitionOf),
    contents: contentsOf(subject),
    verdict: verdictOf(reasons),
    reasons,
    ...(uses.length === 0 ? {} : { uses }),
    links: material.links.get(disk.kname) ?? [],
    kairos: looksLikeKairos(labels),
    kairosLabels: labels,
    unfinished: isUnfinished(partitions),
    installedConfigSha256: partitions.map((partition) => material.insights.installed.get(partition.kname)).find((hash) => hash !== undefined) ?? null,
  };
};

/** A disk that the kernel has and lsblk did not list. Without a card it's an empty reader; else it is refused. */
const unlisted = (sysfs: SysfsDisk): BlockDevice => ({
  kname: sysfs.kname,
  path: `/dev/${sysfs.kname.replaceAll('!', '/')}`,
  majMin: null,
  type: 'disk',
  size: sysfs.size ?? 0,
  model: null,
  vendor: null,
  serial: null,
  wwn: null,
  transport: null,
  zoned: null,
  removable: sysfs.removable ?? true,
  rotational: false,
  readOnly: sysfs.readOnly ?? true,
  logicalSectorSize: 512,
  diskseq: sysfs.diskseq,
  fstype: null,
  fsver: null,
  label: null,
  uuid: null,
  partlabel: null,
  parttype: null,
  pttype: null,
  mountpoints: [],
  parents: [],
  children: [],
  doubts: sysfs.size === 0 ? [] : ['lsblk does not list it, so what is on it is unknown'],
});

const naturalOrder = new Intl.Collator('en', { numeric: true });

/** Names that lsblk leaves out on purpose. */
const neverListed = /^(?:loop|ram|zram|nbd|dm-|md|sr|fd)\d*/;

/** All disks with verdicts, by kernel name in natural order. */
export const judgeDisks = (material: DiskMaterial): readonly Disk[] => {
  const known = new Set(material.devices.map((device) => device.kname));
  const missing = [...(material.sysfs?.values() ?? [])].filter(
    (sysfs) => !known.has(sysfs.kname) && !neverListed.test(sysfs.kname) && !sysfs.hidden,
  );
  const devices = [...material.devices, ...missing.map(unlisted)];
  const byName = new Map(devices.map((device) => [device.kname, device]));
  const listed = devices.filter((device) => isListed(device, material.sysfs?.get(device.kname)));
  const whole = listed.filter((device) => device.type === 'disk');
  const inherit = (disk: BlockDevice): BlockDevice => {
    if (disk.type !== 'mpath') return disk;
    // device-mapper knows no serial: the paths below it do.
    const legs = disk.parents.flatMap((name) => byName.get(name) ?? []);
    const first = <K extends 'serial' | 'wwn' | 'transport' | 'model' | 'vendor'>(key: K) => disk[key] ?? legs.find((leg) => leg[key] !== null)?.[key] ?? null;
    return { ...disk, serial: first('serial'), wwn: first('wwn'), transport: first('transport'), model: first('model'), vendor: first('vendor') };
  };
  return listed
    .map((disk) => {
      const all = withDescendants(disk.kname, byName);
      const partitions = all.filter((device) => device.type === 'part' && device.parents.includes(disk.kname));
      const apart = new Set([...all.map((device) => device.kname), ...disk.parents]);
      const others = whole.filter((other) => !apart.has(other.kname));
      return makeDisk({ disk: inherit(disk), all, partitions, sysfs: material.sysfs?.get(disk.kname), others, material });
    })
    .toSorted((one, other) => naturalOrder.compare(one.kname, other.kname));
};
