/** The actions on a disk that Slipway laid down, on image files, looked at afterwards with other tools than those that wrote. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRecoveryEffects } from '../../src/app/recovery/effects.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { config, createNodeWorkshop } from './node-image.ts';
import type { NodeWorkshop } from './node-image.ts';

let shop: NodeWorkshop;
beforeAll(() => {
  shop = createNodeWorkshop();
});
afterAll(() => shop.dispose());

const overwrite = (image: string, start: number, length: number, byte = 0): void => {
  const file = openSync(image, 'r+');
  writeSync(file, Buffer.alloc(length, byte), 0, length, start);
  closeSync(file);
};

const put = (image: string, partition: string, path: string, text: string): void => {
  const file = join(shop.folder, 'put');
  writeFileSync(file, text);
  shop.debugfs(image, partition, `rm ${path}`, true);
  shop.debugfs(image, partition, `write ${file} ${path}`, true);
};

const fsckAll = (image: string): readonly (number | null)[] =>
  ['oem', 'recovery', 'state', 'persistent'].map((name) => spawnSync('e2fsck', ['-fn', `${image}?offset=${shop.partition(image, name).start}`]).status);

const uuidOf = (image: string, name: string): string => {
  const { start, size } = shop.partition(image, name);
  return execFileSync('blkid', ['-p', '-o', 'value', '-s', 'UUID', '--offset', String(start), '--size', String(size), image], { encoding: 'utf8' }).trim();
};

/** When the image was last written. */
const written = (image: string): bigint => statSync(image, { bigint: true }).mtimeNs;

/** True when the bytes are anywhere in the partition, in files or not. */
const holds = (image: string, name: string, text: string): boolean => {
  const { start, size } = shop.partition(image, name);
  return spawnSync('/bin/sh', ['-c', 'tail -c "+$1" "$2" | head -c "$3" | grep -qaF -e "$4"', 'sh', String(start + 1), image, String(size), text]).status === 0;
};

