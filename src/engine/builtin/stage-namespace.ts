/**
 * Where install-only stages run: a mount, pid and ipc namespace of their own over a memory overlay of the live
 * root. Their writes to the system go to memory and are gone afterwards; the target's trees are at /run/cos.
 * The host's other file systems are there read-only.
 */
import { dirname } from 'node:path';
import type { System } from '../../system/port.ts';

/** Sub-directories of a stage workspace that are the target's trees, by their name under /run/cos. */
export const treeNames = ['oem', 'state', 'persistent', 'recovery', 'efi'] as const;
export type TreeName = (typeof treeNames)[number];

/** Where a tree lies in the workspace. */
export const treePath = (workspace: string, tree: TreeName): string => `${workspace}/trees/${tree}`;

/**
 * Makes the namespace's root and enters it. Arguments: the workspace, `image` or `device`, then the program to run.
 * A fixed text: nothing of a configuration is ever part of it.
 *
 * Why pivot_root and not chroot: after it the old root is unmounted and there is no way back to it. Why the bounding set is cut for
 * image targets: a stage that could mount or make device nodes could reach the disks of the machine that makes the image.
 */
const enterScript = `set -eu
work=$1; kind=$2; shift 2
root=$work/root
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/overlay" "$root"
# The overlay shows the root file system only; the other ones that programs may need come in read-only.
findmnt -rno TARGET,FSTYPE | while read -r target fstype; do
  target=$(printf '%b' "$target")
  case $target in /|/proc|/proc/*|/sys|/sys/*|/dev|/dev/*|/run|/run/*|/tmp|/tmp/*) continue;; esac
  case $target in "$work"*) continue;; esac
  [ -d "$root$target" ] || continue
  mount --bind "$target" "$root$target" && mount -o remount,bind,ro "$root$target"
done
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --bind "$work/tmp" "$root/tmp"
if [ "$kind" = device ]; then
  mount --rbind /dev "$root/dev"
else
  mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
  for node in null zero full random urandom tty; do
    : > "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
  done
  mkdir "$root/dev/shm" "$root/dev/pts"
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s /proc/self/fd/0 "$root/dev/stdin"
  ln -s /proc/self/fd/1 "$root/dev/stdout"
  ln -s /proc/self/fd/2 "$root/dev/stderr"
fi
mkdir -p "$work/run/cos"
# Names of the network's resolver and the live medium are the only things of /run that a stage may count on.
for kept in systemd/resolve resolvconf initramfs/live; do
  [ -d "/run/$kept" ] || continue
  mkdir -p "$work/run/$kept"
done
mount --bind "$work/run" "$root/run"
for kept in systemd/resolve resolvconf initramfs/live; do
  [ -d "/run/$kept" ] || continue
  mount --bind "/run/$kept" "$root/run/$kept" && mount -o remount,bind,ro "$root/run/$kept"
done
# Big files of the target (images, kernels) are not copied into the trees but shown in them.
while read -r source place; do
  mount --bind "$source" "$work/trees/$place"
done < "$work/shown"
for tree in oem state persistent recovery efi; do
  mkdir -p "$root/run/cos/$tree"
  mount --rbind "$work/trees/$tree" "$root/run/cos/$tree"
done
cd "$root"
mkdir -p .slipway-old
pivot_root . .slipway-old
cd /
umount -l /.slipway-old
rmdir /.slipway-old
if [ "$kind" = device ]; then exec "$@"; fi
exec setpriv --bounding-set=-sys_admin,-mknod,-sys_rawio,-sys_module,-sys_boot,-sys_time,-sys_ptrace,-net_admin "$@"
`;

/** A file that is shown in a tree without being copied there. No white space in either. */
export interface ShownFile {
  readonly source: string;
  readonly tree: TreeName;
  /** Relative to the tree: `cOS/active.img` */
  readonly place: string;
}

export interface StageNamespace {
  /** Memory-backed; holds the overlay, the trees and what is being executed. */
  readonly workspace: string;
  /** The command line that runs `program` (with arguments, never a secret) inside. */
  command(program: readonly string[]): readonly string[];
  /** The command line that runs `program` on the host's own files, with the shown files in the trees. */
  populated(program: readonly string[]): readonly string[];
  /** Shows files in the trees from now on. */
  show(files: readonly ShownFile[]): Promise<void>;
}

/** Arguments: the workspace, then the program. */
const populateScript = `set -eu
work=$1; shift
while read -r source place; do
  mount --bind "$source" "$work/trees/$place"
done < "$work/shown"
exec "$@"
`;

/** Prepares a workspace (a memory-backed directory). Mounts nothing yet: each command makes its own namespace over the same overlay. */
export const createStageNamespace = async (
  system: System,
  workspace: string,
  kind: 'image' | 'device',
): Promise<StageNamespace> => {
  for (const name of ['upper', 'overlay', 'root', 'run']) await system.makeDirectory(`${workspace}/${name}`, 0o755);
  await system.makeDirectory(`${workspace}/tmp`, 0o1777);
  for (const tree of treeNames) await system.makeDirectory(treePath(workspace, tree), 0o755);
  const enter = `${workspace}/enter.sh`;
  const populate = `${workspace}/populate.sh`;
  await system.writeFile(enter, enterScript, { mode: 0o500 });
  await system.writeFile(populate, populateScript, { mode: 0o500 });
  await system.writeFile(`${workspace}/shown`, '', { mode: 0o600 });
  const isolate = ['unshare', '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
  return {
    workspace,
    command: (program) => [...isolate, '/bin/sh', enter, workspace, kind, ...program],
    populated: (program) => [...isolate, '/bin/sh', populate, workspace, ...program],
    async show(files) {
      for (const file of files) {
        const path = `${treePath(workspace, file.tree)}/${file.place}`;
        await system.makeDirectory(dirname(path), 0o755);
        await system.writeFile(path, '', { mode: 0o644 });
      }
      const rows = files.map((file) => `${file.source} ${file.tree}/${file.place}\n`);
      await system.writeFile(`${workspace}/shown`, rows.join(''), { mode: 0o600 });
    },
  };
};
