/** Makes what was in files and free blocks unreadable: in place, before it is unlinked. */
import { mustRun } from '../command.ts';
import type { System } from '../../system/port.ts';

/**
 * Overwrites every file of a tree with zeros, in its own blocks, writes that to the disk and removes the tree's contents. ext4 with
 * ordered journalling keeps file contents out of its journal. Argument: the folder, which stays.
 */
const overwriteScript = `set -eu
folder=$1
find "$folder" -xdev -type f -size +0 -exec sh -euc 'for file; do
  blocks=$(( ($(stat -c %s "$file") + 4095) / 4096 ))
  dd if=/dev/zero of="$file" bs=4096 count="$blocks" conv=notrunc,fsync 2>/dev/null
done' overwrite {} +
find "$folder" -xdev -mindepth 1 -depth -delete
sync
`;

/** Throws SlipwayError. `folder` is inside a mounted file system of the target. */
export const overwriteTree = async (system: System, folder: string, signal: AbortSignal): Promise<void> => {
  await mustRun(system, 'overwrite what is to go', ['/bin/sh', '-c', overwriteScript, 'overwrite', folder], { signal });
};

/**
 * Fills the free space with zeros and lets it go again. Ends at "no space left", which is what it is after. In several files: what a file
 * system holds in reserve for data that is not allocated yet becomes free once that is on the disk. Argument: the mount point.
 */
const zeroFreeScript = `set -u
fill=$1/.slipway-fill
for part in 1 2 3 4 5; do
  dd if=/dev/zero of="$fill.$part" bs=1048576 2>/dev/null
  dd if=/dev/zero of="$fill.$part.rest" bs=4096 2>/dev/null
  sync
done
rm -f "$fill".*
sync
[ ! -e "$fill.1" ]
`;

export const zeroFreeSpace = async (system: System, mountPoint: string, signal: AbortSignal): Promise<void> => {
  await mustRun(system, 'overwrite the free space', ['/bin/sh', '-c', zeroFreeScript, 'zero', mountPoint], { signal });
};