const damageOf = async (image: string): Promise<Readonly<Record<string, string | null>>> => Object.fromEntries((await shop.status(image)).systems.map(({ name, damage }) => [name, damage]));
const versions = async (image: string): Promise<Readonly<Record<string, string | null>>> => Object.fromEntries((await shop.status(image)).systems.map(({ name, version }) => [name, version]));
const refusal = async (image: string, id: string): Promise<string | null> => (await shop.status(image)).actions.find((row) => row.id === id)?.refusal?.reason ?? null;
const environment = (image: string): string => shop.debugfs(image, 'oem', 'cat /grubenv').replaceAll(/^#.*$/gm, '').trim();

describe('reset', () => {
  test('makes active and passive anew from the recovery image and empties COS_PERSISTENT; COS_OEM and all UUIDs stay', async () => {
    const image = shop.copy();
    put(image, 'state', '/cOS/active.img', 'ruined');
    put(image, 'state', '/cOS/passive.initrd', '');
    put(image, 'persistent', '/workload', 'old workload');
    put(image, 'oem', '/51_extra.yaml', '#cloud-config\n');
    const uuids = ['oem', 'state', 'persistent', 'recovery'].map((name) => uuidOf(image, name));
    expect(await damageOf(image)).toEqual({ active: expect.stringContaining('no file system'), passive: expect.stringContaining('empty'), recovery: null });
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
    expect(await damageOf(image)).toEqual({ active: null, passive: null, recovery: null });
    expect(await versions(image)).toEqual({ active: 'Kairos v1.0.0', passive: 'Kairos v1.0.0', recovery: 'Kairos v1.0.0' });
    for (const suffix of ['img', 'vmlinuz', 'initrd']) {
      shop.debugfs(image, 'recovery', `dump /cOS/recovery.${suffix} ${shop.folder}/expected`);
      for (const name of ['active', 'passive']) {
        shop.debugfs(image, 'state', `dump /cOS/${name}.${suffix} ${shop.folder}/found`);
        expect(readFileSync(join(shop.folder, 'found')).equals(readFileSync(join(shop.folder, 'expected')))).toBe(true);
      }
    }
    expect(shop.debugfs(image, 'persistent', 'ls -p /')).not.toContain('workload');
    expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toBe(config);
    expect(shop.debugfs(image, 'oem', 'ls -p /')).toContain('51_extra.yaml');
    expect(['oem', 'state', 'persistent', 'recovery'].map((name) => uuidOf(image, name))).toEqual(uuids);
    expect(fsckAll(image)).toEqual([0, 0, 0, 0]);
    expect(environment(image)).not.toContain('slipway_reset');
    expect(await shop.status(image)).toMatchObject({ resetUnfinished: false, problems: [] });
  });

  test('with --oem the configuration is gone and data volumes are kept out again', async () => {
    const image = shop.copy();
    const before = uuidOf(image, 'oem');
    expect(await shop.recovery(image, 'reset', '--oem', '--yes')).toMatchObject({ status: 0 });
    expect(shop.debugfs(image, 'oem', 'ls -p /').match(/[^/]+(?=\/\d*\/$)/gm)?.toSorted()).toEqual(['.', '..', '95_userdata', 'grubenv', 'lost+found']);
    expect(shop.debugfs(image, 'oem', 'ls -p /95_userdata').trim().split('\n')).toHaveLength(2);
    expect(uuidOf(image, 'oem')).toBe(before);
    expect(environment(image)).toBe('');
    expect(fsckAll(image)).toEqual([0, 0, 0, 0]);
    expect((await shop.status(image)).problems.map(({ id }) => id)).toEqual(['node-config-missing']);
  });

  test('a COS_STATE of which nothing is left is made anew, with the boot configuration that an install would write', async () => {
    const image = shop.copy();
    const before = shop.debugfs(image, 'state', 'cat /grub2/grub.cfg');
    const uuid = uuidOf(image, 'state');
    const { start, size } = shop.partition(image, 'state');
    for (let at = 0; at < Math.min(size, 512 * 1024 * 1024); at += 64 * 1024 * 1024) overwrite(image, start + at, 64 * 1024 * 1024, 0);
    expect((await shop.status(image)).problems.map(({ id }) => id)).toContain('node-file-system');
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
    expect(uuidOf(image, 'state')).toBe(uuid);
    const plain = (text: string): string => text.replaceAll(/menuentry "[^"]*"/g, 'menuentry');
    expect(plain(shop.debugfs(image, 'state', 'cat /grub2/grub.cfg'))).toBe(plain(before));
    expect(await damageOf(image)).toEqual({ active: null, passive: null, recovery: null });
    expect(fsckAll(image)).toEqual([0, 0, 0, 0]);
  });

  test('cut off in the middle it leads back to recovery, says so, and repeated it is whole', async () => {
    const image = shop.copy();
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['src/main.ts', 'recovery', 'reset', '--yes', '--json', '--image', image], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        // Power goes: no clean-up, no last words.
        if (text.includes('make COS_PERSISTENT anew')) child.kill('SIGKILL');
      });
      child.once('close', () => resolve());
    });
    expect(text).not.toContain('"done"');
    expect(await shop.status(image)).toMatchObject({ resetUnfinished: true, next: { always: 'recovery' } });
    expect((await damageOf(image))['recovery']).toBe(null);
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
    expect(await shop.status(image)).toMatchObject({ resetUnfinished: false, next: { always: null, once: null }, problems: [] });
    expect(shop.debugfs(image, 'state', 'ls -p /cOS')).not.toContain('.new');
    expect(fsckAll(image)).toEqual([0, 0, 0, 0]);
  });

  test('a run that is stopped by a signal says that the disk was written to', async () => {
    const image = shop.copy();
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['src/main.ts', 'recovery', 'reset', '--yes', '--json', '--image', image], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    const code = await new Promise<number | null>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        if (text.includes('beside the old ones') && !child.killed) child.kill('SIGTERM');
      });
      child.once('close', (status) => resolve(status));
    });
    expect(code).toBe(6);
    expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toMatchObject({ event: 'done', exitCode: 6, diskTouched: true, result: 'interrupted' });
  });

  test('needs consent, a whole recovery system, and nothing is written without', async () => {
    const image = shop.copy();
    const before = written(image);
    const asked = await shop.recovery(image, 'reset');
    expect(asked.status).toBe(2);
    expect(asked.stderr).toContain('lost: all of COS_PERSISTENT');
    expect(written(image)).toBe(before);
    put(image, 'recovery', '/cOS/recovery.vmlinuz', '');
    expect(await refusal(image, 'reset')).toContain('nothing to rebuild it from');
    const ruined = written(image);
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 4 });
    expect(written(image)).toBe(ruined);
  });
});

