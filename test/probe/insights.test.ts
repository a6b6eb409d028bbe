/** What a look inside disks tells: the version of a Kairos whose image nobody mounted, and an install that an agent did not end. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bootStub } from '../../src/model/boot-stub.ts';
import { readKairosVersion } from '../../src/probe/kairos-version.ts';
import type { BlockDevice } from '../../src/probe/lsblk.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { probeMachine } from '../../src/probe/probe.ts';
import { diskOf, judged, machine, probeRecording } from './machine-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-insights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string, ...args: readonly string[]): void => void execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });

const fileSystem = (name: string, type: string, mib: number, fill: (root: string) => void, ...options: readonly string[]): string => {
  const [file, root] = [join(folder, `${name}.img`), join(folder, name)];
  mkdirSync(root);
  fill(root);
  writeFileSync(file, '');
  truncateSync(file, mib * 1024 * 1024);
  run('mke2fs', '-q', '-t', type, ...options, '-d', root, file);
  return file;
};

const files = (root: string, texts: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};

const partition = (path: string, size: number, more: Partial<BlockDevice> = {}): BlockDevice =>
  ({ kname: 'x', path, type: 'part', size, fstype: 'ext4', label: 'COS_STATE', doubts: [], parents: ['sda'], children: [], mountpoints: [], ...more }) as unknown as BlockDevice;

const release = 'KAIROS_ID="kairos"\nKAIROS_RELEASE="v3.5.0"\n';

describe('the version of an installed Kairos, read where it lies', () => {
  const system = createRealSystem();
  const inside = (name: string, image: (place: string) => void): BlockDevice => {
    const file = fileSystem(name, 'ext4', 96, (root) => {
      mkdirSync(join(root, 'cOS'));
      image(join(root, 'cOS/active.img'));
    });
    return partition(file, 96 * 1024 * 1024);
  };
  const ext = (name: string, texts: Readonly<Record<string, string>>, type = 'ext2', ...options: readonly string[]) => (place: string): void =>
    run('cp', '--sparse=always', fileSystem(`${name}-inner`, type, 48, (root) => {
      files(root, texts);
      run('ln', '-s', '../usr/lib/os-release', join(root, 'etc/os-release'));
    }, ...options), place);

  test.each([
    ['kairos-release', 'ext2', { 'etc/kairos-release': release, 'usr/lib/os-release': 'PRETTY_NAME="Debian"\n' }, 'Kairos v3.5.0'],
    ['os-release behind a link', 'ext2', { 'etc/hosts': '', 'usr/lib/os-release': `PRETTY_NAME="Debian"\n${release}` }, 'Kairos v3.5.0'],
    ['another block size and kind', 'ext4', { 'etc/kairos-release': release, 'usr/lib/os-release': '' }, 'Kairos v3.5.0'],
  ])('%s', async (name, type, texts, title) => {
    const device = inside(`v-${name.replaceAll(' ', '-')}`, ext(name.replaceAll(' ', '-'), texts, type, ...(type === 'ext4' ? ['-b', '4096'] : [])));
    const before = readFileSync(device.path);
    expect(await readKairosVersion(system, device)).toEqual({ title });
    expect(readFileSync(device.path).equals(before)).toBe(true);
  });

  test('a squashfs in one piece, as Slipway lays it down', async () => {
    const root = join(folder, 'squash');
    files(root, { 'etc/kairos-release': release });
    const device = inside('squashed', (place) => run('mksquashfs', root, place, '-quiet', '-no-progress'));
    expect(await readKairosVersion(system, device)).toEqual({ title: 'Kairos v3.5.0' });
  });

  test('what cannot be told is said with its reason', async () => {
    const unknown = async (device: BlockDevice): Promise<string> => JSON.stringify(await readKairosVersion(system, device));
    expect(await unknown(partition('/nowhere', 1, { fstype: 'crypto_LUKS' }))).toContain('encrypted');
    expect(await unknown(partition('/nowhere', 1, { fstype: 'xfs' }))).toContain('no file system that is known');
    expect(await unknown(partition('/nowhere', 1))).toContain('cannot be read');
    expect(await unknown(inside('no-image', () => undefined))).toContain('no active image');
    expect(await unknown(inside('no-release', ext('no-release', { 'etc/hosts': '' })))).toContain('its image says none');
    const torn = inside('torn', ext('torn', { 'etc/kairos-release': release }));
    writeFileSync(torn.path, Buffer.alloc(1 << 20), { flag: 'r+' });
    expect(await unknown(torn)).toContain('damaged');
  });

  test('is part of the reason; without root it says that only root can look', async () => {
    const whole = machine([{ name: 'sda', children: [{ name: 'sda1', type: 'part', label: 'COS_STATE', fstype: 'ext4' }] }]);
    const what = async (isRoot: boolean): Promise<string> => {
      const facts = await probeMachine({ ...createRecordedSystem(whole), isRoot: () => isRoot });
      return diskOf(facts, '/dev/sda').reasons.find(({ id }) => id === 'kairos-install')?.what ?? '';
    };
    expect(await what(false)).toBe('it holds an installed Kairos of unknown version: only root can look (COS_STATE)');
    expect(await what(true)).toBe('it holds an installed Kairos of unknown version: COS_STATE cannot be read (COS_STATE)');
  });
});

describe('an install that kairos-agent did not end', () => {
  const rows = [{ name: 'sda', children: ['efi', 'oem', 'recovery', 'state', 'persistent'].map((partlabel, index) => ({ name: `sda${index + 1}`, type: 'part', partlabel })) }];
  const sector = (code: Uint8Array): string => `base64:${Buffer.concat([code, Buffer.alloc(512 - code.length)]).toString('base64')}`;

  test('is known by the boot code that holds it back, before the mark is on the new table: no consent to data loss is asked for', async () => {
    const facts = await probeRecording(machine(rows, { files: { '/dev/sda': sector(bootStub()) } }));
    expect(judged(facts, '/dev/sda')).toBe('eligible');
    expect(diskOf(facts, '/dev/sda')).toMatchObject({ unfinished: true, contents: 'unfinished Slipway install' });
  });

  test('an installed one has other boot code, or none', async () => {
    for (const code of [new Uint8Array(440), bootStub().map((byte, index) => (index === 7 ? byte + 1 : byte))]) {
      expect(judged(await probeRecording(machine(rows, { files: { '/dev/sda': sector(code) } })), '/dev/sda')).toBe('caution kairos-install');
    }
    expect(judged(await probeRecording(machine(rows)), '/dev/sda')).toBe('caution kairos-install');
  });
});

describe('a machine that moves while it is looked at', () => {
  test('a disk that comes between the two lists is read once more, not refused', async () => {
    const [before, after] = [machine([{ name: 'sda' }]), machine([{ name: 'sda' }, { name: 'vdb' }])];
    let asked = 0;
    const system = createRecordedSystem(before);
    const later = createRecordedSystem(after);
    // As right after boot: /sys/block is listed, the disk comes, lsblk sees it.
    const facts = await probeMachine({
      ...system,
      run: later.run,
      readText: later.readText,
      list: (path) => (path === '/sys/block' && (asked += 1) === 1 ? system.list(path) : later.list(path)),
    });
    expect(judged(facts, '/dev/vdb')).toBe('eligible');
    expect(facts.problems).toEqual([]);
  });

  test('a machine that is busy booting answers late, and is judged all the same', async () => {
    const system = createRecordedSystem(machine([{ name: 'vda' }]));
    const late = async <T>(work: Promise<T>): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(work), 2500));
    const facts = await probeMachine({ ...system, readText: (path, most) => (path.startsWith('/sys/block/vda/ro') ? late(system.readText(path, most)) : system.readText(path, most)) });
    expect(judged(facts, '/dev/vda')).toBe('eligible');
    expect(facts.problems).toEqual([]);
  }, 15_000);

  test('labels that udev has not written yet are waited for', async () => {
    const [early, settled] = [machine([{ name: 'sdb' }]), machine([{ name: 'sdb', fstype: 'vfat', label: 'CIDATA' }])];
    let busy = true;
    const system = createRecordedSystem(settled);
    const facts = await probeMachine({
      ...system,
      stat: (path) => (path === '/run/udev/queue' && busy ? Promise.resolve({ kind: 'file', size: 0, mode: 0o644, allocated: 0, modified: 0 }) : system.stat(path)),
      run: (command, options) => {
        if (command[0] === 'udevadm') {
          busy = false;
          return Promise.resolve({ stdout: '', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false });
        }
        return (busy ? createRecordedSystem(early) : system).run(command, options);
      },
    });
    expect(facts.volumes.map(({ kind }) => kind)).toEqual(['data-volume']);
  });

  test('a udev that is never at rest is a problem and no wait', async () => {
    const system = createRecordedSystem(machine([{ name: 'sda' }], { files: { '/run/udev/queue': '' }, commands: { 'udevadm settle --timeout=1': { stdout: '', stderr: '', exitCode: 1 } } }));
    const started = performance.now();
    const facts = await probeMachine(system);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(facts.problems.map(({ id }) => id)).toEqual(['probe-udevadm']);
    expect(judged(facts, '/dev/sda')).toBe('eligible');
  });
});
