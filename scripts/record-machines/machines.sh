# shellcheck shell=bash
# The machines: devices_NAME prints QEMU arguments (runs on the host, `blank NAME SIZE` makes an empty image file);
# guest_NAME lays things out in the guest before it is recorded (`by_serial SERIAL` gives a device path).
names=(virtio nvme sata usb-stick usb-stick-in-ram data-volumes lvm raid1 luks multipath multipath-off sectors-4k previous-kairos no-disk sixty-disks hot-plug uefi-tpm firmware-raid ventoy)

live_cd() { echo "-device usb-storage,drive=live,removable=on,bus=xhci.0 -drive if=none,id=live,media=cdrom,format=raw,readonly=on,file=$live"; }
live_stick() { echo "-device usb-storage,drive=live,removable=on,serial=PIKVM-FLASH,bus=xhci.0 -drive if=none,id=live,format=raw,readonly=on,file=$live"; }
virtio() { echo "-drive if=none,id=$1,format=raw,file=$(blank "$1" "$2") -device virtio-blk-pci,drive=$1,serial=$1${3:-}"; }
scsi() { echo "-drive if=none,id=$1,format=raw,file=$(blank "$1" "$2") -device scsi-hd,bus=scsi.0,drive=$1,serial=$1${3:-}"; }
sata() { echo "-drive if=none,id=$1,format=raw,file=$(blank "$1" "$2") -device ide-hd,bus=ide.$3,drive=$1,serial=$1,model=SAMPLE-SSD,wwn=0x5000c500a000000$3"; }
nvme() { echo "-drive if=none,id=$1,format=raw,file=$(blank "$1" "$2") -device nvme,drive=$1,serial=$1${3:-}"; }
usb() { echo "-drive if=none,id=$1,format=raw,file=${3:-$(blank "$1" "$2")} -device usb-storage,drive=$1,serial=$1,removable=on,bus=xhci.0"; }
hba="-device virtio-scsi-pci,id=scsi"

devices_virtio() { live_cd; virtio VIRTIO-SYSTEM 16G; virtio VIRTIO-DATA 40G; echo "-drive if=none,id=bare,format=raw,file=$(blank bare 16G) -device virtio-blk-pci,drive=bare"; }
guest_virtio() { local d; d=$(by_serial VIRTIO-DATA); sfdisk -q "$d" <<<$'label: gpt\nname=data'; udevadm settle; mkfs.ext4 -q -L data "${d}1"; }

devices_nvme() { live_cd; nvme NVME-A 32G; nvme NVME-B 64G; }
guest_nvme() {
  local d; d=$(by_serial NVME-B)
  sfdisk -q "$d" <<<$'label: gpt\nsize=100M,type=U,name="EFI system partition"\nsize=16M,type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE,name="Microsoft reserved partition"\nsize=20G,type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7,name="Basic data partition"'
  udevadm settle; mkfs.vfat -n SYSTEM "${d}p1"
  # A BitLocker header that blkid knows: signature, where the metadata is, and the metadata's own signature and version.
  put() { printf -- "$2" | dd of="${d}p3" bs=1 seek="$1" conv=notrunc status=none; }
  put 0 '\xeb\x58\x90-FVE-FS-'; put 176 '\x00\x00\x01\x00\x00\x00\x00\x00'; put 65536 '-FVE-FS-\x40\x00\x02\x00'
}

devices_sata() { live_cd; sata SATA-LINUX 20G 0; sata SATA-BLANK 20G 1; echo "-device ide-cd,bus=ide.2"; }
guest_sata() {
  local d; d=$(by_serial SATA-LINUX)
  sfdisk -q "$d" <<<$'label: dos\nsize=8G\nsize=1G,type=82\n'; udevadm settle
  mkdir -p /tmp/root/usr/lib && echo 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' >/tmp/root/usr/lib/os-release
  mkfs.ext4 -q -L root -d /tmp/root "${d}1"; mkswap -q "${d}2"; swapon "${d}2"
}

devices_usb-stick() { live_stick; usb USB-BLANK 8G; virtio TARGET 16G; }
devices_usb-stick-in-ram() { live_stick; virtio TARGET 16G; }
append_usb-stick-in-ram() { echo rd.live.ram; }

devices_data-volumes() { live_cd; usb PIKVM-DATA 64M; usb FLASH-DATA 64M "$data"; virtio TARGET 16G; }
guest_data-volumes() { mkfs.vfat -n SLIPWAY "$(by_serial PIKVM-DATA)"; }