describe('upgrade', () => {
  test('the old active system becomes the passive one; roll back and upgrade of recovery', async () => {
    const image = shop.copy();
    const next = shop.source('v2.0.0');
    expect(await shop.recovery(image, 'upgrade', '--source', next, '--yes')).toMatchObject({ status: 0 });
    expect(await versions(image)).toEqual({ active: 'Kairos v2.0.0', passive: 'Kairos v1.0.0', recovery: 'Kairos v1.0.0' });
    expect(shop.debugfs(image, 'state', 'cat /cOS/active.vmlinuz')).toContain('kernel of v2.0.0');
    expect(shop.debugfs(image, 'state', 'cat /cOS/passive.vmlinuz')).toContain('kernel of v1.0.0');

    expect(await shop.recovery(image, 'rollback', '--yes')).toMatchObject({ status: 0 });
    expect(environment(image)).toBe('saved_entry=fallback');
    expect((await shop.status(image)).next).toEqual({ once: null, always: 'passive', assessed: null });
    expect(await shop.recovery(image, 'rollback', '--undo', '--yes')).toMatchObject({ status: 0 });
    expect(environment(image)).toBe('');

    expect(await shop.recovery(image, 'upgrade', '--recovery', '--source', next, '--yes')).toMatchObject({ status: 0 });
    expect(await versions(image)).toEqual({ active: 'Kairos v2.0.0', passive: 'Kairos v1.0.0', recovery: 'Kairos v2.0.0' });
    expect(fsckAll(image)).toEqual([0, 0, 0, 0]);
  });

  test('boots are assessed where the system says that it is up: after an upgrade with one try, after a reset as after an install', async () => {
    const image = shop.copy();
    const variables = (): string => shop.debugfs(image, 'state', 'cat /boot_assessment').replaceAll(/^#.*$/gm, '').trim();
    // The fixture's system has no such program: it is never given up on.
    expect(variables()).toBe('');
    const marked = shop.source('v4.0.0', true);
    expect(await shop.recovery(image, 'upgrade', '--source', marked, '--yes')).toMatchObject({ status: 0 });
    expect(variables()).toBe('enable_boot_assessment_always=yes\nenable_boot_assessment=yes');
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
    expect(variables()).toBe('');
    expect(await shop.recovery(image, 'upgrade', '--recovery', '--source', marked, '--yes')).toMatchObject({ status: 0 });
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
    expect(variables()).toBe('enable_boot_assessment_always=yes');
  });

  test('a ruined active system does not become the passive one', async () => {
    const image = shop.copy();
    put(image, 'state', '/cOS/active.img', 'ruined');
    expect(await shop.recovery(image, 'upgrade', '--source', shop.source('v3.0.0'), '--yes')).toMatchObject({ status: 0 });
    expect(await versions(image)).toEqual({ active: 'Kairos v3.0.0', passive: 'Kairos v1.0.0', recovery: 'Kairos v1.0.0' });
  });

  test('an image that is none, or none at all, leaves the disk untouched', async () => {
    const image = shop.copy();
    const before = written(image);
    for (const args of [['--source', 'dir:/nowhere'], ['--source', `dir:${shop.folder}`], ['--source', 'oci:registry.example/kairos/x'], []]) {
      expect(await shop.recovery(image, 'upgrade', '--yes', ...args)).toMatchObject({ status: 3 });
    }
    expect(written(image)).toBe(before);
  });
});

describe('configuration', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(shop.folder, name), text);
    return join(shop.folder, name);
  };

  test('edit replaces it after a check; nothing of the old one is left on the partition', async () => {
    const image = shop.copy();
    const next = config.replace('field-node', 'other-node').replace('CLUSTER-TOKEN-1f2e3d4c5b', 'CLUSTER-TOKEN-new');
    expect(holds(image, 'oem', 'CLUSTER-TOKEN-1f2e3d4c5b')).toBe(true);
    expect(await shop.recovery(image, 'edit', '--config', write('next.yaml', next), '--yes')).toMatchObject({ status: 0 });
    expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toBe(next);
    expect(shop.debugfs(image, 'oem', 'stat /90_custom.yaml')).toMatch(/Mode:\s+0640/);
    expect(holds(image, 'oem', 'CLUSTER-TOKEN-1f2e3d4c5b')).toBe(false);
    expect(fsckAll(image)[0]).toBe(0);
  });

  test.each([
    ['install-only material', `${config}stages:\n  after-install:\n    - commands: [echo once]\n`],
    ['no header', 'hostname: x\n'],
    ['broken YAML', '#cloud-config\na: [1\n'],
  ])('edit refuses %s, and leaves the disk untouched', async (_what, text) => {
    const image = shop.copy();
    expect(await shop.recovery(image, 'edit', '--config', write('wrong.yaml', text), '--yes')).toMatchObject({ status: 3 });
    expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toBe(config);
  });

  test('scrub takes install-only parts out of what a datasource pulled, too, and out of the freed blocks', async () => {
    const image = shop.copy();
    put(image, 'oem', '/91_custom.yaml', `${config}install:\n  env: ["ONCE-ONLY-SECRET-4711"]\n`);
    shop.debugfs(image, 'oem', 'rmdir /95_userdata', true);
    expect((await shop.status(image)).closed).toBe(false);
    expect(await shop.recovery(image, 'scrub', '--yes')).toMatchObject({ status: 0 });
    expect(shop.debugfs(image, 'oem', 'cat /91_custom.yaml')).toBe(config);
    expect(holds(image, 'oem', 'ONCE-ONLY-SECRET-4711')).toBe(false);
    expect((await shop.status(image)).closed).toBe(true);
    expect((await shop.recovery(image, 'scrub', '--yes')).stdout).toContain('nothing install-only');
  });

  test('redeploy makes the next boot a first one', async () => {
    const image = shop.copy();
    shop.debugfs(image, 'persistent', 'mkdir /.kairos', true);
    put(image, 'persistent', '/.kairos/sentinel_firstboot', 'x');
    expect((await shop.status(image)).deployed).toBe(true);
    expect(await shop.recovery(image, 'redeploy', '--yes')).toMatchObject({ status: 0 });
    expect((await shop.status(image)).deployed).toBe(false);
    // The provider's own sign, of the role in the p2p network.
    put(image, 'persistent', '/.kairos/deployed', 'x');
    expect((await shop.recovery(image, 'redeploy', '--yes')).stdout).toContain('p2p network anew');
    expect(shop.debugfs(image, 'persistent', 'ls -p /.kairos')).not.toContain('deployed');
    expect((await shop.recovery(image, 'redeploy', '--yes')).stdout).toContain('a first boot already');
  });
});

