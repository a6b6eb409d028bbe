/** File systems made at an offset of the target, filled from a tree while they are made: no mount, no loop device. */
import type { PlannedPartition } from '../../model/plan.ts';
import { fatIdFor, uuidFor } from './uuids.ts';

/**
 * ext4 with a fixed set of features: the same whatever the version of e2fsprogs, and all of it known to GRUB 2.06
 * (which can't read `metadata_csum_seed` and `orphan_file`).
 */
const ext4Features =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum';

/** The command that makes the partition's file system on `target`, filled from `tree` if one is given; null for raw ones. */
export const makeFileSystemCommand = (
  partition: PlannedPartition,
  target: string,
  planHash: string,
  tree: string | null,
): readonly string[] | null => {
  const kib = String(partition.size / 1024);
  switch (partition.fs) {
    case 'none':
      return null;
    case 'vfat':
      // One sector a cluster: enough clusters for FAT32 at 64 MiB, which is what firmware expects of an ESP.
      // -I: the kernel may know the disk's partitions already, and mkfs.vfat would not write to such a device.
      return ['mkfs.vfat', '-I', '-F', '32', '-s', '1', '-n', partition.label, '-i', fatIdFor(planHash), '-h', String(partition.start / 512), `--offset=${partition.start / 512}`, target, kib];
    case 'xfs':
      throw new Error('xfs is refused by the planner');
    default:
      return [
        'mke2fs', '-q', '-F', '-t', partition.fs,
        ...(partition.fs === 'ext4' ? ['-O', ext4Features] : []),
        '-L', partition.label,
        '-U', uuidFor(planHash, partition.label || partition.name),
        '-E', `offset=${partition.start},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0`,
        ...(tree === null ? [] : ['-d', tree]),
        target,
        `${kib}k`,
      ];
  }
};

/** How the e2fsprogs name a file system inside a bigger file or device. */
export const ext4At = (target: string, partition: Pick<PlannedPartition, 'start'>): string => `${target}?offset=${partition.start}`;

/** How the mtools name one. */
export const fatAt = (target: string, partition: Pick<PlannedPartition, 'start'>): string => `${target}@@${partition.start}`;
