// Everything that trying out, building and testing Slipway needs of Debian, by package name and with its reason.
// The one list: whoever needs a program adds its package here.

/** @type {Readonly<Record<string, string>>} */
export const debianPackages = {
  'busybox-static': 'userland of the sample system',
  cpio: 'its initramfs',
  'cryptsetup-bin': 'LUKS headers read back from image files',
  dosfstools: 'EFI system partition of an installed disk',
  e2fsprogs: 'ext4 file systems written into image files',
  fdisk: 'sfdisk: partition tables',
  'grub-common': 'grub-mkimage, grub-editenv',
  'grub-efi-amd64-bin': 'GRUB for UEFI machines',
  'grub-pc-bin': 'GRUB for BIOS machines',
  mtools: 'files in FAT partitions of image files',
  ovmf: 'UEFI firmware of virtual machines',
  'qemu-system-x86': 'virtual machines: npm test, npm run try:boot',
  seabios: 'BIOS of virtual machines',
  'squashfs-tools': 'system images',
  skopeo: 'archives of docker save as sources',
  swtpm: 'TPM of virtual machines',
  umoci: 'image archives as sources',
  'util-linux': 'namespaces, blkid, lsblk, setpriv',
  xorriso: 'data volumes',
  zstd: 'compressed initramfs and images',
};

/**
 * What the live ISO needs besides, and so every test in a virtual machine. `npm test` and `npm run try` do without.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const isoPackages = {
  'debian-archive-keyring': 'keys of the packages that the live system is made of',
  kmod: 'depmod: its kernel modules',
  mmdebstrap: 'its root file system',
  'xz-utils': 'its kernel modules, unpacked',
};

/**
 * What `npm run vm -- --window` needs besides.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const windowPackages = { 'qemu-system-gui': "the machine's screen in a window" };
