/**
 * A whole install by the real kairos-agent in a virtual machine, booted from the live ISO's kernel. By hand, since it takes minutes:
 *
 *     npm run iso && node scripts/kairos-agent.mjs
 *     node test/engine/kairos-agent/vm/install.ts bios|uefi FOLDER [hold] [encrypt] [abort=STEP]
 *
 * FOLDER keeps the target (`target.img`) and the serial log.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { Machine } from '../../../vm/machine.ts';

const [firmware, place, ...words] = process.argv.slice(2);
if ((firmware !== 'bios' && firmware !== 'uefi') || place === undefined) throw new Error('usage: install.ts bios|uefi FOLDER [hold] [encrypt] [abort=STEP]');
const folder = resolve(place);
const project = resolve(import.meta.dirname, '../../../..');
const run = (...command: readonly string[]): string => execFileSync(command[0] ?? '', command.slice(1), { encoding: 'utf8', cwd: folder });

mkdirSync(folder, { recursive: true });
await build({ entryPoints: [join(import.meta.dirname, 'driver.ts')], outfile: join(folder, 'driver.mjs'), bundle: true, format: 'esm', platform: 'node', target: 'node24', banner: { js: "import {createRequire as __c} from 'node:module'; const require = __c(import.meta.url);" }, logLevel: 'warning' });
run(join(project, 'node_modules/@oven/bun-linux-x64/bin/bun'), 'build', '--compile', 'driver.mjs', '--outfile=driver');

const grub = `set timeout=1
set default=cos
serial --unit=0 --speed=115200
terminal_output console serial
menuentry "Kairos" --id cos {
  search --no-floppy --label --set=root COS_STATE
  set img=/cOS/active.img
  loopback loop0 /$img
  set root=($root)
  echo RIG-GRUB-STARTS-ACTIVE
  linux (loop0)/boot/vmlinuz root=LABEL=COS_ACTIVE cos-img/filename=$img console=ttyS0,115200 panic=5
  initrd (loop0)/boot/initrd
}
`;
const start = `set -eu
mount -t tmpfs -o size=64m tmpfs /mnt
mkdir -p /rig-source /mnt/upper/etc/cos /mnt/work /mnt/upper/boot
cp /rig/grub.cfg /mnt/upper/etc/cos/grub.cfg
for file in /run/rootfsbase/boot/vmlinuz-*; do cp "$file" /mnt/upper/boot/vmlinuz; done
for file in /run/rootfsbase/boot/initrd.img-*; do cp "$file" /mnt/upper/boot/initrd; done
mount -t overlay overlay -o lowerdir=/run/rootfsbase,upperdir=/mnt/upper,workdir=/mnt/work /rig-source
echo RIG-BEGIN
export KAIROS_AGENT_BIN=/rig/kairos-agent
cd /
cat /run/initramfs/live/rootfs.squashfs > /dev/null
/rig/driver ${words.join(' ')} || echo "RIG-EXIT $?"
echo "RIG-MOUNTS $(grep -c /run/cos /proc/self/mountinfo) RIG-LOOPS $(losetup -l | grep -c cOS) RIG-DM $(dmsetup ls 2>/dev/null | tr '\\n' ' ')"
sync
echo RIG-END
`;
const rig = join(folder, 'rig');
rmSync(rig, { recursive: true, force: true });
mkdirSync(rig);
for (const [name, text] of [['grub.cfg', grub], ['start', start]] as const) writeFileSync(join(rig, name), text);
run('cp', join(folder, 'driver'), join(project, 'build/kairos-agent/kairos-agent'), rig);
rmSync(join(folder, 'rig.img'), { force: true });
run('mke2fs', '-q', '-t', 'ext4', '-L', 'RIG', '-d', rig, 'rig.img', '400M');
const target = join(folder, 'target.img');
if (!existsSync(target)) {
  writeFileSync(target, '');
  truncateSync(target, 6 * 1024 ** 3);
}

const tpm = join(folder, 'tpm');
mkdirSync(tpm, { recursive: true });
const useTpm = words.includes('encrypt');
const swtpm = useTpm ? spawn('swtpm', ['socket', '--tpm2', '--tpmstate', `dir=${tpm}`, '--ctrl', `type=unixio,path=${join(tpm, 'sock')}`, '--terminate', '--flags', 'startup-clear'], { stdio: 'inherit' }) : null;
if (useTpm) await new Promise((done) => setTimeout(done, 500));

const iso = join(project, 'build/iso');
// Copies: a build that goes on beside this must not change the medium under the machine.
run('cp', join(iso, 'slipway-live.iso'), join(iso, 'slipway-live.initrd'), '.');
const kernel = run('sh', '-c', `ls ${iso}/base-agent/root/boot/vmlinuz-* ${iso}/base/root/boot/vmlinuz-* | head -1`).trim();
{
  await using machine = await Machine.start({
    firmware,
    memory: 3072,
    snapshot: false,
    drives: [
      { file: join(folder, 'slipway-live.iso'), bus: 'usb', readOnly: true, serial: 'LIVEISO' },
      { file: join(folder, 'rig.img'), serial: 'RIG', readOnly: true },
      { file: target, serial: 'TARGET0' },
    ],
    kernel: {
      file: kernel,
      initrd: join(folder, 'slipway-live.initrd'),
      commandLine: `cdroot root=live:CDLABEL=COS_LIVE rd.live.dir=/ rd.live.squashimg=rootfs.squashfs console=ttyS0,115200 quiet loglevel=3 net.ifnames=1 selinux=0 install.device=auto install.reboot=true slipway.console=none systemd.mask=slipway-console.service systemd.mask=slipway-console@ttyS0.service systemd.unit=kernel-command-line.target systemd.run_success_action=none systemd.run_failure_action=none systemd.run="/bin/sh -c 'mkdir /rig; until [ -e /dev/disk/by-label/RIG ]; do sleep 1; done; mount -o ro /dev/disk/by-label/RIG /rig; exec sh /rig/start >/dev/ttyS0 2>&1'"`,
    },
    args: useTpm ? ['-chardev', `socket,id=tpm,path=${join(tpm, 'sock')}`, '-tpmdev', 'emulator,id=tpm0,chardev=tpm', '-device', 'tpm-tis,tpmdev=tpm0'] : [],
  });
  const timer = setInterval(() => writeFileSync(join(folder, 'serial.log'), machine.text), 2000);
  try {
    await machine.waitFor('RIG-BEGIN', 240_000);
    await machine.waitForLine('RIG-END', 1_500_000);
  } finally {
    clearInterval(timer);
    writeFileSync(join(folder, 'serial.log'), machine.text);
  }
}
swtpm?.kill();
console.log(`ended; see ${folder}/serial.log`);
