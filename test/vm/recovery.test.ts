/**
 * A node in trouble, from the fault to the next good boot: on copies of the disk that `npm run try` makes, changed with
 * `slipway recovery` as it would be from a live medium, booted in QEMU.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';

const original = 'build/try/disk.img';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-recovery-vm-'));
  if (existsSync(original)) return;
  const tried = spawnSync('node', ['scripts/try.ts', '--unattended'], { encoding: 'utf8' });
  if (tried.status !== 0) throw new Error(tried.stdout + tried.stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const copy = (): string => {
  count += 1;
  const image = join(folder, `node-${count}.img`);
  execFileSync('cp', ['--sparse=always', original, image]);
  return image;
};

const startOf = (image: string, name: string): number => {
  const table = JSON.parse(execFileSync('sfdisk', ['--json', image], { encoding: 'utf8' })) as { partitiontable: { partitions: { start: number; name: string }[] } };
  const row = table.partitiontable.partitions.find((partition) => partition.name === name);
  if (row === undefined) throw new Error(`no partition ${name}`);
  return row.start * 512;
};

const debugfs = (image: string, name: string, request: string): string =>
  execFileSync('debugfs', ['-w', '-R', request, `${image}?offset=${startOf(image, name)}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const put = (image: string, name: string, path: string, text: string): void => {
  const file = join(folder, 'put');
  writeFileSync(file, text);
  debugfs(image, name, `rm ${path}`);
  debugfs(image, name, `write ${file} ${path}`);
};

const recovery = (image: string, ...args: readonly string[]): void => {
  const ran = spawnSync('dist/slipway', ['recovery', ...args, '--yes', '--json', '--image', image], { encoding: 'utf8' });
  expect(ran.stdout.trim().split('\n').at(-1)).toContain('"ok":true');
  expect(ran.status).toBe(0);
};

const marker = /SLIPWAY-SAMPLE booted (.*)/;

/** Starts the image until its marker line; what it writes stays in the image. */
const boot = async (image: string, firmware: 'bios' | 'uefi' = 'bios'): Promise<string> => {
  await using machine = await Machine.start({ firmware, drives: [{ file: image, serial: 'TARGET0', snapshot: false }] });
  const [, text = ''] = await machine.waitForLine(marker);
  // GRUB's own writes are on the disk by now; the node is given the time to bring out its own.
  await machine.waitFor(/login:/);
  return text;
};

const field = (text: string, name: string): string => new RegExp(`${name}=(\\S*)`).exec(text)?.[1] ?? '';

describe('a node in trouble', () => {
  test('active lost: the boot loader falls back; reset from outside; it boots with its configuration and a fresh COS_PERSISTENT', async () => {
    const image = copy();
    debugfs(image, 'state', 'rm /cOS/active.vmlinuz');
    put(image, 'persistent', '/workload', 'old');
    expect(field(await boot(image), 'mode')).toBe('passive');

    recovery(image, 'reset');
    const after = await boot(image);
    expect(after).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
    expect(debugfs(image, 'persistent', 'ls -p /')).not.toContain('workload');
  });

  test('active ruined inside: recovery is chosen for one boot, reset, and the boot after that is an ordinary one (UEFI)', async () => {
    const image = copy();
    put(image, 'state', '/cOS/active.img', 'ruined'.repeat(1000));
    recovery(image, 'boot', 'recovery');
    expect(field(await boot(image, 'uefi'), 'mode')).toBe('recovery');
    // One-shot: GRUB took the choice out by itself.
    expect(debugfs(image, 'oem', 'cat /grubenv')).not.toMatch(/^next_entry=./m);
    recovery(image, 'reset');
    expect(await boot(image, 'uefi')).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
  });

  test('a reset that power was taken from leads into recovery; repeated it is whole', async () => {
    const image = copy();
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
    expect(field(await boot(image), 'mode')).toBe('recovery');
    recovery(image, 'reset');
    expect(await boot(image)).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
  });

  test('rolled back it starts the passive system at every boot; with OEM reset it starts without users', async () => {
    const image = copy();
    recovery(image, 'rollback');
    expect(field(await boot(image), 'mode')).toBe('passive');
    expect(field(await boot(image), 'mode')).toBe('passive');
    recovery(image, 'reset', '--oem');
    const after = await boot(image);
    expect(field(after, 'mode')).toBe('active');
    expect(field(after, 'users')).toBe('');
    expect(field(after, 'hostname')).not.toBe('factory-node');
    expect(field(after, 'oem')).toBe('ok');
  });
});
