/** The programs that the builtin engine orders about, each with the Debian package that holds it. */
import type { EngineFacts } from '../../plan/input.ts';
import type { System } from '../../system/port.ts';

const programs = {
  sfdisk: 'fdisk',
  mke2fs: 'e2fsprogs',
  debugfs: 'e2fsprogs',
  e2fsck: 'e2fsprogs',
  'mkfs.vfat': 'dosfstools',
  mcopy: 'mtools',
  mksquashfs: 'squashfs-tools',
  unsquashfs: 'squashfs-tools',
  'grub-mkimage': 'grub-common',
  'grub-editenv': 'grub-common',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  dd: 'coreutils',
  truncate: 'coreutils',
} as const;

/** Files of GRUB that `grub-mkimage` needs besides itself. */
export const grubFiles = {
  bios: '/usr/lib/grub/i386-pc',
  uefi: '/usr/lib/grub/x86_64-efi',
} as const;

const grubPackages = [
  { program: `${grubFiles.bios}/boot.img`, package: 'grub-pc-bin' },
  { program: `${grubFiles.uefi}/moddep.lst`, package: 'grub-efi-amd64-bin' },
];

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const isInstalled = async (system: System, program: string): Promise<boolean> => {
  for (const directory of searchPath) {
    if ((await system.stat(`${directory}/${program}`)) !== null) return true;
  }
  return false;
};

/** The kernel knows overlay file systems, or has the module for them, which a mount loads by itself. */
const knowsOverlay = async (system: System): Promise<boolean> => {
  if (/\boverlay\b/.test((await system.readText('/proc/filesystems')) ?? '')) return true;
  const release = ((await system.readText('/proc/sys/kernel/osrelease')) ?? '').trim();
  return release !== '' && (await system.stat(`/lib/modules/${release}/kernel/fs/overlayfs`)) !== null;
};

/** Looks which of the programs are installed and whether stages can be isolated here. Changes nothing. */
export const probeBuiltinEngine = async (system: System, version: string): Promise<EngineFacts> => {
  const missing: { program: string; package: string }[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    if (!(await isInstalled(system, program))) missing.push({ program, package: debianPackage });
  }
  for (const row of grubPackages) {
    if ((await system.stat(row.program)) === null) missing.push(row);
  }
  return {
    name: 'builtin',
    available: true,
    version,
    missing,
    // That it also needs root is checked when it is done: a plan needs none.
    canIsolateStages: await knowsOverlay(system),
    path: null,
  };
};
