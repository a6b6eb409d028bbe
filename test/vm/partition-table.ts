/** The partition table of a disk image, by an independent reader. */
import { execFileSync } from 'node:child_process';

export interface TableRow {
  readonly name: string;
  /** 512-byte sectors */
  readonly start: number;
  readonly size: number;
}

/** Throws when there is none. */
export const partitionsOf = (disk: string): readonly TableRow[] =>
  (JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })) as { partitiontable: { partitions: readonly TableRow[] } }).partitiontable.partitions;
