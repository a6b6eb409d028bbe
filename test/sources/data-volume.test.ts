/** Data volumes as files: the real formats, read by the real tools, without a mount. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Facts, Volume } from '../../src/model/facts.ts';
import { findDataVolume, readDataVolume } from '../../src/sources/data-volume.ts';
import type { System } from '../../src/system/port.ts';
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

  check('a file of 100 MB is refused without being read', async () => {
    const folder = folderWith({});
    writeFileSync(join(folder, 'user-data'), '');
    truncateSync(join(folder, 'user-data'), 100 * 1024 * 1024);
    const path = `${folder}.img`;
    if (fstype === 'vfat') {
      writeFileSync(path, '');
      truncateSync(path, 120 * 1024 * 1024);
      execFileSync('/usr/sbin/mkfs.vfat', ['-n', 'cidata', path], quiet);
      execFileSync('mcopy', ['-i', path, join(folder, 'user-data'), '::/'], quiet);
    } else if (fstype === 'ext4') execFileSync('/usr/sbin/mkfs.ext4', ['-q', '-d', folder, path, '120M'], quiet);
    else make(folder, path, 'cidata');
    const before = process.memoryUsage().rss;
    const volume = await readDataVolume(system, { kind: 'image', path });
    expect(volume.problems.map((problem) => `${problem.id}: ${problem.what}`)).toEqual(['data-volume-file: user-data is not read: it is bigger than 1 MiB']);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    rmSync(path);
  });

  check('a volume that ends too early is a problem, never half a file', async () => {
    const text = `#cloud-config\n${'# a line of text\n'.repeat(40_000)}`;
    const path = image({ 'user-data': text });
    const at = readFileSync(path).indexOf('# a line of text');
    truncateSync(path, at + 100_000);
    const volume = await readDataVolume(system, { kind: 'image', path });
    expect(volume.userData).toBeUndefined();
    expect(volume.problems.map((problem) => problem.id)).toEqual(['data-volume-unreadable']);
  });

  if (fstype !== 'vfat') {
    check('device files and pipes are refused', async () => {
      const path = image({}, (folder) => execFileSync('mkfifo', [join(folder, 'user-data')]));
      expect((await readDataVolume(system, { kind: 'image', path })).problems.map((problem) => problem.what)).toEqual(['user-data is not read: it is something special, not a plain file']);
      if (process.getuid?.() !== 0) return;
      const device = image({}, (folder) => execFileSync('mknod', [join(folder, 'user-data'), 'c', '1', '5']));
      expect((await readDataVolume(system, { kind: 'image', path: device })).problems.map((problem) => problem.what)).toEqual(['user-data is not read: it is something special, not a plain file']);
    });

    check('two files of one name, upper and lower case aside, are a contradiction', async () => {
      const volume = await readDataVolume(system, { kind: 'image', path: image({ 'user-data': userData, 'USER-DATA': '#cloud-config\nhostname: other\n' }) });
      expect(volume.userData).toBeUndefined();
      expect(volume.problems.map((problem) => problem.what)).toEqual([expect.stringMatching(/there is USER-DATA as well/i)]);
    });

    check('names with line feeds and control characters change nothing and are not shown', async () => {
      const row = "x\n-r--r--r--    1 0        0              12 Jan  1 2026 'user-data'\n";
      const path = image({ 'installer-data': '#cloud-config\n', [row]: 'x', 'a\u001b[2Jb': 'x' }, (folder) => symlinkSync('/etc/passwd', join(folder, 'user-data')));
      const volume = await readDataVolume(system, { kind: 'image', path });
      expect(volume.userData).toBeUndefined();
      expect(volume.problems.map((problem) => problem.id)).toEqual(['data-volume-file']);
      expect(JSON.stringify(volume)).not.toMatch(/root:|\\u001b/);
    });

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

  test('contradicting and oddly written names, pipes, 100 MB', async () => {
    const what = async (files: Readonly<Record<string, string>>, change?: (folder: string) => void): Promise<readonly string[]> => {
      const folder = folderWith(files);
      change?.(folder);
      return (await readDataVolume(system, { kind: 'directory', path: folder })).problems.map((problem) => problem.what);
    };
    expect(await what({ 'user-data': userData, 'User-Data': userData })).toEqual(['user-data is not read: there is User-Data as well, and which of the two is meant is not clear']);
    expect(await what({ 'USER-DATA': userData })).toEqual(['user-data is not read: its name is written USER-DATA']);
    expect(await what({}, (folder) => execFileSync('mkfifo', [join(folder, 'installer-data')]))).toEqual(['installer-data is not read: it is something special, not a plain file']);
    expect(await what({ 'user-data': '' }, (folder) => truncateSync(join(folder, 'user-data'), 100 * 1024 * 1024))).toEqual(['user-data is not read: it is bigger than 1 MiB']);
    expect(await what({ 'user-data': userData, 'x\nuser-data': 'x', 'a\u001b[2J': 'x' })).toEqual([]);
  });

  describe('a volume that is pulled out while it is read', () => {
    const block = { kind: 'block', size: 0, mode: 0o660, allocated: 0, modified: 0 } as const;
    /** A machine with a folder as what is mounted, whose device answers `left` questions before it is gone. */
    const machine = (folder: string, gone: (path: string, asked: number) => boolean): System => {
      let asked = 0;
      const isGone = (path: string): boolean => {
        asked += 1;
        return gone(path, asked);
      };
      return {
        ...system,
        isRoot: () => true,
        memoryDirectory: () => Promise.resolve(folder),
        remove: () => Promise.resolve(),
        run: () => Promise.resolve({ stdout: '', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false }),
        realPath: (path) => Promise.resolve(path.startsWith('/dev/') && isGone(path) ? null : path),
        stat: (path) => (isGone(path) ? Promise.resolve(null) : path.startsWith('/dev/') ? Promise.resolve(block) : system.stat(path)),
        list: (path) => (isGone(path) ? Promise.resolve(null) : system.list(path)),
        readBytes: (path, most) => (isGone(path) ? Promise.resolve(null) : system.readBytes(path, most)),
        readText: (path) => Promise.resolve(path.endsWith('/diskseq') ? (isGone(path) ? null : '7\n') : null),
      };
    };
    const place = { kind: 'device', path: '/dev/sdz', known: { fstype: 'iso9660', label: 'cidata' } } as const;
    const files = { 'user-data': userData, 'installer-data': '#cloud-config\n', 'meta-data': 'instance-id: 1\n' };

    test('at every moment of it: a problem, never a volume without the file', async () => {
      const folder = folderWith(files);
      const whole = await readDataVolume(machine(folder, () => false), place);
      expect(whole.problems).toEqual([]);
      expect([whole.userData, whole.installerData, whole.metaData].every((file) => file !== undefined)).toBe(true);
      let moments = 0;
      for (let left = 0; left < 200; left += 1) {
        let reached = false;
        const volume = await readDataVolume(machine(folder, (_path, asked) => (reached ||= asked > left)), place);
        // Past the last look at the device the volume was whole.
        if (!reached || volume.problems.length === 0) {
          expect(volume).toMatchObject({ userData: whole.userData, installerData: whole.installerData, metaData: whole.metaData });
          break;
        }
        moments += 1;
        expect(volume.problems[0]?.severity).toBe('error');
        expect(volume.problems.map((problem) => problem.id).filter((id) => id === 'data-volume-empty')).toEqual([]);
      }
      expect(moments).toBeGreaterThan(10);
    });

    test.each(['user-data', 'installer-data', 'meta-data'])('a bad block under %s: a problem with its name', async (name) => {
      const volume = await readDataVolume(machine(folderWith(files), (path) => path.endsWith(`/${name}`)), place);
      expect(volume.problems).toEqual([expect.objectContaining({ id: 'data-volume-unreadable', severity: 'error', what: `${name} is not read: it could not be read`, where: '/dev/sdz' })]);
    });

    test('another one in its place is not taken for it', async () => {
      let reads = 0;
      const changing = { ...machine(folderWith(files), () => false), readText: () => Promise.resolve(String((reads += 1))) };
      const volume = await readDataVolume(changing, place);
      expect(volume.problems.map((problem) => problem.id)).toEqual(['data-volume-gone']);
      expect(volume.userData).toBeUndefined();
    });
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
