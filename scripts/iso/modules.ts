/** Which kernel modules the live system carries: what an installer meets on servers, desktops and virtual machines, without graphics, sound, radio and the like. */

const folders = [
  'arch/x86/crypto', 'block', 'crypto', 'lib',
  'drivers/acpi', 'drivers/ata', 'drivers/block', 'drivers/cdrom', 'drivers/char/hw_random', 'drivers/char/ipmi', 'drivers/char/tpm', 'drivers/crypto', 'drivers/dma', 'drivers/edac',
  'drivers/firmware', 'drivers/hid', 'drivers/hv', 'drivers/input/keyboard', 'drivers/input/serio', 'drivers/md', 'drivers/message',
  'drivers/mfd', 'drivers/mmc', 'drivers/net/bonding', 'drivers/net/dummy.ko', 'drivers/net/ethernet', 'drivers/net/fjes', 'drivers/net/hyperv', 'drivers/net/macvlan.ko', 'drivers/net/mdio',
  'drivers/net/mii.ko', 'drivers/net/net_failover.ko', 'drivers/net/phy', 'drivers/net/pcs', 'drivers/net/team', 'drivers/net/tun.ko', 'drivers/net/usb', 'drivers/net/veth.ko',
  'drivers/net/virtio_net.ko', 'drivers/net/vmxnet3', 'drivers/net/xen-netfront.ko', 'drivers/nvdimm', 'drivers/nvme', 'drivers/nvmem', 'drivers/parport',
  'drivers/pci', 'drivers/pinctrl', 'drivers/platform/x86/wmi.ko', 'drivers/ptp', 'drivers/pps', 'drivers/scsi', 'drivers/tty/serial', 'drivers/ufs', 'drivers/usb/class',
  'drivers/usb/common', 'drivers/usb/core', 'drivers/usb/host', 'drivers/usb/serial', 'drivers/usb/storage', 'drivers/usb/dwc3', 'drivers/virtio', 'drivers/watchdog', 'drivers/xen',
  'fs/9p', 'fs/binfmt_misc.ko', 'fs/btrfs', 'fs/configfs', 'fs/efivarfs', 'fs/exfat', 'fs/ext4', 'fs/fat', 'fs/fuse', 'fs/isofs', 'fs/jbd2', 'fs/mbcache.ko', 'fs/netfs', 'fs/nls', 'fs/overlayfs',
  'fs/smb', 'fs/squashfs', 'fs/udf', 'fs/xfs', 'fs/autofs',
  'net/8021q', 'net/802', 'net/9p', 'net/bridge', 'net/core', 'net/ipv6', 'net/key', 'net/llc', 'net/packet', 'net/psample', 'net/sched', 'net/tls', 'net/unix', 'net/vmw_vsock',
] as const;

/** Big, and never in a machine that is installed from a USB stick. */
const without = ['drivers/net/ethernet/mellanox', 'drivers/net/ethernet/netronome', 'drivers/net/ethernet/sfc', 'drivers/scsi/cxgbi', 'drivers/scsi/bnx2fc', 'drivers/scsi/fnic'] as const;

const lies = (file: string, folder: string): boolean => file.startsWith(`kernel/${folder}/`) || file.startsWith(`kernel/${folder}.`) || file.startsWith(`kernel/${folder}`) && folder.endsWith('.ko');

/** Those of `files` (paths below `/lib/modules/VERSION`) that stay. */
export const keptModules = (files: readonly string[]): readonly string[] =>
  files.filter((file) => folders.some((folder) => lies(file, folder)) && !without.some((folder) => lies(file, folder))).toSorted();

/** Loaded first by the initramfs: each costs 0.1 s in an emulator. */
export const firstModules = ['virtio_pci', 'virtio_blk', 'sr_mod', 'isofs', 'loop', 'squashfs', 'overlay', 'crc32c-intel', 'crc32c_generic', 'ext4'] as const;

/** Loaded when the medium or the disk is not there yet. */
export const restModules = [
  'xhci-pci', 'ehci-pci', 'uhci-hcd', 'ohci-pci', 'usb-storage', 'uas', 'sd_mod', 'ahci', 'nvme', 'virtio_scsi', 'ata_piix', 'ata_generic', 'mmc_block', 'sdhci-pci', 'sdhci-acpi',
  'hv_storvsc', 'vmw_pvscsi', 'mptspi', 'megaraid_sas', 'mpt3sas', 'hid-generic', 'usbhid', 'vfat', 'nls_ascii', 'nls_cp437', 'dm-mod',
] as const;
