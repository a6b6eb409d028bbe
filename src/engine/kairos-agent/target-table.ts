/** The target's partition table as it is, and the mark on it. */
import { unfinishedMark } from '../../model/labels.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import { mustRun } from '../command.ts';

export interface TablePartition {
  /** GPT number, from 1 */
  readonly number: number;
  /** `/dev/vda2` */
  readonly path: string;
  /** GPT name */
  readonly name: string;
  /** bytes from the start of the disk */
  readonly start: number;
  /** bytes */
  readonly size: number;
}

interface SfdiskJson {
  readonly partitiontable?: {
    readonly label?: string;
    readonly sectorsize?: number;
    readonly partitions?: readonly { readonly node: string; readonly start: number; readonly size: number; readonly name?: string }[];
  };
}

/** Reads what `sfdisk --json` printed; null when it is no GPT. The number is what follows the disk's name. */
export const parseTable = (text: string, disk: string): readonly TablePartition[] | null => {
  let table: SfdiskJson['partitiontable'];
  try {
    table = (JSON.parse(text) as SfdiskJson).partitiontable;
  } catch {
    return null;
  }
  if (table?.label !== 'gpt') return null;
  const sector = table.sectorsize ?? 512;
  return (table.partitions ?? []).map((row) => ({
    number: Number(/p?(\d+)$/.exec(row.node.slice(disk.length))?.[1] ?? '0'),
    path: row.node,
    name: row.name ?? '',
    start: row.start * sector,
    size: row.size * sector,
  }));
};

/** Throws SlipwayError when there is no GPT on `disk`. */
export const readTable = async (system: System, disk: string): Promise<readonly TablePartition[]> => {
  const { stdout } = await mustRun(system, 'read the partition table', ['sfdisk', '--json', disk], { timeout: 30_000 });
  const table = parseTable(stdout, disk);
  if (table === null) throw new SlipwayError({ id: 'table-missing', severity: 'error', what: 'has no GPT', where: disk, hint: 'the install left no partition table; install again' });
  return table;
};

/** The table with the name that partition 1 has without the mark: `efi` or `bios`. */
export const withoutMark = (table: readonly TablePartition[], firmware: 'bios' | 'uefi'): readonly TablePartition[] =>
  table.map((partition) => (partition.number === 1 && partition.name === unfinishedMark ? { ...partition, name: firmware === 'uefi' ? 'efi' : 'bios' } : partition));

const quietly = ['--quiet', '--no-reread', '--no-tell-kernel', '--lock=no'];

/** Gives a partition another GPT name. The kernel isn't told: nobody looks for partition 1 by its name, and it may be mounted. */
export const renamePartition = async (system: System, disk: string, number: number, name: string): Promise<void> => {
  await mustRun(system, `name partition ${number} ${name}`, ['sfdisk', ...quietly, '--part-label', disk, String(number), name], { timeout: 30_000 });
};

/** Puts the unfinished mark on partition 1. Throws SlipwayError. */
export const putMark = (system: System, disk: string): Promise<void> => renamePartition(system, disk, 1, unfinishedMark);

/** An otherwise empty table with the mark on it: what is on the disk before the agent begins. */
export const markedScript = `label: gpt\nfirst-lba: 34\nstart=1MiB, size=1MiB, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name=${unfinishedMark}\n`;

export const writeMarkedTable = async (system: System, disk: string): Promise<void> => {
  await mustRun(system, 'write the unfinished mark', ['sfdisk', '--quiet', '--no-tell-kernel', '--lock=no', '--wipe=always', '--wipe-partitions=always', disk], { input: markedScript, timeout: 60_000 });
};

/** Lets udev catch up with what was written; without udev there is nothing to wait for. */
export const settle = async (system: System, disk: string): Promise<void> => {
  await system.run(['blockdev', '--rereadpt', disk], { timeout: 30_000 });
  await system.run(['udevadm', 'settle', '--timeout=20'], { timeout: 30_000 });
};
