/** The Debian packages of the live system, and where this machine gets its packages from. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tool } from '../sample-source/tools.ts';

export const suite = 'trixie';

/** Said by their use, so that one can be dropped with its use. */
const uses = {
  system: ['systemd', 'systemd-sysv', 'systemd-resolved', 'udev', 'dbus', 'kmod', 'login', 'passwd', 'procps', 'netbase', 'busybox-static', 'less', 'nano-tiny'],
  network: ['iproute2', 'iputils-ping', 'curl', 'ca-certificates'],
  // src/engine/builtin/tools.ts
  builtinEngine: ['fdisk', 'e2fsprogs', 'dosfstools', 'mtools', 'squashfs-tools', 'grub-common', 'grub-pc-bin', 'grub-efi-amd64-bin', 'util-linux', 'mount', 'zstd', 'xz-utils'],
  encryption: ['cryptsetup-bin', 'systemd-cryptsetup', 'libtss2-tcti-device0t64'],
  // kairos-agent calls these while it installs
  agentEngine: ['rsync', 'parted', 'gdisk', 'lvm2', 'grub2-common', 'shim-signed', 'grub-efi-amd64-signed', 'eject'],
  // what the probe reads from, and what a person at a rescue shell looks for
  probe: ['mdadm', 'dmsetup', 'efibootmgr', 'pciutils', 'usbutils', 'nvme-cli', 'smartmontools', 'btrfs-progs'],
} as const;

export const packages: readonly string[] = [...new Set(Object.values(uses).flat())].toSorted();

/** Applied where no kairos-agent is at hand: reads the kept configuration at boot. */
export const withoutAgent = ['gojq'] as const;

/** Left out of the packages when they are unpacked. */
export const leftOut = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/lintian/*',
  '/usr/share/bug/*',
  '/usr/share/zsh/*',
  '/usr/share/bash-completion/*',
  '/usr/share/perl/*/unicore/*',
  '/usr/lib/grub/*/*.module',
  '/usr/lib/grub/*/gdb_*',
  '/usr/lib/udev/hwdb.d/*',
] as const;

/**
 * Address of Debian's packages that this machine itself uses. It is asked for at run time and kept nowhere: neither in the
 * project nor on the medium.
 *
 * @throws Error when no source of Debian packages is set up
 */
export const packageSource = async (): Promise<string> => {
  const folder = '/etc/apt/sources.list.d';
  const names = (await readdir(folder).catch(() => [])).toSorted();
  const texts = await Promise.all(['/etc/apt/sources.list', ...names.map((name) => join(folder, name))].map((file) => readFile(file, 'utf8').catch(() => '')));
  const found = texts
    .flatMap((text) => [...text.matchAll(/^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+)/gm)].map((match) => match[1] ?? ''))
    .find((address) => /\/debian\/?$/.test(address));
  if (found === undefined) throw new Error('this machine has no source of Debian packages (an address that ends with /debian) in /etc/apt');
  return found;
};

/** Versions of the host's tools that shape the bytes. */
export const hostToolVersions = async (): Promise<string> => {
  const versions = await tool('dpkg-query', ['--show', '--showformat', '${Package} ${Version}\n', 'mmdebstrap', 'squashfs-tools', 'xorriso', 'mtools', 'cpio', 'zstd']);
  return versions;
};