describe('boot', () => {
  test.each([['active', 'cos'], ['passive', 'fallback'], ['recovery', 'recovery']])('%s is chosen once', async (word, id) => {
    const image = shop.copy();
    expect(await shop.recovery(image, 'boot', word, '--yes')).toMatchObject({ status: 0 });
    expect(environment(image)).toBe(`next_entry=${id}`);
    expect((await shop.status(image)).next.once).toBe(word);
    // GRUB writes into the block in place: its size is part of the format.
    expect(shop.debugfs(image, 'oem', 'cat /grubenv')).toHaveLength(1024);
    shop.debugfs(image, 'oem', `dump /grubenv ${shop.folder}/grubenv`);
    expect(execFileSync('grub-editenv', [`${shop.folder}/grubenv`, 'list'], { encoding: 'utf8' })).toBe(`next_entry=${id}\n`);
  });

  test('a disk of kairos-agent with an encrypted COS_OEM: the choice goes where its boot loader can read it', async () => {
    const image = shop.copy();
    put(image, 'state', '/grub2/grub.cfg', 'menuentry "Kairos" --id cos {\n}\nmenuentry "r" --id recovery {\n}\n');
    const { start } = shop.partition(image, 'oem');
    overwrite(image, start, 4096, 0);
    const file = openSync(image, 'r+');
    writeSync(file, Buffer.from('LUKS\xba\xbe\x00\x01', 'latin1'), 0, 8, start);
    closeSync(file);
    expect((await shop.status(image)).made).toBe('kairos-agent');
    expect(await shop.recovery(image, 'boot', 'recovery', '--yes')).toMatchObject({ status: 0 });
    expect(shop.debugfs(image, 'state', 'cat /grubenv')).toContain('next_entry=recovery\n');
    expect((await shop.status(image)).next.once).toBe('recovery');
  });

  test('a system that would not start is not chosen', async () => {
    const image = shop.copy();
    put(image, 'state', '/cOS/passive.img', 'ruined');
    expect(await shop.recovery(image, 'boot', 'passive', '--yes')).toMatchObject({ status: 3 });
    expect(await shop.recovery(image, 'rollback', '--yes')).toMatchObject({ status: 4 });
    expect(environment(image)).toBe('');
  });
});

