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

/** Makes it at /run/agent/source. */
export const makeAgentSource = async (shell: SerialShell): Promise<void> => {
  const { code, text } = await shell.run(`echo ${Buffer.from(script).toString('base64')} | base64 -d > /run/agent.sh && sh /run/agent.sh`, 60_000);
  if (code !== 0) throw new Error(`the source for kairos-agent could not be made: ${text}`);
};
