/** Data volumes as files: the real formats, read by the real tools, without a mount. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Facts, Volume } from '../../src/model/facts.ts';
import { findDataVolume, readDataVolume } from '../../src/sources/data-volume.ts';
import { createRealSystem } from '../../src/system/real.ts';

const system = createRealSystem();
const work = mkdtempSync(join(tmpdir(), 'slipway-volume-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const has = (program: string): boolean => ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((folder) => existsSync(`${folder}/${program}`));
const quiet = { stdio: 'ignore' } as const;

type Maker = (folder: string, image: string, label: string) => void;
const makers: readonly (readonly [string, readonly string[], Maker])[] = [
  ['iso9660', ['xorriso', 'blkid'], (folder, image, label) => void execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-V', label, '-J', '-R', '-o', image, folder], quiet)],
  ['vfat', ['mkfs.vfat', 'mcopy', 'blkid'], (folder, image, label) => {
    writeFileSync(image, '');
    truncateSync(image, 8 * 1024 * 1024);
    execFileSync('/usr/sbin/mkfs.vfat', ['-n', label, image], quiet);
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isSymbolicLink()).map((entry) => join(folder, entry.name));
    execFileSync('mcopy', ['-s', '-i', image, ...files, '::/'], quiet);
  }],
  ['ext4', ['mkfs.ext4', 'debugfs', 'blkid'], (folder, image, label) => void execFileSync('/usr/sbin/mkfs.ext4', ['-q', '-L', label, '-d', folder, image, '8M'], quiet)],
];

let count = 0;
const folderWith = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  count += 1;
  const folder = join(work, `files-${count}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
};

const userData = '#cloud-config\nhostname: grüß\n';

describe.each(makers)('%s', (fstype, tools, make) => {
  const missing = tools.filter((tool) => !has(tool));
  const check = missing.length === 0 ? test : test.skip;
  const image = (files: Readonly<Record<string, string | Uint8Array>>, change?: (folder: string) => void): string => {
    const folder = folderWith(files);
    change?.(folder);
    const path = `${folder}.img`;
    make(folder, path, 'cidata');
    return path;
  };

  check(`reads the three files${missing.length > 0 ? ` (needs ${missing.join(', ')})` : ''}`, async () => {
    const path = image({ 'user-data': userData, 'installer-data': '#cloud-config\nslipway: {finish: none}\n', 'meta-data': 'instance-id: 1\n', other: 'x' });
    const volume = await readDataVolume(system, { kind: 'image', path });
    expect(volume.problems).toEqual([]);
    expect(volume).toMatchObject({ path, fstype, writable: false, userData: { name: 'user-data', text: userData }, metaData: { text: 'instance-id: 1\n' } });
    expect(volume.label.toLowerCase()).toBe('cidata');
    expect(readdirSync('/dev/shm').includes('slipway') ? readdirSync('/dev/shm/slipway').filter((name) => name.startsWith('data-volume')) : []).toEqual([]);
  });

  check('refuses what is too big, not text, or a folder', async () => {
    const path = image({ 'user-data': 'x'.repeat(1024 * 1024 + 1), 'meta-data': Uint8Array.from([0x7f, 0, 0xff]) }, (folder) => mkdirSync(join(folder, 'installer-data')));
    const volume = await readDataVolume(system, { kind: 'image', path });
    expect(volume.userData).toBeUndefined();
    expect(volume.metaData).toBeUndefined();
    expect(volume.problems.map((problem) => `${problem.id}: ${problem.what}`)).toEqual([
      'data-volume-file: user-data is not read: it is bigger than 1 MiB',
      'data-volume-file: installer-data is not read: it is a folder, not a plain file',
      'document-binary: this is not text: it holds zero bytes',
    ]);
  });

  check('an empty volume is said to be one', async () => {
    const volume = await readDataVolume(system, { kind: 'image', path: image({ nothing: 'x' }) });
    expect(volume.problems.map((problem) => problem.id)).toEqual(['data-volume-empty']);
  });

  if (fstype !== 'vfat') {
    check('follows no link', async () => {
      const path = image({ 'installer-data': '#cloud-config\n' }, (folder) => symlinkSync('/etc/passwd', join(folder, 'user-data')));
      const volume = await readDataVolume(system, { kind: 'image', path });
      expect(volume.userData).toBeUndefined();
      expect(volume.problems.map((problem) => problem.what)).toEqual(['user-data is not read: it is a link, not a plain file']);
    });
  }
});

describe('folders and other things', () => {
  test('a folder is read, its links are not', async () => {
    const folder = folderWith({ 'user-data': userData });
    symlinkSync('/etc/hostname', join(folder, 'installer-data'));
    const volume = await readDataVolume(system, { kind: 'directory', path: folder });
    expect(volume).toMatchObject({ fstype: 'directory', writable: true, userData: { text: userData } });
    expect(volume.problems.map((problem) => problem.id)).toEqual(['data-volume-file']);
  });

  test('a file without a file system', async () => {
    const path = join(work, 'noise.img');
    writeFileSync(path, 'x'.repeat(100_000));
    expect((await readDataVolume(system, { kind: 'image', path })).problems.map((problem) => problem.id)).toEqual(['data-volume-unreadable']);
  });
});

describe('which one', () => {
  const volume = (path: string, label: string, kind: Volume['kind'] = 'data-volume'): Volume => ({ path, label, kind, fstype: 'vfat', size: 1 });
  const find = (volumes: readonly Volume[], wanted = 'auto') => findDataVolume(system, { volumes } as unknown as Facts, wanted);

  test.each([
    ['none attached', [], null, []],
    ['one', [volume('/dev/sdb', 'CIDATA')], '/dev/sdb', []],
    ['SLIPWAY wins, any case', [volume('/dev/sdb', 'cidata'), volume('/dev/sdc', 'slipway'), volume('/dev/sdd', 'cidata')], '/dev/sdc', []],
    ['two of the winning label', [volume('/dev/sdb', 'SLIPWAY'), volume('/dev/sdc', 'slipway')], null, ['data-volume-ambiguous']],
    ['the live medium is none', [volume('/dev/sr0', 'cidata', 'live-medium')], null, []],
  ] as const)('%s', async (_name, volumes, path, ids) => {
    const found = await find(volumes);
    expect(found.place?.path ?? null).toBe(path);
    expect(found.problems.map((problem) => problem.id)).toEqual(ids);
  });

  test('by label, by path, none', async () => {
    expect((await find([volume('/dev/sdb', 'FACTORY', 'other')], 'factory')).place?.path).toBe('/dev/sdb');
    expect((await find([volume('/dev/sdb', 'cidata')], 'none')).place).toBeNull();
    expect((await find([], 'NOT-THERE')).problems.map((problem) => problem.id)).toEqual(['data-volume-missing']);
    expect((await find([], '/nowhere/x.iso')).problems.map((problem) => problem.id)).toEqual(['data-volume-missing']);
    expect((await find([], '/dev/null')).problems.map((problem) => problem.id)).toEqual(['data-volume-kind']);
    const folder = folderWith({});
    expect((await find([], folder)).place).toEqual({ kind: 'directory', path: folder });
  });
});
