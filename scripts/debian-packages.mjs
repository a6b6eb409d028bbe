// Everything that trying out, building and testing Slipway needs of Debian, by package name and with its reason.
// The one list: whoever needs a program adds its package here.

/** @type {Readonly<Record<string, string>>} */
export const debianPackages = {
  'busybox-static': 'userland of the sample system',
  cpio: 'its initramfs',
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
  'util-linux': 'namespaces, blkid, lsblk, setpriv',
  xorriso: 'data volumes',
  zstd: 'compressed initramfs and images',
};
