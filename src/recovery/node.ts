/** An installed node, as far as its disk tells: which partitions, and how each is reached. */
import type { DiskTarget } from '../model/plan.ts';

export const nodePartitionNames = ['efi', 'oem', 'recovery', 'state', 'persistent'] as const;
export type NodePartitionName = (typeof nodePartitionNames)[number];

export const labelOf: Readonly<Record<NodePartitionName, string>> = {
  efi: 'COS_GRUB',
  oem: 'COS_OEM',
  recovery: 'COS_RECOVERY',
  state: 'COS_STATE',
  persistent: 'COS_PERSISTENT',
};

export interface NodePartition {
  readonly name: NodePartitionName;
  /** What holds its file system: the partition's device, the opened mapping of an encrypted one, or the disk image file. */
  readonly path: string;
  /** Where it begins in `path`, bytes: 0 for a device. */
  readonly offset: number;
  /** bytes */
  readonly size: number;
  /** `crypto_LUKS`: it is encrypted and not open. */
  readonly fstype: string | null;
  readonly encrypted: boolean;
  readonly uuid: string | null;
  /** Where it is mounted in this system, if it is. */
  readonly mountpoint: string | null;
}

export interface TableDamage {
  /** `backup`: the table itself is whole, and so everything can be done. `front`: nothing sees that there is a table at all. */
  readonly lost: 'primary' | 'backup' | 'front';
  /** In words. */
  readonly what: string;
  /** What sfdisk is given to write it anew; null: it sees the table itself. */
  readonly script: string | null;
}

export interface InstalledNode {
  /** `running`: this machine was started from it; `disk`: another disk of this machine; `image`: a disk image file; `none`: no node was found. */
  readonly kind: 'running' | 'disk' | 'image' | 'none';
  readonly path: string;
  /** For messages: `/dev/vda, 15.9 GiB, serial TARGET0`. */
  readonly text: string;
  /** null: there is no disk that could be written. */
  readonly target: DiskTarget | null;
  readonly partitions: readonly NodePartition[];
  /** The unfinished mark of an install that did not end is on it. */
  readonly unfinished: boolean;
  /** null: table and backup are whole. */
  readonly tableDamage: TableDamage | null;
}

export const partitionOf = (node: InstalledNode, name: NodePartitionName): NodePartition | null => node.partitions.find((partition) => partition.name === name) ?? null;

/** Encrypted, and not open. */
export const isLocked = (partition: NodePartition): boolean => partition.fstype === 'crypto_LUKS';
