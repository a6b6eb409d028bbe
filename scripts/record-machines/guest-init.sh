#!/bin/busybox sh
# First process of the initramfs. Finds the live medium by its iso9660 label, as dracut does.
/bin/busybox mkdir -p /proc /sys /dev /run /live /squash /rw /root
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs -o mode=755 run /run
for module in virtio_pci virtio_blk virtio_scsi virtio_console ahci sd_mod sr_mod cdrom nvme xhci_pci usb_storage uas isofs loop squashfs overlay; do
  modprobe "$module" 2>/dev/null
done
label_of() { dd if="$1" bs=1 skip=32808 count=8 2>/dev/null; }
# Pieces of a file on the stick's first partition: one device over them, as Ventoy makes it. Holes read as zero.
over_pieces() {
  table= next=0
  for piece in $(echo "$2" | tr , ' '); do
    logical=${piece%%:*} count=${piece##*:} physical=${piece#*:} physical=${physical%:*}
    [ "$logical" -gt "$next" ] && table="$table$((next * 8)) $(((logical - next) * 8)) zero
"
    table="$table$((logical * 8)) $((count * 8)) linear $1 $((physical * 8))
"
    next=$((logical + count))
  done
  printf '%s' "$table" | dmsetup create ventoy --readonly
  dmsetup mknodes
}
medium=
tries=0
while [ -z "$medium" ] && [ "$tries" -lt 60 ]; do
  pieces=$(sed -n 's/.*rd\.pieces=\([0-9:,]*\).*/\1/p' /proc/cmdline)
  if [ -n "$pieces" ] && [ -b /dev/sda1 ]; then modprobe dm-mod; modprobe dm-zero; over_pieces /dev/sda1 "$pieces"; fi
  for device in /dev/sr* /dev/vd? /dev/sd? /dev/mapper/ventoy; do
    [ -b "$device" ] && [ "$(label_of "$device")" = COS_LIVE ] && medium=$device && break
  done
  tries=$((tries + 1))
  sleep 0.5
done
[ -n "$medium" ] || { echo "no live medium"; sleep 1; reboot -f; }
mkdir -p /run/initramfs/live /run/rootfsbase
mount -t iso9660 -o ro "$medium" /run/initramfs/live || reboot -f
image=/run/initramfs/live/LiveOS/rootfs.squashfs
if grep -q rd.live.ram /proc/cmdline; then
  cp "$image" /run/initramfs/rootfs.squashfs
  umount /run/initramfs/live
  image=/run/initramfs/rootfs.squashfs
fi
losetup -r /dev/loop0 "$image"
mount -t squashfs -o ro /dev/loop0 /run/rootfsbase || reboot -f
mkdir -p /run/overlay
mount -t tmpfs rw /run/overlay
mkdir /run/overlay/up /run/overlay/work
mount -t overlay -o lowerdir=/run/rootfsbase,upperdir=/run/overlay/up,workdir=/run/overlay/work LiveOS_rootfs /root
for place in run dev proc sys; do mount --move "/$place" "/root/$place" 2>/dev/null || mount --bind "/$place" "/root/$place"; done
exec switch_root /root /guest.sh
