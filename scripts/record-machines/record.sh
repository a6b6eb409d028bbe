#!/bin/bash
# Makes test/machines/NAME.json by booting each machine of machines.sh in QEMU. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${RECORD_WORK:-/var/tmp/slipway-record}
slipway=${SLIPWAY:-$root/dist/slipway}
suite=${RECORD_SUITE:-bookworm}
packages=udev,mount,util-linux,kmod,iproute2,lvm2,mdadm,cryptsetup-bin,multipath-tools,e2fsprogs,dosfstools,fdisk,procps,mtools,squashfs-tools,grub-common,grub-pc-bin,grub-efi-amd64-bin
mkdir -p "$work"
cd "$work"

# shellcheck source=machines.sh
source "$here/machines.sh"

build_kernel() {
  [ -e kernel/done ] && return
  rm -rf kernel && mkdir kernel && cd kernel
  apt-get -o APT::Sandbox::User=root download "$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ {print $2; exit}')" busybox-static >/dev/null
  dpkg-deb -x linux-image-*.deb image && dpkg-deb -x busybox-static_*.deb busybox
  local version; version=$(ls image/lib/modules)
  cp "image/boot/vmlinuz-$version" vmlinuz
  local all=image/lib/modules/$version/kernel
  mkdir -p "modules/lib/modules/$version/kernel"
  for part in arch block crypto lib fs/{isofs,squashfs,overlayfs,ext4,jbd2,fat,nls,udf,efivarfs} fs/mbcache.ko drivers/{ata,block,cdrom,md,nvme,scsi,usb/{storage,host,common,core},virtio,char/virtio_console.ko,char/hw_random,char/tpm} drivers/net/{virtio_net.ko,net_failover.ko} net/core; do
    [ -e "$all/$part" ] && mkdir -p "modules/lib/modules/$version/kernel/$(dirname "$part")" && cp -r "$all/$part" "modules/lib/modules/$version/kernel/$part"
  done
  cp "image/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "modules/lib/modules/$version/"
  depmod -b "$PWD/modules" "$version"
  cd .. && touch kernel/done
}

unpack_tree() {
  [ -e tree.tar ] || { mmdebstrap --variant=apt --include="$packages" "$suite" tree.new.tar && mv tree.new.tar tree.tar; }
  rm -rf tree && mkdir tree && tar -C tree -xf tree.tar --exclude='./dev/*' --exclude='./usr/share/doc/*' --exclude='./var/cache/*'
}

build_tree() {
  mkdir -p tree/etc/kairos tree/lib/modules
  cp -r kernel/modules/lib/modules/* tree/lib/modules/
  # A live system that Slipway can install from: its kernel and initrd are where it looks for them.
  cp kernel/vmlinuz tree/boot/vmlinuz
  cp initrd.img tree/boot/initrd
  install -m755 "$slipway" tree/usr/bin/slipway
  install -m755 "$here/guest.sh" tree/guest.sh
  install -m644 "$here/machines.sh" tree/machines.sh
  printf 'KAIROS_ID="kairos"\nKAIROS_RELEASE="v3.5.0"\nKAIROS_FLAVOR="debian"\nKAIROS_MODEL="generic"\nKAIROS_VARIANT="core"\n' >tree/etc/kairos-release
}

build_live() {
  rm -rf iso live.squashfs && mkdir -p iso/LiveOS
  mksquashfs tree iso/LiveOS/rootfs.squashfs -comp zstd -Xcompression-level 3 -quiet -no-progress
  truncate -s 2M esp.img && mkfs.vfat -n COS_EFI esp.img >/dev/null
  # The file system appears on the disk and on its first partition: the layers of a hybrid ISO.
  xorriso -as mkisofs -quiet -V COS_LIVE -J -R -o live.iso \
    -partition_offset 16 -append_partition 2 0xef esp.img iso
  mkdir -p cidata && printf '#cloud-config\nhostname: sample\n' >cidata/user-data
  xorriso -as mkisofs -quiet -V cidata -J -R -o data.iso cidata
}

build_initramfs() {
  rm -rf init && mkdir -p init/bin
  cp kernel/busybox/bin/busybox init/bin/busybox
  cp -r kernel/modules/lib init/lib
  install -m755 "$here/guest-init.sh" init/init
  # For a medium that is a file on a stick: device-mapper's tool and what it is linked with.
  (cd tree && cp --parents usr/sbin/dmsetup "$OLDPWD/init" && chroot . ldd /usr/sbin/dmsetup | grep -o '/[^ ]*' | while read -r library; do mkdir -p "$OLDPWD/init${library%/*}" && cp -L ".$library" "$OLDPWD/init$library"; done)
  (cd init && find . | cpio -o -H newc --quiet | zstd -q -3) >initrd.img
}

live=$work/live.iso
data=$work/data.iso

# blank NAME SIZE: an empty sparse image; prints its path.
blank() { truncate -s 0 "$disks/$1.img" && truncate -s "$2" "$disks/$1.img" && echo "$disks/$1.img"; }

record() {
  local name=$1 append=
  disks=$work/disks-$name
  rm -rf "$disks" && mkdir "$disks"
  declare -F "append_$name" >/dev/null && append=$("append_$name")
  local devices; devices=$("devices_$name")
  local firmware=; declare -F "firmware_$name" >/dev/null && firmware=$("firmware_$name")
  echo "recording $name"
  # shellcheck disable=SC2086
  timeout 420 qemu-system-x86_64 -machine q35 -accel tcg,tb-size=256 -cpu max -smp 1 -m 1600 -nodefaults -no-user-config -display none -no-reboot \
    -smbios "type=1,manufacturer=Sample,product=Recorded Machine,serial=SAMPLE-0001,uuid=11111111-2222-4333-8444-555555555555" \
    -device qemu-xhci,id=xhci -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
    -netdev user,id=net,restrict=on -device virtio-net-pci,netdev=net,mac=52:54:00:00:00:01 \
    -device virtio-serial-pci -chardev file,id=out,path="$work/$name.json" -device virtserialport,chardev=out,name=record \
    -chardev file,id=tty,path="$work/$name.log" -serial chardev:tty \
    -kernel kernel/vmlinuz -initrd initrd.img \
    -append "root=live:CDLABEL=COS_LIVE console=ttyS0 quiet install-mode-interactive mitigations=off panic=-1 record.machine=$name $append" \
    $firmware $devices
  rm -rf "$disks"
  if [ -s "$name.json" ]; then
    node "$here/join.mjs" "$name" <"$name.json" >"$root/test/machines/$name.json"
  else
    echo "$name: nothing was recorded, see $work/$name.log" >&2
    return 1
  fi
}

wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=("${names[@]}")
build_kernel
unpack_tree
build_initramfs
build_tree
build_live
failed=0
for name in "${wanted[@]}"; do record "$name" || failed=1; done
exit "$failed"
