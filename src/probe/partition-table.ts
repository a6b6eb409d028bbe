/** Reads `sfdisk --json`: the partition table of a disk or disk image file. */
import { cleanTextOrNull } from '../model/foreign-text.ts';

export interface TablePartition {
  /** bytes from the start of the disk */
  readonly start: number;
  /** bytes */
  readonly size: number;
  /** GPT name */
  readonly name: string | null;
  /** Type GUID or MBR type, as sfdisk prints it. */
  readonly type: string | null;
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** In the table's order; null when the text isn't a table. */
export const parseSfdisk = (json: string): readonly TablePartition[] | null => {
  try {
    const table = (JSON.parse(json) as { partitiontable?: { sectorsize?: unknown; partitions?: unknown } } | null)?.partitiontable;
    if (table === undefined || table === null) return null;
    const sector = isCount(table.sectorsize) && table.sectorsize >= 512 ? table.sectorsize : 512;
    const rows: readonly unknown[] = Array.isArray(table.partitions) ? table.partitions : [];
    return rows.flatMap((row) => {
      const { start, size, name, type } = (row ?? {}) as Record<string, unknown>;
      return isCount(start) && isCount(size)
        ? [{ start: start * sector, size: size * sector, name: cleanTextOrNull(name), type: cleanTextOrNull(type) }]
        : [];
    });
  } catch {
    return null;
  }
};
