/**
 * Every block device that could be taken for a disk, with a verdict and its reasons. Pure, and closed by
 * default: what isn't understood, or can't be checked, is refused.
 */
import type { Disk, DiskUse, Partition, Reason } from '../model/facts.ts';
import { cautions, hasData, kairosInstall } from './cautions.ts';
import { describeContents, isUnfinished, kairosLabelsOf, looksLikeKairos } from './contents.ts';
import { isFirmwareRaidVolume, isSwap, mountPointsOf, multipathOver } from './disk-case.ts';
import type { Case, DiskMaterial } from './disk-case.ts';
import { withDescendants } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import { verdictOf } from './reasons.ts';
import { refusals } from './refusals.ts';
import type { SysfsDisk } from './sysfs.ts';

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
  if (device.parents.length > 0 && device.type !== 'disk' && device.type !== 'loop') return false;
  // Unused loop devices and the like: there are always eight of them.
  return device.size > 0 || !/^(?:loop|nbd|ram|zram)\d+$/.test(device.kname);
};

/** Nothing seen where nothing can be seen is not "empty". */
const contentsOf = ({ disk, all, unfinished, material }: Case): string => {
  if (unfinished) return 'unfinished Slipway install';
  const words = describeContents(disk, all, material.insights.titles);
  return words === 'empty' && !material.signaturesKnown ? 'unknown' : words;
};

const makeDisk = (subject: Case): Disk => {
  const { disk, all, partitions, sysfs, material } = subject;
  const reasons = judge(subject);
  const uses = reasons.some(({ id }) => id === 'mounted' || id === 'swap') ? usesOf(subject) : [];
  const labels = kairosLabelsOf(all);
  const over = multipathOver(subject);
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
    ...(over === undefined ? {} : { legOf: over.path }),
    links: material.links.get(disk.kname) ?? [],
    kairos: looksLikeKairos(labels),
    kairosLabels: labels,
    unfinished: subject.unfinished,
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

/** Finds the disks that answer with a disk's serial number or WWN; each is looked up once, however many there are. */
const twinsAmong = (disks: readonly BlockDevice[]): ((disk: BlockDevice) => readonly BlockDevice[]) => {
  const index = new Map<string, BlockDevice[]>();
  const keysOf = ({ serial, wwn }: BlockDevice): readonly string[] => [...(serial === null ? [] : [`serial ${serial}`]), ...(wwn === null ? [] : [`wwn ${wwn}`])];
  for (const disk of disks) {
    for (const key of keysOf(disk)) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [disk]);
      else known.push(disk);
    }
  }
  return (disk) => [...new Set(keysOf(disk).flatMap((key) => index.get(key) ?? []))];
};

/** All disks with verdicts, by kernel name in natural order. */
export const judgeDisks = (material: DiskMaterial): readonly Disk[] => {
  const known = new Set(material.devices.map((device) => device.kname));
  const missing = [...(material.sysfs?.values() ?? [])].filter(
    (sysfs) => !known.has(sysfs.kname) && !neverListed.test(sysfs.kname) && !sysfs.hidden,
  );
  const devices = [...material.devices, ...missing.map(unlisted)];
  const byName = new Map(devices.map((device) => [device.kname, device]));
  const listed = devices.filter((device) => isListed(device, material.sysfs?.get(device.kname)));
  const twins = twinsAmong(listed.filter((device) => device.type === 'disk'));
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
      const whole = inherit(disk);
      const others = twins(whole).filter((other) => !apart.has(other.kname));
      const unfinished = isUnfinished(partitions) || material.insights.stubs.has(disk.kname);
      return makeDisk({ disk: whole, all, partitions, sysfs: material.sysfs?.get(disk.kname), unfinished, others, material });
    })
    .toSorted((one, other) => naturalOrder.compare(one.kname, other.kname));
};
