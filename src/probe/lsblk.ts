/**
 * Reads `lsblk --json --bytes --output-all`: text in, a flat list of block devices out. Nothing in the text is
 * believed: a row that isn't understood keeps its `doubts`, which later refuse it as a target.
 */
import { cleanTextOrNull } from '../model/foreign-text.ts';

/** The one command that disks come from. Recorded machines know it by these very words. */
export const lsblkCommand = ['lsblk', '--json', '--bytes', '--output-all'] as const;

export interface BlockDevice {
  readonly kname: string;
  readonly path: string;
  /** `major:minor` */
  readonly majMin: string | null;
  /** `disk`, `part`, `rom`, `loop`, `lvm`, `crypt`, `mpath`, `raid1`, … */
  readonly type: string;
  /** bytes */
  readonly size: number;
  readonly model: string | null;
  readonly vendor: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly transport: string | null;
  readonly zoned: string | null;
  readonly removable: boolean;
  readonly rotational: boolean;
  readonly readOnly: boolean;
  /** bytes */
  readonly logicalSectorSize: number;
  readonly diskseq: number | null;
  readonly fstype: string | null;
  readonly fsver: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  readonly partlabel: string | null;
  readonly parttype: string | null;
  readonly pttype: string | null;
  readonly mountpoints: readonly string[];
  /** knames */
  readonly parents: readonly string[];
  /** knames */
  readonly children: readonly string[];
  /** What could not be made sense of, in words. Not empty: never a target. */
  readonly doubts: readonly string[];
}

export interface LsblkReading {
  readonly devices: readonly BlockDevice[];
  /** Why the text as a whole can't be trusted; null when it can. */
  readonly wrong: string | null;
}

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A boolean of any lsblk: true, 1, "1". */
const readFlag = (value: unknown): boolean | undefined => {
  if (value === true || value === 1 || value === '1') return true;
  if (value === false || value === 0 || value === '0') return false;
  return undefined;
};

/** A whole number that is not negative, also written as text (older lsblk). */
const readCount = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

/** The kernel writes the slash of `/dev/cciss/c0d0` as `!`. */
const nodeOf = (kname: string): string => `/dev/${kname.replaceAll('!', '/')}`;

