/** What hangs on a disk, read from sysfs and mountinfo: partitions, mappings, loops and mounts on top of it. */
import type { System } from '../../system/port.ts';

export interface DiskNode {
  /** `vda2`, `dm-0`, `loop3` */
  readonly kname: string;
  /** `254:2` */
  readonly number: string;
  /** Device mapper's name, null for others. */
  readonly mapperName: string | null;
}

const nodeOf = async (system: System, kname: string): Promise<DiskNode> => ({
  kname,
  number: ((await system.readText(`/sys/class/block/${kname}/dev`)) ?? '').trim(),
  mapperName: ((await system.readText(`/sys/class/block/${kname}/dm/name`)) ?? '').trim() || null,
});

/** Kernel names of a disk's partitions, in order of their numbers. */
export const partitionNames = async (system: System, disk: string): Promise<readonly string[]> => {
  const names: { name: string; number: number }[] = [];
  for (const name of (await system.list(`/sys/block/${disk}`)) ?? []) {
    if (!name.startsWith(disk)) continue;
    const number = Number((await system.readText(`/sys/block/${disk}/${name}/partition`)) ?? '0');
    if (number > 0) names.push({ name, number });
  }
  return names.toSorted((left, right) => left.number - right.number).map(({ name }) => name);
};

/** What holds `kname`, holders of holders first: the order in which they can be closed. */
const holdersOf = async (system: System, kname: string, depth = 0): Promise<readonly DiskNode[]> => {
  if (depth > 8) return [];
  const found: DiskNode[] = [];
  for (const name of (await system.list(`/sys/class/block/${kname}/holders`)) ?? []) {
    found.push(...(await holdersOf(system, name, depth + 1)), await nodeOf(system, name));
  }
  return found;
};

export interface DiskStack {
  /** The disk and its partitions. */
  readonly own: readonly DiskNode[];
  /** Mappings over them, in closing order. */
  readonly mappings: readonly DiskNode[];
}

/** `disk` is the kernel's name: `vda`. */
export const readDiskStack = async (system: System, disk: string): Promise<DiskStack> => {
  const names = [disk, ...(await partitionNames(system, disk))];
  const own: DiskNode[] = [];
  const mappings = new Map<string, DiskNode>();
  for (const name of names) {
    own.push(await nodeOf(system, name));
    for (const holder of await holdersOf(system, name)) mappings.set(holder.kname, holder);
  }
  return { own, mappings: [...mappings.values()] };
};

/** Mount points of these device numbers in `/proc/…/mountinfo`, the latest first. Octal escapes are undone. */
export const mountsOf = (mountinfo: string, numbers: readonly string[]): readonly string[] =>
  mountinfo
    .split('\n')
    .flatMap((line) => {
      const fields = line.split(' ');
      const [, , number = '', , target = ''] = fields;
      return numbers.includes(number) ? [target.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))] : [];
    })
    .toReversed();

/** Loop devices whose file lies on one of these device numbers. `text` is what `losetup --list --json` printed. */
export const loopsOn = (text: string, numbers: readonly string[]): readonly string[] => {
  try {
    const { loopdevices } = JSON.parse(text) as { loopdevices?: readonly Record<string, unknown>[] };
    return (loopdevices ?? []).filter((row) => numbers.includes(String(row['back-maj:min']).trim())).map((row) => String(row['name']));
  } catch {
    return [];
  }
};