describe('bad input', () => {
  test('no disk, no table, no node', async () => {
    expect(await shop.recovery(join(shop.folder, 'nowhere.img'))).toMatchObject({ status: 4 });
    const empty = join(shop.folder, 'empty.img');
    writeFileSync(empty, '');
    truncateSync(empty, 16 * 1024 * 1024);
    expect(await shop.recovery(empty)).toMatchObject({ status: 4 });
    execFileSync('sfdisk', ['--quiet', empty], { input: 'label: gpt\nsize=4MiB, name=efi\n' });
    expect((await shop.recovery(empty)).stderr).toContain('no installed Kairos system');
    expect(await shop.recovery(shop.folder)).toMatchObject({ status: 4 });
  });

  test('a damaged table: read from its backup, nothing else is offered until it is repaired', async () => {
    const image = shop.copy();
    overwrite(image, 512, 512, 0xff);
    const status = await shop.status(image);
    expect(status.problems.map(({ id }) => id)).toContain('node-table-damaged');
    expect(await refusal(image, 'reset')).toContain('partition table');
    expect(await shop.recovery(image, 'boot', 'recovery', '--yes')).toMatchObject({ status: 4 });
    expect(await shop.recovery(image, 'fsck', '--yes')).toMatchObject({ status: 0 });
    expect(spawnSync('sfdisk', ['--verify', image], { encoding: 'utf8' }).stderr).not.toMatch(/corrupt/);
    expect((await shop.status(image)).problems).toEqual([]);
    expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toBe(config);
  });

  test('a full COS_OEM: said, no action that writes there is offered, and nothing is lost', async () => {
    const image = shop.copy();
    const filler = join(shop.folder, 'filler');
    writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024, 1));
    shop.debugfs(image, 'oem', `write ${filler} /filler`, true);
    expect(await shop.status(image)).toMatchObject({ oemFull: true });
    expect(await refusal(image, 'edit')).toContain('full');
    expect(await refusal(image, 'boot')).toContain('full');
    expect(await shop.recovery(image, 'boot', 'recovery', '--yes')).toMatchObject({ status: 4 });
    expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toBe(config);
    expect(await refusal(image, 'reset-oem')).toBe(null);
  });

  test('errors in a file system are found, repaired, and found no more', async () => {
    const image = shop.copy();
    shop.debugfs(image, 'state', 'clri /cOS/passive.initrd', true);
    shop.debugfs(image, 'state', 'set_super_value state 2', true);
    expect((await shop.status(image)).partitions.find(({ name }) => name === 'state')?.health).toBe('errors');
    expect(await shop.recovery(image, 'fsck', '--yes')).toMatchObject({ status: 0 });
    expect(fsckAll(image)).toEqual([0, 0, 0, 0]);
    expect((await damageOf(image))['passive']).not.toBe(null);
  });

  test('COS_GRUB: its file system is checked, mended where that loses nothing, and said not to be looked at where it cannot be', async () => {
    const image = shop.copy();
    expect((await shop.recovery(image, 'fsck', '--yes')).stdout).toContain('COS_GRUB: clean');
    const { start } = shop.partition(image, 'efi');
    const sector = Buffer.alloc(512);
    const file = openSync(image, 'r+');
    readSync(file, sector, 0, 512, start);
    // The mark of a file system that was not unmounted: FAT16 has it at 37, FAT32 at 65.
    const at = sector.readUInt16LE(22) === 0 ? 65 : 37;
    sector[at] = (sector[at] ?? 0) | 1;
    writeSync(file, sector, 0, 512, start);
    closeSync(file);
    const mended = await shop.recovery(image, 'fsck', '--yes');
    expect(mended).toMatchObject({ status: 0, stdout: expect.stringContaining('COS_GRUB: repaired') });
    expect((await shop.recovery(image, 'fsck', '--yes')).stdout).toContain('COS_GRUB: clean');
    overwrite(image, start, 4096, 0);
    expect(await shop.recovery(image, 'fsck', '--yes')).toMatchObject({ status: 6, stdout: expect.stringContaining('COS_GRUB') });
    const system = createRealSystem();
    const without = { ...system, run: (command: readonly string[], options?: Parameters<typeof system.run>[1]) => (command[0] === 'fsck.vfat' ? Promise.resolve({ stdout: '', stderr: '', exitCode: null, missing: true, timedOut: false, truncated: false }) : system.run(command, options)) };
    const effects = createRecoveryEffects(without, { image: shop.copy() });
    await effects.look(new AbortController().signal);
    const events: RecoveryEvent[] = [];
    await effects.run('fsck', { options: {}, file: null }, new AbortController().signal, (event) => void events.push(event));
    expect(events.at(-1)).toMatchObject({ ok: true, text: expect.stringContaining('COS_GRUB: not looked at: fsck.vfat is not installed') });
  });

  test('an unfinished install is no node that anything is done to', async () => {
    const image = shop.copy();
    execFileSync('sfdisk', ['--quiet', '--no-reread', '--part-label', image, '1', 'slipway-unfinished'], { stdio: 'ignore' });
    expect((await shop.status(image)).problems.map(({ id }) => id)).toContain('node-unfinished');
    for (const id of ['reset', 'upgrade', 'boot', 'edit', 'fsck']) expect(await refusal(image, id)).toContain('did not end');
  });

  test('an encrypted partition is not written over', async () => {
    const image = shop.copy();
    const { start } = shop.partition(image, 'persistent');
    overwrite(image, start, 4096, 0);
    const file = openSync(image, 'r+');
    writeSync(file, Buffer.from('LUKS\xba\xbe\x00\x01', 'latin1'), 0, 8, start);
    closeSync(file);
    expect(await refusal(image, 'reset')).toContain('encrypted');
    expect(await refusal(image, 'redeploy')).toContain('encrypted');
  });

  test.each([['reste'], ['boot', 'recovery', 'twice'], ['status', 'word'], ['edit', '--yes']])('%s %s %s is a usage error', async (...args) => {
    expect(await shop.recovery(shop.copy(), ...args)).toMatchObject({ status: 2 });
  });
});

