/**
 * Leaks inside LUKS2 containers: COS_OEM and COS_PERSISTENT encrypted, in a machine whose kernel has dm-crypt. Closed, the audit sees
 * nothing of what is in them; through their mappings it finds all, and what the scrub takes away through them is gone.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveIso, serialWords } from '../iso/live.ts';
import { Machine } from './machine.ts';

/** Opened with the plain key file of a test; `pbkdf2` with few rounds since an emulator counts them one by one. */
const start = `set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec 2>&1
mount -t tmpfs tmpfs /tmp
modprobe dm-crypt || true
for turn in $(seq 100); do [ -b /dev/vda ] && [ -b /dev/vdb ] && break; sleep 0.1; done
mkdir -p /dev/disk/by-id /run
for disk in vda vdb; do ln -sf "/dev/$disk" "/dev/disk/by-id/virtio-$(cat /sys/block/$disk/serial)"; done
disk=$(readlink /dev/disk/by-id/virtio-TARGET0)
printf 'label: gpt\\nstart=2048, size=65536, name=oem\\nsize=65536, name=persistent\\n' | sfdisk -q "$disk"
printf passphrase > /tmp/key
number=0
for name in oem persistent; do
  number=$((number + 1))
  for turn in $(seq 100); do [ -b "$disk$number" ] && break; sleep 0.1; done
  ln -sf "$disk$number" "/dev/disk/by-id/virtio-TARGET0-part$number"
  cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /tmp/key "$disk$number"
  cryptsetup open --key-file /tmp/key "$disk$number" "$name"
  mkfs.ext4 -q -F -L "COS_$name" "/dev/mapper/$name"
done
echo RIG-READY
/rig/driver || echo "RIG-FAILED $?"
echo RIG-END
sync
echo o > /proc/sysrq-trigger
sleep 60
`;

interface Result {
  readonly planted: number;
  readonly luks: readonly boolean[];
  readonly closed: Readonly<Record<string, number>>;
  readonly opened: Readonly<Record<string, number>>;
  readonly openedRaw: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly places: readonly { readonly place: string; readonly bytes: number }[];
  readonly readPath: string;
  readonly notes: readonly string[];
  readonly removed: number;
  readonly closure: readonly string[];
  readonly kept: boolean;
  readonly stuck: readonly string[];
}

const project = resolve(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-luks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (...command: readonly string[]): string => execFileSync(command[0] ?? '', command.slice(1), { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

/** A second archive behind the live one: its `init` ends with the script of the drive RIG in place of the system's own. */
const initrdWith = (live: string): string => {
  const tree = join(folder, 'initramfs');
  mkdirSync(tree);
  const init = readFileSync(join(project, 'scripts/iso/initramfs/init'), 'utf8');
  // Which disk is called what, and when it is there, is the kernel's affair; /dev leaves this place with the lines behind.
  const steps = [
    ['for place in /proc /sys', 'mkdir -p /newroot/rig; until disk=$(blkid -c /dev/null -l -o device -t LABEL=RIG); do sleep 1; done; mount -t ext4 -o ro "$disk" /newroot/rig\nfor place in /proc /sys'],
    ['exec switch_root /newroot /sbin/init\n', 'exec switch_root /newroot /bin/sh /rig/start\n'],
  ] as const;
  for (const [here] of steps) expect(init.split(here)).toHaveLength(2);
  writeFileSync(join(tree, 'init'), steps.reduce((text, [here, instead]) => text.replace(here, () => instead), init), { mode: 0o755 });
  execFileSync('/bin/sh', ['-euc', 'cd "$1"; echo init | cpio --quiet -o -H newc --owner=0:0 > ../own.cpio', 'cpio', tree], { cwd: folder });
  const output = join(folder, 'initrd');
  const first = readFileSync(live);
  writeFileSync(output, Buffer.concat([first, Buffer.alloc((4 - (first.length % 4)) % 4), readFileSync(join(folder, 'own.cpio'))]));
  return output;
};

test('a LUKS container: found through its mapping, gone after the scrub', async () => {
  const iso = await liveIso();
  await build({ entryPoints: [join(import.meta.dirname, 'luks-guest.ts')], outfile: join(folder, 'driver.mjs'), bundle: true, format: 'esm', platform: 'node', target: 'node24', banner: { js: "import {createRequire as __c} from 'node:module'; const require = __c(import.meta.url);" }, logLevel: 'warning' });
  mkdirSync(join(folder, 'rig'));
  run(join(project, 'node_modules/@oven/bun-linux-x64/bin/bun'), 'build', '--compile', 'driver.mjs', '--outfile=rig/driver');
  writeFileSync(join(folder, 'rig/start'), start);
  run('mke2fs', '-q', '-t', 'ext4', '-L', 'RIG', '-d', 'rig', 'rig.img', '200M');
  run('truncate', '--size=72M', 'target.img');
  // A copy: a build that goes on beside this must not change the medium under the machine.
  copyFileSync(iso.file, join(folder, 'live.iso'));
  await using machine = await Machine.start({
    firmware: 'bios',
    memory: 1536,
    drives: [
      { file: join(folder, 'target.img'), serial: 'TARGET0' },
      { file: join(folder, 'rig.img'), serial: 'RIG', readOnly: true },
      { file: join(folder, 'live.iso'), serial: 'LIVEISO', readOnly: true },
    ],
    kernel: { file: iso.kernel, initrd: initrdWith(iso.initrd), commandLine: `${serialWords} loglevel=4` },
  });
  await machine.waitFor('RIG-READY', 240_000);
  const [, text = ''] = await machine.waitForLine(/RESULT (\{.*\})/, 300_000);
  const result = JSON.parse(text) as Result;
  const all = Object.fromEntries(Object.keys(result.opened).map((kind) => [kind, 5]));
  const none = Object.fromEntries(Object.keys(result.opened).map((kind) => [kind, 0]));
  const total = Object.values(result.opened).reduce((sum, count) => sum + count, 0);
  console.log([`planted inside LUKS2 containers ${result.planted}, found through the mappings ${total} (${((100 * total) / result.planted).toFixed(1)} %)`, ...Object.entries(result.opened).map(([kind, count]) => `  ${count}/5 ${kind}`)].join('\n'));
  expect(result).toMatchObject({ planted: 30, luks: [true, true], closed: none, opened: all, openedRaw: none, after: none, removed: 21, kept: true, stuck: [] });
  expect(result.places.map(({ place }) => place).toSorted()).toEqual(['COS_OEM', 'COS_OEM (opened)', 'COS_PERSISTENT', 'COS_PERSISTENT (opened)', 'GPT']);
  expect(result.readPath).toContain('blockdev --flushbufs');
  expect(result.notes).toContain('COS_OEM was zeroed and made anew inside its encryption');
  expect(result.closure).toEqual(['/oem/95_userdata keeps attached data volumes from being pulled in']);
}, 600_000);