const kernelName = /^[A-Za-z0-9][A-Za-z0-9_.:!-]{0,63}$/;
const devicePath = /^\/dev\/[A-Za-z0-9_.:+@=!,#%-]+(?:\/[A-Za-z0-9_.:+@=!,#%\\-]+)*$/;
/** A disk is written by its path and known by its name: only device-mapper gives the one a name that the other does not tell. */
const isPathOf = (path: string, kname: string): boolean => path === nodeOf(kname) || (/^dm-\d+$/.test(kname) && /^\/dev\/mapper\/[^/]+$/.test(path));

const majorMinor = /^\s*\d+:\d+\s*$/;

const mountpointsOf = (row: Row): string[] => {
  const many: readonly unknown[] = Array.isArray(row['mountpoints']) ? row['mountpoints'] : [row['mountpoint']];
  return many.flatMap((point) => (typeof point === 'string' && point !== '' ? [cleanTextOrNull(point, 256) ?? '?'] : []));
};

const readRow = (row: Row, parent: string | null, children: readonly string[]): BlockDevice | null => {
  const kname = row['kname'] ?? row['name'];
  if (typeof kname !== 'string' || !kernelName.test(kname)) return null;
  const doubts: string[] = [];
  const path = typeof row['path'] === 'string' ? row['path'] : nodeOf(kname);
  const pathFits = path.length < 256 && devicePath.test(path) && !path.split('/').includes('..');
  if (!pathFits) doubts.push('its device path is not a device path');
  else if (!isPathOf(path, kname)) doubts.push('its device path is not that of its kernel name');
  const size = readCount(row['size']);
  if (size === undefined) doubts.push('its size is not a size');
  const type = typeof row['type'] === 'string' && /^[a-z0-9_+-]{1,32}$/i.test(row['type']) ? row['type'] : null;
  if (type === null) doubts.push('its type is unknown');
  const readOnly = readFlag(row['ro']);
  if (readOnly === undefined) doubts.push('whether it can be written is unknown');
  const removable = readFlag(row['rm']);
  if (removable === undefined) doubts.push('whether it is removable is unknown');
  if (row['mountpoints'] === undefined && row['mountpoint'] === undefined) doubts.push('its mount points are unknown');
  const sector = readCount(row['log-sec']);
  const sectorFits = sector !== undefined && sector >= 512 && sector <= 65_536 && (sector & (sector - 1)) === 0;
  if (!sectorFits && type === 'disk' && size !== 0) doubts.push('its sector size is unknown');
  const text = (key: string): string | null => cleanTextOrNull(row[key]);
  return {
    kname,
    path: pathFits ? path : nodeOf(kname),
    majMin: typeof row['maj:min'] === 'string' && majorMinor.test(row['maj:min']) ? row['maj:min'].trim() : null,
    type: type ?? 'unknown',
    size: size ?? 0,
    model: text('model'),
    vendor: text('vendor'),
    serial: text('serial'),
    wwn: text('wwn'),
    transport: text('tran'),
    zoned: text('zoned'),
    removable: removable ?? true,
    rotational: readFlag(row['rota']) ?? false,
    readOnly: readOnly ?? true,
    logicalSectorSize: sectorFits ? sector : 512,
    diskseq: readCount(row['disk-seq']) ?? null,
    fstype: text('fstype'),
    fsver: text('fsver'),
    label: text('label'),
    uuid: text('uuid'),
    partlabel: text('partlabel'),
    parttype: text('parttype'),
    pttype: text('pttype'),
    mountpoints: mountpointsOf(row),
    parents: parent === null ? [] : [parent],
    children,
    doubts,
  };
};

const union = <T>(one: readonly T[], other: readonly T[]): readonly T[] => [...new Set([...one, ...other])];

/** The same device under two parents (RAID, multipath) is one device; rows that contradict each other are doubted. */
const merge = (one: BlockDevice, other: BlockDevice): BlockDevice => {
  const agree = one.path === other.path && one.size === other.size && one.type === other.type && one.majMin === other.majMin;
  return {
    ...one,
    parents: union(one.parents, other.parents),
    children: union(one.children, other.children),
    mountpoints: union(one.mountpoints, other.mountpoints),
    doubts: agree ? union(one.doubts, other.doubts) : union(one.doubts, ['it is listed twice with different properties']),
  };
};

/** One path under two names: whichever of them was meant, the other could be written. */
const doubtShared = (devices: readonly BlockDevice[]): readonly BlockDevice[] => {
  const count = new Map<string, number>();
  for (const { path } of devices) count.set(path, (count.get(path) ?? 0) + 1);
  return devices.map((device) => ((count.get(device.path) ?? 0) > 1 ? { ...device, doubts: [...device.doubts, 'another device has the same path'] } : device));
};

/** Deeper than any real stack of partition, RAID, LVM, crypt and multipath. */
const deepest = 32;

/** Reads lsblk's JSON. Never throws; `wrong` says what is amiss with the text as a whole. */
export const parseLsblk = (json: string): LsblkReading => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { devices: [], wrong: 'its output is not JSON' };
  }
  const top = isRow(parsed) ? parsed['blockdevices'] : undefined;
  if (!Array.isArray(top)) return { devices: [], wrong: 'its output has no list of block devices' };
  const devices = new Map<string, BlockDevice>();
  let wrong: string | null = null;
  // A work list, not recursion: hostile nesting must not use up the stack.
  const waiting: { row: unknown; parent: string | null; ancestors: readonly string[] }[] = top
    .map((row: unknown) => ({ row, parent: null, ancestors: [] }))
    .reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { row, parent, ancestors } = next;
    if (!isRow(row)) {
      wrong ??= 'it lists something that is not a device';
      continue;
    }
    const below: readonly unknown[] = Array.isArray(row['children']) ? row['children'] : [];
    const childNames = below.flatMap((child) => {
      const name = isRow(child) ? (child['kname'] ?? child['name']) : undefined;
      return typeof name === 'string' && kernelName.test(name) ? [name] : [];
    });
    const device = readRow(row, parent, childNames);
    if (device === null) {
      wrong ??= 'it lists a device without a usable name';
      continue;
    }
    const unread =
      childNames.length !== below.length ? ['something on it has no usable name']
      : ancestors.length >= deepest && below.length > 0 ? ['too many layers lie on it']
      : ancestors.includes(device.kname) ? ['it is listed as lying on itself']
      : [];
    const doubted = unread.length === 0 ? device : { ...device, doubts: [...device.doubts, ...unread] };
    const known = devices.get(device.kname);
    devices.set(device.kname, known === undefined ? doubted : merge(known, doubted));
    if (ancestors.length >= deepest || ancestors.includes(device.kname)) continue;
    const path = [...ancestors, device.kname];
    for (const child of below.toReversed()) waiting.push({ row: child, parent: device.kname, ancestors: path });
  }
  return { devices: doubtShared([...devices.values()]), wrong };
};

/** Everything that lies on a device, itself first; each device once, also where the layers form a circle. */
export const withDescendants = (kname: string, byName: ReadonlyMap<string, BlockDevice>): readonly BlockDevice[] => {
  const found = new Map<string, BlockDevice>();
  const waiting = [kname];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const device = byName.get(name);
    if (device === undefined || found.has(name)) continue;
    found.set(name, device);
    waiting.push(...device.children.toReversed());
  }
  return [...found.values()];
};

/** Everything a device lies on, itself first. */
export const withAncestors = (kname: string, byName: ReadonlyMap<string, BlockDevice>): readonly BlockDevice[] => {
  const found = new Map<string, BlockDevice>();
  const waiting = [kname];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const device = byName.get(name);
    if (device === undefined || found.has(name)) continue;
    found.set(name, device);
    waiting.push(...device.parents);
  }
  return [...found.values()];
};