describe('audit', () => {
  test('finds what was left on the disk, and does not find what was not', async () => {
    const image = shop.copy();
    const installerData = join(shop.folder, 'installer-data');
    writeFileSync(installerData, '#cloud-config\nstages:\n  before-install:\n    - commands:\n        - enrol --with LEFT-BEHIND-SECRET-9911\n');
    expect(await shop.recovery(image, 'audit', '--installer-data', installerData)).toMatchObject({ status: 0 });
    put(image, 'persistent', '/log', 'ran: enrol --with LEFT-BEHIND-SECRET-9911\n');
    shop.debugfs(image, 'persistent', 'rm /log', true);
    const found = await shop.recovery(image, 'audit', '--installer-data', installerData);
    expect(found.status).toBe(7);
    expect(found.stdout).not.toContain('LEFT-BEHIND-SECRET-9911');

    // The menu takes the same way, with the node's own configuration as what may be there.
    const system = createRealSystem();
    const effects = createRecoveryEffects(system, { image });
    const events: RecoveryEvent[] = [];
    const { signal } = new AbortController();
    expect(await effects.look(signal)).toHaveProperty('looked');
    await effects.run('audit', { options: {}, file: installerData }, signal, (event) => void events.push(event));
    expect(events.at(-1)).toMatchObject({ event: 'done', exitCode: 7, ok: false, result: 'found', diskTouched: false });
    await effects.run('edit', { options: {}, file: '/nowhere' }, signal, (event) => void events.push(event));
    expect(events.at(-1)).toMatchObject({ event: 'done', exitCode: 3, ok: false });
    expect(JSON.stringify(events)).not.toContain('LEFT-BEHIND-SECRET-9911');
  });
});

