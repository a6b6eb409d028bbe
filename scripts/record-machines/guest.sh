#!/bin/bash
# First process of the live system in QEMU.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
exec </dev/console >/dev/console 2>&1
mkdir -p /run/cos /run/lock && touch /run/cos/live_mode
[ -d /sys/firmware/efi ] && mount -t efivarfs efivarfs /sys/firmware/efi/efivars
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --type=subsystems
udevadm trigger --action=add --type=devices
udevadm settle --timeout=60
ip link set lo up
for card in /sys/class/net/e*; do [ -e "$card" ] && ip link set "${card##*/}" up; done
# shellcheck disable=SC1091
source /machines.sh
machine=$(sed -n 's/.*record\.machine=\([a-z0-9-]*\).*/\1/p' /proc/cmdline)
if declare -F "guest_$machine" >/dev/null; then
  "guest_$machine" || echo "GUEST FAILED: $machine"
fi
udevadm settle --timeout=60
sync
lsblk
slipway probe --record /tmp/recording.json
port=$(ls /dev/vport*p1 | head -1)
cat /tmp/recording.json >"$port"
# With a recording of before: both, one after the other, to be joined on the host.
if [ -e /tmp/before.json ]; then cat /tmp/before.json >"$port"; fi
echo RECORDED
sleep 1
echo b >/proc/sysrq-trigger
sleep 60
