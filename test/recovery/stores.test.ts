/** Both ways to a node's files behave alike: a folder where the partition is mounted, and debugfs where it is not. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createExtStore } from '../../src/recovery/store/ext.ts';
import { createMountedStore, mountOptions } from '../../src/recovery/store/mounted.ts';
import { checkPath } from '../../src/recovery/store.ts';
import type { Store } from '../../src/recovery/store.ts';
import { createRealSystem } from '../../src/system/real.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-store-'));
const system = createRealSystem();
afterAll(async () => {
  await system.cleanup.run();
  rmSync(folder, { recursive: true, force: true });
});

const offset = 1024 * 1024;
const image = join(folder, 'image');
const makers: readonly (readonly [string, () => Store])[] = [
  ['mounted', () => {
    const root = mkdtempSync(join(folder, 'root-'));
    mkdirSync(join(root, 'cOS'));
    return createMountedStore(system, root, 'COS_TEST');
  }],
  ['unmounted', () => {
    writeFileSync(image, '');
    truncateSync(image, offset + 8 * 1024 * 1024);
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-E', `offset=${offset}`, image, '8192k'], { stdio: 'ignore' });
    execFileSync('debugfs', ['-w', '-R', 'mkdir /cOS', `${image}?offset=${offset}`], { stdio: 'ignore' });
    return createExtStore(system, { path: image, offset, label: 'COS_TEST' });
  }],
];

describe.each(makers)('%s', (kind, make) => {
  test('files are written, read, listed, renamed and removed', async () => {
    const store = make();
    expect(await store.readText('/none')).toBe(null);
    expect(await store.list('/none')).toBe(null);
    expect(await store.stat('/none')).toBe(null);
    await store.writeText('/a.yaml', 'héllo\n', { mode: 0o640 });
    expect(await store.readText('/a.yaml')).toBe('héllo\n');
    expect(await store.stat('/a.yaml')).toEqual({ name: 'a.yaml', kind: 'file', size: 7, mode: 0o640 });
    await store.writeText('/a.yaml', '', { mode: 0o600 });
    expect(await store.readText('/a.yaml')).toBe('');
    const big = join(folder, 'big');
    writeFileSync(big, Buffer.alloc(2 * 1024 * 1024, 'pattern '));
    await store.put(big, '/cOS/x.img.new');
    await store.rename('/cOS/x.img.new', '/cOS/x.img');
    expect((await store.list('/cOS'))?.map(({ name, size }) => [name, size])).toEqual([['x.img', 2 * 1024 * 1024]]);
    const { file } = await store.take('/cOS/x.img', await system.memoryDirectory('test'));
    expect(readFileSync(file).equals(readFileSync(big))).toBe(true);
    await store.put(big, '/cOS/y.img');
    await store.rename('/cOS/y.img', '/cOS/x.img');
    await store.makeDirectory('/95_userdata');
    await store.makeDirectory('/95_userdata');
    expect((await store.stat('/95_userdata'))?.kind).toBe('directory');
    expect(await store.freeSpace()).toBeGreaterThan(1024 * 1024);
    await store.remove('/cOS/x.img');
    await store.remove('/cOS/x.img');
    expect(await store.list('/cOS')).toEqual([]);
    await store.flush();
    if (kind === 'unmounted') expect(() => execFileSync('e2fsck', ['-fn', `${image}?offset=${offset}`], { stdio: 'ignore' })).not.toThrow();
  });

  test.each(['/my config.yaml', '/a;b $(c)', '/größe', "/it's"])('%j is a name like any other', async (path) => {
    const store = make();
    await store.writeText(path, 'one', { mode: 0o600 });
    await store.writeText(path, 'two', { mode: 0o600, erase: true });
    expect(await store.readText(path)).toBe('two');
    await store.rename(path, '/moved');
    expect(await store.stat(path)).toBe(null);
    expect(await store.readText('/moved')).toBe('two');
  });

  test('a file that is not there is not renamed or taken', async () => {
    const store = make();
    await expect(store.rename('/none', '/x')).rejects.toThrow(/none/);
    await expect(store.remove('/none')).resolves.toBe(undefined);
  });

  test.each(['/a"b', '/../etc/passwd', '/a\nrm /x', 'a', '/a\\b', '/a//b', ''])('%j is no name that is used', async (path) => {
    await expect((async () => make().writeText(path, 'x', { mode: 0o600 }))()).rejects.toThrow(/not used on a node/);
  });
});

test('a partition that is full keeps what it had', async () => {
  const store = makers[1]?.[1]();
  if (store === undefined) throw new Error('no store');
  await store.writeText('/kept', 'as it was', { mode: 0o600 });
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024, 1));
  execFileSync('debugfs', ['-w', '-R', `write ${filler} /filler`, `${image}?offset=${offset}`], { stdio: 'ignore' });
  await expect(store.writeText('/kept', 'x'.repeat(100_000), { mode: 0o600 })).rejects.toThrow(/full/);
  expect(await store.readText('/kept')).toBe('as it was');
  expect(await store.stat('/kept.new')).toBe(null);
});

test('no file system at all is trouble, not an empty folder', async () => {
  const nothing = join(folder, 'nothing');
  writeFileSync(nothing, Buffer.alloc(1024 * 1024));
  await expect(createExtStore(system, { path: nothing, offset: 0, label: 'COS_TEST' }).list('/')).rejects.toThrow(/cannot be read/);
});

test('mount options are those of the last mount there', () => {
  const mounts = 'x /oem ext4 rw,relatime 0 0\ny /oem ext4 ro,noatime 0 0\nz /oem2 ext4 rw 0 0\n';
  expect(mountOptions(mounts, '/oem')).toEqual(['ro', 'noatime']);
  expect(mountOptions(mounts, '/none')).toEqual([]);
});

test('names of a node', () => {
  for (const path of ['/', '/90_custom.yaml', '/cOS/active.img.new', '/.kairos/sentinel_firstboot']) expect(checkPath(path)).toBe(path);
});

test('mounted: what could not be replaced is still there, and what was replaced is overwritten', async () => {
  const root = mkdtempSync(join(folder, 'root-'));
  const [file, other] = [join(root, 'a.yaml'), join(root, 'reader')];
  writeFileSync(file, 'the old configuration');
  const full = { ...system, writeFile: () => Promise.reject(new Error('no space left')) };
  await expect(createMountedStore(full, root, 'COS_TEST').writeText('/a.yaml', 'new', { mode: 0o640, erase: true })).rejects.toThrow('no space left');
  expect(readFileSync(file, 'utf8')).toBe('the old configuration');
  const old = openSync(file, 'r');
  await createMountedStore(system, root, 'COS_TEST').writeText('/a.yaml', 'new', { mode: 0o640, erase: true });
  expect(readFileSync(file, 'utf8')).toBe('new');
  writeFileSync(other, readFileSync(old));
  closeSync(old);
  expect([...readFileSync(other)].every((byte) => byte === 0)).toBe(true);
});