devices_lvm() { live_cd; echo "$hba"; scsi LVM-A 8G; scsi LVM-B 8G; scsi LVM-OLD 8G; scsi FREE 8G; }
guest_lvm() {
  local a b c; a=$(by_serial LVM-A); b=$(by_serial LVM-B); c=$(by_serial LVM-OLD)
  pvcreate -q "$a" "$b" "$c"; vgcreate -q data "$a" "$b"; vgcreate -q old "$c"
  lvcreate -q -n home -L 10G data; lvcreate -q -n gone -L 1G old; vgchange -q -an old; mkfs.ext4 -q /dev/data/home
}

devices_raid1() { live_cd; sata RAID-A 8G 0; sata RAID-B 8G 1; sata RAID-OLD 8G 2; sata FREE 8G 3; }
guest_raid1() {
  local a b c; a=$(by_serial RAID-A); b=$(by_serial RAID-B); c=$(by_serial RAID-OLD)
  mdadm --create /dev/md0 --run --metadata=1.2 --level=1 --assume-clean --raid-devices=2 "$a" "$b"
  mdadm --create /dev/md1 --run --force --metadata=1.2 --level=1 --assume-clean --raid-devices=1 "$c"
  # udev puts a stopped array together again when its member is closed: stop it once more.
  for _ in 1 2 3; do mdadm --stop /dev/md1 || mdadm --stop /dev/md127 || true; udevadm settle; sleep 2; done
  mkfs.ext4 -q -L mirror /dev/md0
}

devices_luks() { live_cd; virtio LUKS-OPEN 8G; virtio LUKS-SHUT 8G; virtio FREE 8G; }
guest_luks() {
  local a b; a=$(by_serial LUKS-OPEN); b=$(by_serial LUKS-SHUT)
  for d in "$a" "$b"; do sfdisk -q "$d" <<<$'label: gpt\nname=secret'; done; udevadm settle
  for d in "${a}1" "${b}1"; do echo -n recording | cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$d" -; done
  echo -n recording | cryptsetup open "${a}1" secret -; mkfs.ext4 -q /dev/mapper/secret
}

shared="wwn=0x5000c500c0000001,share-rw=on"
devices_multipath() {
  live_cd; echo "$hba"; local f; f=$(blank lun 12G)
  for leg in 1 2; do echo "-drive if=none,id=leg$leg,format=raw,file=$f,file.locking=off -device scsi-hd,bus=scsi.0,drive=leg$leg,serial=LUN-7,$shared"; done
  scsi LOCAL 10G
}
guest_multipath() { modprobe dm-multipath; modprobe dm-service-time; printf 'defaults {\n find_multipaths no\n}\nblacklist {\n device {\n vendor QEMU\n product "QEMU CD-ROM"\n }\n wwid ".*LOCAL"\n}\n' >/etc/multipath.conf; multipathd; sleep 8; multipath -ll; }
devices_multipath-off() { devices_multipath; }

devices_sectors-4k() { live_cd; virtio NATIVE-4K 16G ,logical_block_size=4096,physical_block_size=4096; nvme NVME-4K 16G ,logical_block_size=4096,physical_block_size=4096; }
guest_sectors-4k() { local d; d=$(by_serial NVME-4K); sfdisk -q "$d" <<<$'label: gpt\nname=data'; udevadm settle; mkfs.ext4 -q -L data "${d}p1"; }

devices_previous-kairos() { live_cd; virtio KAIROS 32G; virtio UNFINISHED 32G; virtio FREE 32G; }
guest_previous-kairos() {
  local d u; d=$(by_serial KAIROS); u=$(by_serial UNFINISHED)
  sfdisk -q "$d" <<<$'label: gpt\nsize=64M,type=U,name=efi\nsize=64M,name=oem\nsize=4G,name=recovery\nsize=8G,name=state\nname=persistent'
  sfdisk -q "$u" <<<$'label: gpt\nsize=64M,type=U,name=slipway-unfinished\nsize=64M,name=oem\nsize=4G,name=recovery'
  udevadm settle; mkfs.vfat -n COS_GRUB "${d}1"
  mkdir -p /tmp/oem && printf '#cloud-config\nhostname: sample\n' >/tmp/oem/90_custom.yaml
  mkfs.ext4 -q -L COS_OEM -d /tmp/oem "${d}2"; mkfs.ext4 -q -L COS_RECOVERY "${d}3"; mkfs.ext4 -q -L COS_STATE "${d}4"
  echo -n recording | cryptsetup luksFormat -q --type luks2 --label COS_PERSISTENT --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "${d}5" -
}

