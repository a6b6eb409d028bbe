/** Which kernel modules the sample system carries, and in which order they can be loaded. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Loaded first: a virtio disk, ext4, and what puts a squashfs under an overlay. Few, since each costs 0.1 s in an emulator. */
export const firstModules = ['crc32c-intel', 'crc32c_generic', 'virtio_pci', 'virtio_blk', 'ext4', 'loop', 'squashfs', 'overlay'];

/** Loaded only when the image's partition is not there yet: other buses of common machines. */
export const restModules = [
  'ahci',
  'sd_mod',
  'nvme',
  'virtio_scsi',
  'ata_piix',
  'xhci-pci',
  'ehci-pci',
  'usb-storage',
  'uas',
  'vmw_pvscsi',
  'mmc_block',
  'sdhci-pci',
  'sdhci-acpi',
];

/** In the system only, for its users' sake: keyboards, and other file systems' media. */
export const systemModules = ['usbhid', 'hid-generic', 'vfat', 'nls_ascii', 'nls_cp437', 'nls_iso8859-1', 'nls_utf8', 'isofs', 'sr_mod'];

/** The parts of the kernel package that hold these modules and all they depend on; the rest of it is not unpacked. */
export const moduleFolders = [
  'arch/x86/crypto',
  'block',
  'crypto',
  'lib',
  'fs/ext4',
  'fs/jbd2',
  'fs/mbcache.ko',
  'fs/squashfs',
  'fs/overlayfs',
  'fs/fat',
  'fs/nls',
  'fs/isofs',
  'drivers/ata',
  'drivers/block',
  'drivers/cdrom',
  'drivers/hid',
  'drivers/mmc',
  'drivers/nvme',
  'drivers/scsi',
  'drivers/usb/common',
  'drivers/usb/core',
  'drivers/usb/host',
  'drivers/usb/storage',
  'drivers/virtio',
];

/** The kernel treats `-` and `_` in module names as the same; file names use either. */
const normal = (name: string): string => name.replaceAll('-', '_');

/** A module's own list of those it needs, as the kernel build wrote it into the file. */
async function dependsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'latin1');
  const list = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? '';
  return list.split(',').filter((name) => name !== '');
}

/**
 * The files of `wanted` and of everything they need, each after what it needs itself.
 *
 * @param wanted names without `.ko`, either spelling of `-` and `_`
 * @param files every module file at hand
 * @param builtin text of the package's `modules.builtin`: a wanted module may be part of the kernel instead
 * @throws Error naming the module that is neither a file nor built in
 */
export async function loadOrder(wanted: readonly string[], files: readonly string[], builtin: string): Promise<string[]> {
  const byName = new Map(files.map((file) => [normal(basename(file, '.ko')), file]));
  const inKernel = new Set(builtin.split('\n').map((line) => normal(basename(line, '.ko'))));
  const order = new Set<string>();

  async function visit(name: string, wantedBy: string): Promise<void> {
    const file = byName.get(normal(name));
    if (file === undefined) {
      if (inKernel.has(normal(name))) return;
      throw new Error(`the kernel package holds no module ${name} (wanted by ${wantedBy}) in the folders listed in modules.ts`);
    }
    if (order.has(file)) return;
    for (const dependency of await dependsOf(file)) await visit(dependency, name);
    order.add(file);
  }

  for (const name of wanted) await visit(name, 'the sample system');
  return [...order];
}
