/**
 * The last look before the first write, on real devices: the disk that was confirmed is pulled while the install prepares itself, and
 * another one takes its name. And the second disk that a run may write: wiped right before the target, and only then.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startLive } from '../iso/live.ts';
import { blankDisk, digestOf } from '../iso/media.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-target-changed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A disk that looks like an installed Kairos by its names. */
const oldKairos = (file: string): string => {
  blankDisk(file, 4 * 1024 ** 3);
  execFileSync('sfdisk', ['--quiet', file], { input: 'label: gpt\nstart=1MiB, size=64MiB, name=oem\nsize=64MiB, name=state\n' });
  for (const [label, offset] of [['COS_OEM', 1], ['COS_STATE', 65]] as const) execFileSync('mke2fs', ['-q', '-t', 'ext4', '-L', label, '-E', `offset=${offset * 1024 ** 2}`, file, '64m']);
  return file;
};

const usb = (id: string, file: string, serial: string): string[] => ['-drive', `if=none,id=${id},format=raw,file=${file}`, '-device', `usb-storage,id=dev-${id},bus=xhci.0,drive=${id},serial=${serial}`];

const flags = '--unattended --engine builtin --data-volume none --config /tmp/user-data --wipe-other serial:OLD0 --allow-data-loss --allow removable --source file:/run/initramfs/live/rootfs.squashfs';

test('names that swap between consent and the first write: nothing is written, exit code 5 (invariant 2); a disk is wiped with consent only', async () => {
  const old = oldKairos(join(folder, 'old.img'));
  const [first, second] = [blankDisk(join(folder, 'first.img'), 6 * 1024 ** 3), blankDisk(join(folder, 'second.img'), 6 * 1024 ** 3)];
  const before = [old, first, second].map(digestOf);
  {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', words: 'slipway=shell', drives: [{ file: old, serial: 'OLD0', snapshot: false }], args: usb('first', resolve(first), 'FIRST') });
    const { machine } = live;
    await machine.waitFor(/A root shell of the live system/, 300_000);
    machine.write("stty -echo; printf '#cloud-config\\nhostname: node\\nusers:\\n- {name: kairos, passwd: x, groups: [admin]}\\n' >/tmp/user-data; printf '#cloud-config\\nstages:\\n  before-install:\\n  - commands: [\"for n in $(seq 60); do lsblk -dno SERIAL | grep -qx SECOND && break; sleep 0.5; done\"]\\n' >/tmp/wait; echo '<'NAME $(lsblk -dnpo NAME,SERIAL | grep -c FIRST)'>'\r");
    await machine.waitFor('<NAME 1>', 60_000);
    machine.write(`slipway install ${flags} --device serial:FIRST --installer-data /tmp/wait; echo '<'CODE $?'>'\r`);
    const [, name] = await machine.waitFor(/target +(\/dev\/sd[a-z]),/, 120_000);
    await machine.waitFor(/making the system image/, 120_000);
    await machine.qmp('device_del', { id: 'dev-first' });
    await machine.qmp('blockdev-add', { driver: 'raw', 'node-name': 'second', file: { driver: 'file', filename: resolve(second) } });
    await machine.qmp('device_add', { driver: 'usb-storage', id: 'dev-second', drive: 'second', bus: 'xhci.0', serial: 'SECOND' });
    const [said, code] = await machine.waitFor(/[^]*<CODE (\d+)>/, 300_000);
    expect(said).toMatch(/it is not the disk that was confirmed: serial was FIRST and is SECOND|it is not the disk that was confirmed: [^]*serial was FIRST and is SECOND/);
    expect(said).toContain('the disk was not touched');
    expect(code).toBe('5');
    // The other disk really took the name.
    machine.write(`echo '<'$(lsblk -dno SERIAL ${name})'>'\r`);
    await machine.waitFor('<SECOND>', 60_000);
    expect([old, first, second].map(digestOf)).toEqual(before);

    machine.write(`slipway install ${flags} --device serial:SECOND; echo '<'CODE $?'>'\r`);
    const [wiped] = await machine.waitFor(/[^]*wiping the signatures of \/dev\/vda[^]*partitioning/, 600_000);
    expect(wiped).toMatch(/another disk, wiped: \/dev\/vda, .*serial OLD0: Kairos/);
    machine.write('\u0003');
    const [ended, last] = await machine.waitFor(/[^]*<CODE (\d+)>/, 120_000);
    expect(ended).toMatch(/\/dev\/vda lost its signatures as agreed/);
    expect(last).toBe('6');
    machine.write("echo '<'LEFT $(lsblk -no LABEL,PARTLABEL,FSTYPE,PTTYPE /dev/vda | tr -d ' \\n')'>'; sync\r");
    await machine.waitFor('<LEFT >', 60_000);
  }
  // Nothing on it is found by a name any more; what its files held is not promised to be gone.
  expect(execFileSync('wipefs', ['--noheadings', '-n', old], { encoding: 'utf8' }).trim()).toBe('');
}, 1_500_000);
