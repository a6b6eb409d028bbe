/**
 * The partition layout: Kairos's names, labels and default sizes (agent `pkg/config/spec.go`,
 * `sdk/constants`), laid out on whole MiB so that it is the same on 512-byte and 4096-byte sectors.
 */
import type { FileSystem, PlannedPartition } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';

export const MiB = 1024 * 1024;

/** What the answers and the configuration say about partitions; sizes in MiB. */
export interface LayoutWishes {
  readonly sizes: Readonly<Partial<Record<'efi' | 'oem' | 'recovery' | 'state' | 'persistent', number>>>;
  readonly extra: readonly { readonly name: string; readonly size: number; readonly fs: FileSystem; readonly label: string }[];
}

/** Which boot partitions: the builtin engine makes both, kairos-agent the one of the firmware. */
export type BootPartitions = 'both' | 'bios' | 'uefi';

/** An image that can't be measured beforehand (a registry's) counts as this much, as with kairos-agent; MiB. */
const unmeasuredMiB = 3072;

export interface Layout {
  readonly partitions: readonly PlannedPartition[];
  /** What a disk must have at least, bytes. */
  readonly needed: number;
}

/** The GPT and its backup take less than a MiB each at any sector size. */
export const tableMiB = 1;

/** An image is measured and gets this much more, as kairos-agent gives it. */
const imageMarginMiB = 100;

/** COS_PERSISTENT smaller than this cannot hold the state of a running node. */
export const smallestPersistentMiB = 64;

/** Default sizes in MiB for an image of `sourceBytes` (kairos.io agent: recovery 2 images + 200, state 3 images + 1000). */
export const defaultSizes = (sourceBytes: number) => {
  const image = sourceBytes === 0 ? unmeasuredMiB : Math.ceil(sourceBytes / MiB) + imageMarginMiB;
  return { efi: 64, oem: 64, recovery: 2 * image + 200, state: 3 * image + 1000 };
};

/**
 * Lays the partitions out. `diskSize` and `sourceBytes` are bytes. Returns what is needed in any case, so that
 * a message can name it, and problems when it does not fit.
 */
export const planLayout = (
  diskSize: number,
  sourceBytes: number,
  wishes: LayoutWishes,
  where: string,
  boot: BootPartitions = 'both',
): { readonly layout: Layout; readonly problems: readonly Problem[] } => {
  const defaults = defaultSizes(sourceBytes);
  // As with kairos-agent, recovery and state are raised to what the image needs; the others are taken as given.
  const state = Math.max(wishes.sizes.state ?? 0, defaults.state);
  const recovery = Math.max(wishes.sizes.recovery ?? 0, defaults.recovery);
  type Row = { readonly name: string; readonly label: string; readonly fs: FileSystem; readonly size: number };
  const rows: Row[] = [
    ...(boot === 'uefi' ? [] : [{ name: 'bios', label: '', fs: 'none' as const, size: 1 }]),
    ...(boot === 'bios' ? [] : [{ name: 'efi', label: 'COS_GRUB', fs: 'vfat' as const, size: wishes.sizes.efi ?? defaults.efi }]),
    { name: 'oem', label: 'COS_OEM', fs: 'ext4', size: wishes.sizes.oem ?? defaults.oem },
    { name: 'recovery', label: 'COS_RECOVERY', fs: 'ext4', size: recovery },
    { name: 'state', label: 'COS_STATE', fs: 'ext4', size: state },
    ...wishes.extra,
  ];
  const fixed = rows.reduce((sum, row) => sum + row.size, tableMiB);
  const diskMiB = Math.floor(diskSize / MiB) - tableMiB;
  const persistent = wishes.sizes.persistent ?? 0;
  const needed = fixed + Math.max(persistent, smallestPersistentMiB) + tableMiB;
  const problems: Problem[] = [];
  if (needed > diskMiB + tableMiB) {
    problems.push({
      id: 'target-too-small',
      severity: 'error',
      what: `${Math.floor(diskSize / MiB)} MiB are too small: this image and layout need ${needed} MiB`,
      where,
      hint: 'choose a bigger disk (or --image-size), or smaller partitions',
    });
  }
  const last: Row = { name: 'persistent', label: 'COS_PERSISTENT', fs: 'ext4', size: persistent > 0 ? persistent : Math.max(diskMiB - fixed, smallestPersistentMiB) };
  // kairos-agent puts it behind what is extra only where it takes the rest of the disk (kairos-sdk `PartitionsByInstallOrder`).
  rows.splice(boot !== 'both' && persistent > 0 ? rows.length - wishes.extra.length : rows.length, 0, last);
  let start = tableMiB;
  const partitions = rows.map((row, index): PlannedPartition => {
    const partition = {
      number: index + 1,
      name: row.name,
      label: row.label,
      fs: row.fs,
      start: start * MiB,
      size: row.size * MiB,
      encrypted: false,
    };
    start += row.size;
    return partition;
  });
  return { layout: { partitions, needed: needed * MiB }, problems };
};