describe('logs', () => {
  test('the journal that the node kept comes first, and each has its share of the lines', async () => {
    const image = shop.copy();
    for (const folder of ['/.state', '/.state/var-log.bind', '/.state/var-log.bind/kairos', '/.state/var-log.bind/journal', '/.state/var-log.bind/journal/0123']) shop.debugfs(image, 'persistent', `mkdir ${folder}`, true);
    put(image, 'persistent', '/.state/var-log.bind/kairos/agent.log', Array.from({ length: 20 }, (_, index) => `agent ${index}\n`).join(''));
    put(image, 'persistent', '/.state/var-log.bind/journal/0123/system.journal', 'read by journalctl');
    const system = createRealSystem();
    const stdout = '2026-01-01 kernel: first\n2026-01-01 systemd[1]: dev-vda5.device: Failed\n';
    const reader = { ...system, run: (command: readonly string[], options?: Parameters<typeof system.run>[1]) => (command[0] === 'journalctl' ? Promise.resolve({ stdout, stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false }) : system.run(command, options)) };
    const looked = await createRecoveryEffects(reader, { image }).look(new AbortController().signal);
    if (!('looked' in looked)) throw new Error('no node');
    const { log, logFrom } = looked.looked.status;
    expect(logFrom).toContain('journal, kairos/agent.log');
    expect(log).toHaveLength(12);
    expect(log.slice(0, 3)).toEqual(['journal: 2026-01-01 kernel: first', 'journal: 2026-01-01 systemd[1]: dev-vda5.device: Failed', 'kairos/agent.log: agent 10']);
  });

  test('the last lines are those of the system that the node ran, and say where they are from', async () => {
    const image = shop.copy();
    for (const folder of ['/.state', '/.state/var-log.bind', '/.state/var-log.bind/kairos', '/.state/var-log.bind/journal', '/.state/var-log.bind/journal/0123']) shop.debugfs(image, 'persistent', `mkdir ${folder}`, true);
    put(image, 'persistent', '/.state/var-log.bind/kairos/agent.log', 'agent one\nagent two\n');
    put(image, 'persistent', '/.state/var-log.bind/kairos/immucore.log', 'immucore says\n');
    // No journal: it is left out, and harms nothing.
    put(image, 'persistent', '/.state/var-log.bind/journal/0123/system.journal', 'no journal');
    const status = (await shop.status(image)) as unknown as { log: readonly string[]; logFrom: string };
    expect(status.log).toEqual(['kairos/agent.log: agent one', 'kairos/agent.log: agent two', 'kairos/immucore.log: immucore says']);
    expect(status.logFrom).toBe('COS_PERSISTENT, .state/var-log.bind: kairos/agent.log, kairos/immucore.log');
    expect((await shop.recovery(image, 'status')).stdout).toContain('Last lines of the log (COS_PERSISTENT, .state/var-log.bind');
  });

  test('are a bundle without the node\'s secrets', async () => {
    const image = shop.copy();
    shop.debugfs(image, 'persistent', 'mkdir /.state', true);
    shop.debugfs(image, 'persistent', 'mkdir /.state/var-log.bind', true);
    shop.debugfs(image, 'persistent', 'mkdir /.state/var-log.bind/kairos', true);
    put(image, 'persistent', '/.state/var-log.bind/kairos/agent.log', 'joining with CLUSTER-TOKEN-1f2e3d4c5b\npassword=hunter22 user ok\nhash $6$fixture$0123456789abcdefghijklmnop\nall is well\n');
    const out = join(shop.folder, 'out');
    execFileSync('mkdir', ['-p', out]);
    expect(await shop.recovery(image, 'logs', '--output', out)).toMatchObject({ status: 0 });
    const [bundle = ''] = readdirSync(out);
    const all = execFileSync('tar', ['-xzOf', join(out, bundle)], { encoding: 'utf8' });
    expect(all).toContain('all is well');
    expect(all).toContain('field-node');
    for (const secret of ['CLUSTER-TOKEN-1f2e3d4c5b', 'hunter22', '0123456789abcdefghijklmnop']) expect(all).not.toContain(secret);
    expect(all).toContain('[redacted]');
  });
});
