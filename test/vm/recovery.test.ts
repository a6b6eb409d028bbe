/**
 * A node in trouble, from the fault to the next good boot: changed with `slipway recovery` as it would be from a live medium, booted
 * in QEMU.
 */
import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { sampleNode } from './node.ts';
import type { NodeDisks } from './node.ts';

let disks: NodeDisks;
beforeAll(async () => {
  disks = await sampleNode();
}, 300_000);
afterAll(() => disks.dispose());

const recovery = (image: string, ...args: readonly string[]): void => {
  const ran = spawnSync('dist/slipway', ['recovery', ...args, '--yes', '--json', '--image', image], { encoding: 'utf8' });
  expect(ran.stdout.trim().split('\n').at(-1)).toContain('"ok":true');
  expect(ran.status).toBe(0);
};

interface Status {
  readonly next: { readonly assessed: string | null };
  readonly assessment: { readonly armed: boolean; readonly afterUpgrade: boolean; readonly givenUp: boolean; readonly unmarked: string | null } | null;
  readonly problems: readonly { readonly id: string; readonly what: string }[];
}

const status = (image: string): Status => JSON.parse(spawnSync('dist/slipway', ['recovery', 'status', '--json', '--image', image], { encoding: 'utf8' }).stdout) as Status;

const marker = /SLIPWAY-SAMPLE booted (.*)/;

/** Starts the image until its marker line, however often it restarts before; what it writes stays in the image. */
const boot = async (image: string, firmware: 'bios' | 'uefi' = 'bios'): Promise<{ readonly said: string; readonly text: string }> => {
  await using machine = await Machine.start({ firmware, drives: [{ file: image, serial: 'TARGET0', snapshot: false }], rebootEnds: false });
  const [, said = ''] = await machine.waitForLine(marker, 240_000);
  // GRUB's own writes are on the disk by now; the node is given the time to bring out its own.
  await machine.waitFor(/login:/);
  return { said, text: machine.text };
};

const field = (text: string, name: string): string => new RegExp(`${name}=(\\S*)`).exec(text)?.[1] ?? '';
const whole = 'mode=active hostname=factory-node users=operator oem=ok persistent=ok';

describe('a node in trouble', () => {
  test('active ruined inside: it is tried twice, the boot loader falls back by itself and stays there; a reset brings active back', async () => {
    const image = disks.copy();
    expect(status(image).assessment).toEqual({ armed: true, afterUpgrade: false, givenUp: false, unmarked: null });
    disks.put(image, 'persistent', '/workload', 'old');
    disks.put(image, 'state', '/cOS/active.img', 'ruined'.repeat(1000));
    const fallen = await boot(image);
    expect(field(fallen.said, 'mode')).toBe('passive');
    expect(fallen.text.match(/cannot start the system/g)).toHaveLength(2);
    expect(status(image)).toMatchObject({ next: { assessed: 'passive' }, assessment: { unmarked: null } });
    expect(status(image).problems.find(({ id }) => id === 'node-upgrade-failure')?.what).toBe('the active system did not come up; passive starts instead');

    recovery(image, 'reset');
    expect(status(image)).toMatchObject({ next: { assessed: null } });
    expect((await boot(image)).said).toContain(whole);
    expect(disks.debugfs(image, 'persistent', 'ls -p /')).not.toContain('workload');
    expect(status(image).assessment).toEqual({ armed: true, afterUpgrade: false, givenUp: false, unmarked: null });
  });

  test('the passive system does not come up either: recovery does, by itself', async () => {
    const image = disks.copy();
    disks.put(image, 'state', '/cOS/passive.img', 'ruined'.repeat(1000));
    // As it is after the boots of the test before: active was given up on, passive was tried once.
    const block = '# GRUB Environment Block\nenable_boot_assessment_always=yes\nboot_assessment_tentative=yes\nlast_boot_attempt=fallback\n'.padEnd(1024, '#');
    disks.put(image, 'state', '/boot_assessment', block);
    const { said, text } = await boot(image);
    expect(field(said, 'mode')).toBe('recovery');
    expect(text.match(/cannot start the system/g)).toHaveLength(1);
    expect(status(image).next.assessed).toBe('recovery');
  });

  test('a kernel that is gone: the boot loader itself takes the passive one; recovery is chosen for one boot (UEFI)', async () => {
    const image = disks.copy();
    disks.debugfs(image, 'state', 'rm /cOS/active.vmlinuz');
    expect(field((await boot(image, 'uefi')).said, 'mode')).toBe('passive');
    recovery(image, 'boot', 'recovery');
    expect(field((await boot(image, 'uefi')).said, 'mode')).toBe('recovery');
    // One-shot: GRUB took the choice out by itself.
    expect(disks.debugfs(image, 'oem', 'cat /grubenv')).not.toMatch(/^next_entry=./m);
  });

  test('a reset that power was taken from leads into recovery; repeated it is whole', async () => {
    const image = disks.copy();
    const child = spawn('dist/slipway', ['recovery', 'reset', '--yes', '--json', '--image', image], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('make COS_PERSISTENT anew')) child.kill('SIGKILL');
      });
      child.once('close', () => resolve());
    });
    expect(said).not.toContain('"done"');
    expect(field((await boot(image)).said, 'mode')).toBe('recovery');
    recovery(image, 'reset');
    expect((await boot(image)).said).toContain(whole);
  });

  test('rolled back it starts the passive system at every boot; with OEM reset it starts without users', async () => {
    const image = disks.copy();
    recovery(image, 'rollback');
    expect(field((await boot(image)).said, 'mode')).toBe('passive');
    expect(field((await boot(image)).said, 'mode')).toBe('passive');
    recovery(image, 'reset', '--oem');
    const { said } = await boot(image);
    expect(field(said, 'mode')).toBe('active');
    expect(field(said, 'users')).toBe('');
    expect(field(said, 'hostname')).not.toBe('factory-node');
    expect(field(said, 'oem')).toBe('ok');
    expect(disks.debugfs(image, 'oem', 'ls -p /')).toContain('/95_userdata/');
  });
});
