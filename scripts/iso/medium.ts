/** The medium: squashfs, boot loaders for BIOS and UEFI (Secure Boot too, with Debian's signed ones), and the hybrid ISO around them. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tool } from '../sample-source/tools.ts';
import { epoch } from './base.ts';
import type { Base } from './base.ts';

export const volumeLabel = 'COS_LIVE';

const biosModules = [
  'biosdisk', 'iso9660', 'part_gpt', 'part_msdos', 'fat', 'search', 'search_fs_file', 'search_label', 'normal', 'configfile', 'linux', 'serial', 'terminal', 'echo', 'test', 'true', 'ls', 'cat',
  'reboot', 'halt', 'minicmd', 'sleep', 'gzio', 'all_video', 'loadenv', 'chain',
] as const;

const dated = { SOURCE_DATE_EPOCH: String(epoch), TZ: 'UTC' };

export const makeSquashfs = (tree: string, output: string): Promise<string> =>
  // zstd 9: 10 % smaller than 3 for some seconds more; xz would take a minute and load slower.
  tool('mksquashfs', [tree, output, '-noappend', '-no-progress', '-quiet', '-comp', 'zstd', '-Xcompression-level', '9', '-b', '256K', '-all-time', String(epoch), '-mkfs-time', String(epoch), '-no-exports']);

/**
 * A FAT image with the UEFI loaders: shim as the one that firmware starts, GRUB behind it. Not labelled COS_GRUB: an installer
 * that finds its partitions by label could take the stick's for the target's.
 */
const makeEsp = async (image: string, files: readonly (readonly [string, string])[]): Promise<void> => {
  await tool('truncate', ['-s', '6M', image]);
  await tool('mformat', ['-i', image, '-N', '51495741', '-v', 'SLIPWAY_EFI', '::'], { env: dated });
  await tool('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT'], { env: dated });
  for (const [from, name] of files) await tool('mcopy', ['-i', image, '-m', from, `::/EFI/BOOT/${name}`], { env: dated });
};

export interface MediumParts {
  readonly project: string;
  readonly base: Base;
  /** The live system's tree; its `/tmp` is used and left empty. */
  readonly tree: string;
  readonly initrd: string;
  readonly work: string;
  readonly output: string;
}

/** Makes the ISO. `tree` is complete by then. */
export const makeMedium = async ({ project, base, tree, initrd, work, output }: MediumParts): Promise<void> => {
  const iso = join(work, 'iso');
  for (const folder of ['boot/x86_64', 'EFI/BOOT', '.disk']) await mkdir(join(iso, folder), { recursive: true });
  await tool('cp', ['-r', `${join(project, 'iso-overlay/iso')}/.`, iso]);

  // GRUB's own tool and modules must be of one version: the base's tool runs in the base.
  const grub = join(tree, 'usr/lib/grub/i386-pc');
  await writeFile(join(tree, 'tmp/early.cfg'), 'search --no-floppy --file --set=root /boot/grub2/grub.cfg\nset prefix=($root)/boot/grub2\nconfigfile ($root)/boot/grub2/grub.cfg\n');
  await tool('chroot', [tree, 'grub-mkimage', '-O', 'i386-pc-eltorito', '-d', '/usr/lib/grub/i386-pc', '-p', '/boot/grub2', '-c', '/tmp/early.cfg', '-o', '/tmp/eltorito.img', ...biosModules]);
  await copyFile(join(tree, 'tmp/eltorito.img'), join(iso, 'boot/x86_64/eltorito.img'));
  await tool('rm', ['-f', join(tree, 'tmp/early.cfg'), join(tree, 'tmp/eltorito.img')]);

  const loaders = [
    [join(tree, 'usr/lib/shim/shimx64.efi.signed'), 'BOOTX64.EFI'],
    [join(tree, 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed'), 'grubx64.efi'],
    [join(tree, 'usr/lib/shim/mmx64.efi.signed'), 'mmx64.efi'],
  ] as const;
  for (const [from, name] of loaders) {
    await copyFile(from, join(iso, 'EFI/BOOT', name));
    await tool('touch', ['-d', `@${epoch}`, join(iso, 'EFI/BOOT', name)]);
  }
  // Debian's signed GRUB finds its medium by this file.
  await writeFile(join(iso, '.disk/info'), 'Slipway live\n');
  await makeEsp(join(iso, 'boot/uefi.img'), loaders.map(([, name]) => [join(iso, 'EFI/BOOT', name), name] as const));

  await copyFile(base.kernel, join(iso, 'boot/kernel'));
  await copyFile(initrd, join(iso, 'boot/initrd'));
  await makeSquashfs(tree, join(iso, 'rootfs.squashfs'));

  await tool('chmod', ['-R', 'u=rwX,go=rX', iso]);
  await tool('find', [iso, '-exec', 'touch', '-h', '-d', `@${epoch}`, '{}', '+']);
  await tool(
    'xorriso',
    [
      '-as', 'mkisofs', '-quiet', '-r', '-V', volumeLabel, '-o', output,
      '--grub2-mbr', join(grub, 'boot_hybrid.img'), '-partition_offset', '16', '--mbr-force-bootable',
      '-b', 'boot/x86_64/eltorito.img', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', '--grub2-boot-info',
      // Appended, so that the partition before it holds the whole ISO: on a USB stick that one may be what gets mounted.
      '-append_partition', '2', 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', join(iso, 'boot/uefi.img'), '-appended_part_as_gpt',
      '-eltorito-alt-boot', '-e', '--interval:appended_partition_2:all::', '-no-emul-boot',
      iso,
    ],
    { env: dated },
  );
};