devices_no-disk() { live_cd; }

devices_sixty-disks() { live_cd; echo "$hba"; for n in $(seq -w 1 60); do scsi "SHELF-$n" "$((8 + 10#$n))G"; done; }

# Two recordings: the stick is taken off, the first is made, the stick comes back, and record.sh joins the two with `changes`.
devices_hot-plug() { live_cd; usb PIKVM-DATA 64M; virtio TARGET 16G; }
guest_hot-plug() {
  local d; d=$(by_serial PIKVM-DATA); mkfs.vfat -n CIDATA "$d"; sync
  local device; device=$(readlink -f "/sys/block/${d#/dev/}/device"); local host=${device#*/host}; host=host${host%%/*}
  echo 1 >"$device/delete"; udevadm settle
  slipway probe --record /tmp/before.json >/dev/null
  echo '- - -' >"/sys/class/scsi_host/$host/scan"; sleep 3; udevadm settle
}

# UEFI with its variables, and a TPM 2.0.
devices_uefi-tpm() { live_cd; nvme SYSTEM 32G; }
firmware_uefi-tpm() {
  cp /usr/share/OVMF/OVMF_VARS_4M.fd "$disks/variables.fd"; mkdir "$disks/tpm"
  swtpm socket --tpm2 --tpmstate "dir=$disks/tpm" --ctrl "type=unixio,path=$disks/tpm.sock" --terminate --flags startup-clear --daemon >/dev/null
  echo "-drive if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd -drive if=pflash,unit=1,format=raw,file=$disks/variables.fd"
  echo "-chardev socket,id=tpm,path=$disks/tpm.sock -tpmdev emulator,id=tpm0,chardev=tpm -device tpm-tis,tpmdev=tpm0"
}

# Intel's metadata, as its firmware writes it; mdadm believes that there is such firmware.
devices_firmware-raid() { live_cd; sata FW-A 8G 0; sata FW-B 8G 1; sata FREE 8G 2; }
guest_firmware-raid() {
  local a b; a=$(by_serial FW-A); b=$(by_serial FW-B)
  export IMSM_NO_PLATFORM=1
  mdadm --create /dev/md/imsm0 --run --metadata=imsm --raid-devices=2 "$a" "$b"
  mdadm --create /dev/md/Volume0 --run --level=1 --assume-clean --raid-devices=2 /dev/md/imsm0
  udevadm settle; cat /proc/mdstat
}

# A stick that holds the medium as a file: Ventoy's two partitions, and device-mapper over the pieces of the file.
ventoy_stick() {
  local f=$disks/stick.img
  [ -e "$f" ] && echo "$f" && return
  truncate -s 2G "$f" && sfdisk -q "$f" <<<$'label: dos\nstart=2048,size=4061184,type=7\nsize=32M,type=ef'
  mkdir "$disks/files" && cp "$live" "$disks/files/live.iso"
  mke2fs -q -t ext4 -F -L Ventoy -E offset=1048576 -d "$disks/files" "$f" 2030592k
  truncate -s 32M "$disks/efi.img" && mkfs.vfat -n VTOYEFI "$disks/efi.img" >/dev/null
  dd if="$disks/efi.img" of="$f" bs=512 seek=4063232 conv=notrunc status=none
  echo "$f"
}
devices_ventoy() { echo "-device usb-storage,drive=live,removable=on,serial=VENTOY-STICK,bus=xhci.0 -drive if=none,id=live,format=raw,file=$(ventoy_stick)"; virtio TARGET 16G; }
# Pieces of the file as LOGICAL:PHYSICAL:COUNT, in blocks of 4 KiB: the last level of its extent tree.
append_ventoy() {
  local pieces; pieces=$(debugfs -R 'ex /live.iso' "$(ventoy_stick)?offset=1048576" 2>/dev/null |
    sed -nE 's#^ *([0-9]+)/ *([0-9]+) +[0-9]+/ *[0-9]+ +([0-9]+) *- *[0-9]+ +([0-9]+) *- *[0-9]+ +([0-9]+).*#\1 \2 \3:\4:\5#p' | awk '$1 == $2 { printf "%s%s", sep, $3; sep = "," }')
  echo "rd.pieces=$pieces"
}

by_serial() { lsblk -dnpo NAME,SERIAL | awk -v s="$1" '$2 == s { print $1; exit }'; }
