/**
 * A small system for kairos-agent to install: the one that `npm run try` installs, with what the agent expects in an image (GRUB and its
 * program, its boot menu) and the live system's kernel and initramfs, which start an image of the agent's. Made in the live shell's memory.
 * The agent writes it in a minute under software emulation, where an image of real size takes ten.
 */
import type { SerialShell } from './serial-shell.ts';

export const agentSource = '--engine kairos-agent --source dir:/run/agent/source';

const script = `set -e
mkdir -p /run/agent/image /run/agent/source
mount -o loop,ro /run/source/sample.squashfs /run/agent/image
mount -t tmpfs tmpfs /run/agent/source
cp -a /run/agent/image/. /run/agent/source
cd /run/agent/source
mkdir -p usr/sbin usr/lib/grub etc/cos
for file in /usr/sbin/grub-install $(ldd /usr/sbin/grub-install | grep -o '/[^ ]*'); do mkdir -p ".\${file%/*}"; cp -L "$file" ".$file"; done
cp -r /usr/lib/grub/i386-pc usr/lib/grub/
mkdir -p usr/lib/shim usr/lib/grub/x86_64-efi usr/lib/grub/x86_64-efi-signed
cp /usr/lib/shim/shimx64.efi.signed usr/lib/shim/
cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed usr/lib/grub/x86_64-efi-signed/
for module in loopback squash4 xzio gzio regexp; do cp /usr/lib/grub/x86_64-efi/$module.mod usr/lib/grub/x86_64-efi/; done
cp /etc/cos/grub.cfg etc/cos/
rm boot/*
cp -L /run/rootfsbase/boot/vmlinuz /run/rootfsbase/boot/initrd boot/
`;

/** What opens encrypted partitions at boot, out of the live system: kairos-agent, which asks udev for them, and device-mapper with its modules. */
const encryptedScript = `set -e
cd /run/agent/source
mkdir -p usr/lib/slipway-live usr/lib/systemd usr/lib/udev
for file in /usr/bin/kairos-agent /usr/bin/udevadm /usr/sbin/cryptsetup /usr/sbin/dmsetup /usr/sbin/blkid /usr/bin/lsblk; do
  for part in $file $(ldd $file 2>/dev/null | grep -o '/[^ ]*') $(ls /usr/lib/x86_64-linux-gnu/libkmod.so.2 /usr/lib/x86_64-linux-gnu/libblkid.so.1); do
    mkdir -p ".\${part%/*}"; rm -f ".$part"; cp -L "$part" ".$part"
  done
done
ln -s ../../bin/udevadm usr/lib/systemd/systemd-udevd
cp -r /usr/lib/udev/rules.d usr/lib/udev/
version=$(uname -r)
for folder in arch/x86/crypto block crypto lib drivers/md drivers/char/tpm; do
  [ -d /usr/lib/modules/$version/kernel/$folder ] || continue
  mkdir -p lib/modules/$version/kernel/$folder
  cp -r /usr/lib/modules/$version/kernel/$folder/. lib/modules/$version/kernel/$folder
done
cp /usr/lib/modules/$version/modules.builtin* /usr/lib/modules/$version/modules.order lib/modules/$version/
depmod -b . $version
cp /usr/lib/slipway-live/open-encrypted usr/lib/slipway-live/
cat >usr/lib/slipway-sample/open <<'end'
#!/bin/sh
exec </dev/null >/dev/console 2>&1
export PATH=/usr/bin:/usr/sbin:/bin:/sbin
modprobe dm-crypt
/usr/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --subsystem-match=block --subsystem-match=misc
udevadm settle --timeout=30
/usr/lib/slipway-live/open-encrypted
exec /usr/lib/slipway-sample/boot
end
chmod 755 usr/lib/slipway-sample/open
sed -i 's,/usr/lib/slipway-sample/boot,/usr/lib/slipway-sample/open,' etc/inittab
`;

/** Makes it at /run/agent/source; `encrypted`: one that opens encrypted partitions at boot. */
export const makeAgentSource = async (shell: SerialShell, { encrypted = false } = {}): Promise<void> => {
  for (const text of encrypted ? [script, encryptedScript] : [script]) {
    // One line of a terminal is at most 4096 bytes.
    const { code, text: said } = await shell.run(`echo ${Buffer.from(text).toString('base64')} | base64 -d > /run/agent.sh && sh /run/agent.sh`, 120_000);
    if (code !== 0) throw new Error(`the source for kairos-agent could not be made: ${said}`);
  }
};
