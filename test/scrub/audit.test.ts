import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { createAuditProgress } from '../../src/cli/audit-progress.ts';
import { auditCommand } from '../../src/cli/audit.ts';
import type { MaterialItem } from '../../src/model/audit.ts';
import { auditTarget, auditTree } from '../../src/scrub/audit.ts';
import { openedPlaces } from '../../src/scrub/opened.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import type { System } from '../../src/system/port.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { missingTools, writeAt } from './plants-image.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
const system = createRealSystem();
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const item = (value: string): MaterialItem => ({ file: 'installer-data', keyPath: ['stages', 'before-install', 0, 'commands', 0], value, searched: true });
const secret = 'register --with 1f7Qp90aVx';
const patterns = buildPatterns([item(secret)], { keptTexts: [] });
const missing = missingTools();
const signal = new AbortController().signal;

/** A sparse file of `size` bytes. */
const blank = (name: string, size: number): string => {
  const path = join(directory, name);
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
};

describe('a directory', () => {
  test('files, packed files, names and links; links are not followed', async () => {
    const root = join(directory, 'tree');
    mkdirSync(join(root, 'a/b'), { recursive: true });
    writeFileSync(join(root, 'a/b/live'), `x ${secret}`);
    writeFileSync(join(root, 'a/log.gz'), gzipSync(`x ${secret} ${'y'.repeat(5000)}`));
    writeFileSync(join(root, `a/${secret}`), '');
    symlinkSync(`/run/${secret}`, join(root, 'link'));
    symlinkSync('a/b/live', join(root, 'alias'));
    symlinkSync('/', join(root, 'out'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const report = await auditTree(system, root, patterns);
    expect(new Map(report.hits.map((hit) => [hit.place, hit.inside]))).toEqual(
      new Map([['a/b/live', undefined], ['a/log.gz', 'gzip'], [`a/${secret}`, 'the name'], ['link', 'the link']]),
    );
  });
});

describe('an image', () => {
  test('the image is not changed by being read', async () => {
    const path = blank('unchanged.img', 3 * 1024 * 1024);
    writeAt(path, 1_000_000, Buffer.from(secret));
    const before = [readFileSync(path), statSync(path).mtimeMs, statSync(path).size] as const;
    const report = await auditTarget(system, { path, partitions: [], mode: 'written', patterns });
    expect(report.hits.map(({ place, offset, encoding, from }) => [place, offset, encoding, from])).toEqual([
      ['GPT', 1_000_000, 'plain', 'installer-data: stages.before-install[0].commands[0]'],
    ]);
    expect([readFileSync(path).equals(before[0]), statSync(path).mtimeMs, statSync(path).size]).toEqual([true, before[1], before[2]]);
  });

  test('a sparse image is read where it has blocks, to its last byte', async () => {
    const path = blank('sparse.img', 8 * 1024 ** 3 + 4096);
    writeAt(path, 5 * 1024 ** 3, Buffer.from(secret));
    writeAt(path, 8 * 1024 ** 3 + 4096 - secret.length, Buffer.from(secret));
    const seen: number[] = [];
    const report = await auditTarget(system, {
      path,
      partitions: [{ label: 'A', start: 4 * 1024 ** 3, size: 2 * 1024 ** 3 }, { label: 'B', start: 6 * 1024 ** 3, size: 3 * 1024 ** 3 }],
      mode: 'full',
      patterns,
      onProgress: (bytes, total) => seen.push(bytes / total),
    });
    expect(report.hits.map(({ place, offset }) => [place, offset])).toEqual([['A', 1024 ** 3], ['B', 2 * 1024 ** 3 + 4096 - secret.length]]);
    expect(seen.at(-1)).toBe(1);
    expect(report.duration).toBeLessThan(20_000);
  });

  test('an opened mapping is read in place of its partition', async () => {
    const path = blank('outer.img', 1024 * 1024);
    const mapping = blank('mapping', 1024 * 1024);
    writeAt(mapping, 5000, Buffer.from(secret));
    const report = await auditTarget(system, {
      path,
      partitions: [{ label: 'COS_PERSISTENT', start: 0, size: 1024 * 1024 }, { label: 'COS_PERSISTENT (opened)', start: 0, size: 1024 * 1024, path: mapping }],
      mode: 'full',
      patterns,
    });
    expect(report.hits.map(({ place, offset }) => [place, offset])).toEqual([['COS_PERSISTENT (opened)', 5000]]);
  });

  test('mappings that are open are found, each named after its partition', async () => {
    const lsblk = { blockdevices: [{ name: 'vda', path: '/dev/vda', type: 'disk', size: 9, children: [{ name: 'vda2', path: '/dev/vda2', type: 'part', size: 5, partlabel: 'oem', children: [{ name: 'vda2', path: '/dev/mapper/vda2', type: 'crypt', size: 4096 }] }, { name: 'vda3', path: '/dev/vda3', type: 'part', size: 4, partlabel: 'state' }] }] };
    const onDisk: System = {
      ...system,
      stat: () => Promise.resolve({ kind: 'block', size: 0, mode: 0o600, allocated: 0, modified: 0 }),
      run: () => Promise.resolve({ stdout: JSON.stringify(lsblk), stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false }),
    };
    expect(await openedPlaces(onDisk, '/dev/vda')).toEqual([{ label: 'oem (opened)', start: 0, size: 4096, path: '/dev/mapper/vda2' }]);
    expect(await openedPlaces(system, blank('no-device.img', 4096))).toEqual([]);
  });

  test('what is asked to be off reads nothing; what is no target is refused; what is aborted ends', async () => {
    const path = blank('off.img', 1024 * 1024);
    expect((await auditTarget(system, { path, partitions: [], mode: 'off', patterns })).bytesRead).toBe(0);
    await expect(auditTarget(system, { path: directory, partitions: [], mode: 'full', patterns })).rejects.toThrow('no disk image or block device');
    writeFileSync(path, Buffer.alloc(1024 * 1024, 1));
    await expect(auditTarget(system, { path, partitions: [], mode: 'full', patterns, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });

  test.skipIf(missing.length > 0)('an image file that is trusted is searched raw but not unpacked', async () => {
    const root = join(directory, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/motd'), `${'line of text\n'.repeat(500)}${secret}\n`);
    writeFileSync(join(root, 'etc/blob'), createHash('shake256', { outputLength: 2_000_000 }).update('x').digest());
    const state = join(directory, 'state');
    mkdirSync(state);
    execFileSync('mksquashfs', [root, join(state, 'active.img'), '-comp', 'xz', '-quiet', '-no-progress'], { stdio: 'ignore' });
    const path = blank('trust.img', 32 * 1024 * 1024);
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', state, path]);
    const options = { path, partitions: [{ label: 'COS_STATE', start: 0, size: 32 * 1024 * 1024 }], mode: 'full', patterns } as const;
    expect((await auditTarget(system, options)).hits.map(({ inside }) => inside)).toContain('squashfs /etc/motd');
    const digest = createHash('sha256').update(readFileSync(join(state, 'active.img'))).digest('hex');
    expect((await auditTarget(system, { ...options, trustedImages: [digest] })).hits).toEqual([]);
    expect((await auditTarget(system, { ...options, trustedImages: ['0'.repeat(64)] })).hits).not.toEqual([]);
  });
});

describe('slipway audit', () => {
  const options = { installerData: [], config: [], secretsFile: undefined, mode: undefined, json: false, signal };
  const write = (name: string, text: string | Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  test('installer-data, a config and a file of strings; named partitions; exit code 7, no value in the text', async () => {
    const path = blank('command.img', 8 * 1024 * 1024);
    execFileSync('sfdisk', ['-q', path], { input: 'label: gpt\nstart=2048, size=4096, name=oem\nstart=6144, size=4096, name=state\n' });
    const installerData = write('installer-data', `#cloud-config\nstages:\n  before-install:\n    - commands:\n        - ${secret}\n`);
    const config = write('user-data', '#cloud-config\nhostname: node-one-of-many\nenv:\n  - "TOKEN=from-the-env-8273"\n');
    const secretsFile = write('secrets', 'short\nkey-of-the-factory\n\n');
    writeAt(path, 2048 * 512 + 77, Buffer.from(secret));
    writeAt(path, 6144 * 512 + 99, Buffer.from('TOKEN=from-the-env-8273'));
    writeAt(path, 7000 * 512, Buffer.from('hostname: node-one-of-many'));
    const found = { ...options, target: path, installerData: [installerData], config: [config], secretsFile };
    const { text, exitCode } = await auditCommand(system, found);
    expect(exitCode).toBe(7);
    expect(text).toContain(`found: oem at byte 77 (plain): ${installerData}: stages.before-install[0].commands[0]`);
    expect(text).toContain(`found: state at byte 99 (plain): ${config}: env[0]`);
    expect(text).toContain('shorter than 8 bytes');
    for (const value of [secret, 'from-the-env', 'key-of-the-factory', 'node-one']) expect(text).not.toContain(value);
    const json = JSON.parse((await auditCommand(system, { ...found, json: true })).text) as { hits: unknown[] };
    expect(json.hits.length).toBeGreaterThanOrEqual(2);
  });

  test('progress and rate, in a line now and then', () => {
    let time = 0;
    const lines: string[] = [];
    const tell = createAuditProgress((line) => lines.push(line), () => time, true);
    for (; time <= 8000; time += 100) tell('disk.img', time * 1_000_000, 16_000_000_000);
    expect(lines).toEqual(['disk.img: 12 % of 14.9 GiB, 1000 MB/s, 2 s', 'disk.img: 25 % of 14.9 GiB, 1000 MB/s, 4 s', 'disk.img: 37 % of 14.9 GiB, 1000 MB/s, 6 s', 'disk.img: 50 % of 14.9 GiB, 1000 MB/s, 8 s']);
  });

  test('nothing found is 0', async () => {
    const { text, exitCode } = await auditCommand(system, { ...options, target: blank('clean.img', 65_536), secretsFile: write('one', 'key-of-the-factory') });
    expect([exitCode, text]).toEqual([0, expect.stringContaining('nothing found')]);
  });

  test('without a partition table the target is one place', async () => {
    const path = blank('plain.img', 65_536);
    writeAt(path, 30_000, Buffer.from('key-of-the-factory'));
    const { text } = await auditCommand(system, { ...options, target: path, secretsFile: write('two', 'key-of-the-factory') });
    expect(text).toContain(`found: ${path} at byte 30000`);
  });

  test.each([
    ['Latin-1', Buffer.from('key-of-the-f\xe4ctory', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFFkey-of-the-factory', 'utf16le')],
    ['UTF-16 without a mark', Buffer.from('key-of-the-factory', 'utf16le')],
  ])('strings in %s are refused: what stands in the target would not be found (invariant 3)', async (_what, bytes) => {
    const path = blank('other.img', 65_536);
    writeAt(path, 30_000, bytes);
    await expect(auditCommand(system, { ...options, target: path, secretsFile: write('other', bytes) })).rejects.toThrow(/UTF-8|UTF-16|zero bytes/);
    const document = Buffer.concat([Buffer.from('#cloud-config\ninstall:\n  tty: '), bytes]);
    await expect(auditCommand(system, { ...options, target: path, installerData: [write('other-data', document)] })).rejects.toThrow(/UTF-8|UTF-16|zero bytes/);
    await expect(auditCommand(system, { ...options, target: path, config: [write('other-config', document)] })).rejects.toThrow(/UTF-8|UTF-16|zero bytes/);
  });

  test('a byte order mark is no part of the first string, a control character is', async () => {
    const path = blank('marked.img', 65_536);
    writeAt(path, 30_000, Buffer.from('key-of-the-factory'));
    expect((await auditCommand(system, { ...options, target: path, secretsFile: write('marked', '\uFEFFkey-of-the-factory\r\nand\u0007bell-in-it\n') })).exitCode).toBe(7);
  });

  test('names of files neither tell what was searched for nor inject anything (invariants 6 and 12)', async () => {
    const root = join(directory, 'named');
    mkdirSync(root);
    writeFileSync(join(root, 'is key-of-the-factory'), '');
    writeFileSync(join(root, 'with\u001b[2J\nescape'), 'key-of-the-factory');
    for (const json of [false, true]) {
      const { text, exitCode } = await auditCommand(system, { ...options, json, target: root, secretsFile: write('three', 'key-of-the-factory') });
      expect(exitCode).toBe(7);
      // oxlint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|key-of-the-factory/);
      expect(text).toContain('is [redacted]');
    }
  });

  test('a document that cannot be split is not searched by halves', async () => {
    const broken = write('broken', '#cloud-config\nenv: [unclosed\n');
    await expect(auditCommand(system, { ...options, target: blank('x.img', 4096), config: [broken] })).rejects.toThrow(broken);
  });
});
