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
 * Fills the free space with zeros and lets it go again. Ends at "no space left", which is what it is after. ext4 keeps clusters back
 * that no file may have (kernel `Documentation/ABI/testing/sysfs-fs-ext4`, reserved_clusters): they are given up for the while of this
 * mount. Arguments: the mount point, the kernel's name of the device.
 */
const zeroFreeScript = `set -u
fill=$1/.slipway-fill
reserve=/sys/fs/ext4/$2/reserved_clusters
if [ -w "$reserve" ]; then echo 0 > "$reserve"; fi
for part in 1 2 3; do
  dd if=/dev/zero of="$fill.$part" bs=1048576 2>/dev/null
  dd if=/dev/zero of="$fill.$part.rest" bs=512 2>/dev/null
  sync
done
rm -f "$fill".*
sync
[ ! -e "$fill.1" ]
`;

/** `device` is what is mounted at `mountPoint`. Throws SlipwayError. */
export const zeroFreeSpace = async (system: System, device: string, mountPoint: string, signal: AbortSignal): Promise<void> => {
  const kname = ((await system.realPath(device)) ?? device).replace('/dev/', '');
  await mustRun(system, 'overwrite the free space', ['/bin/sh', '-c', zeroFreeScript, 'zero', mountPoint, kname], { signal });
};
