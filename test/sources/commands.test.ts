/** validate, scrub, token: on real files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { maskLine, unifiedDiff } from '../../src/cli/diff.ts';
import { scrubCommand } from '../../src/cli/scrub.ts';
import { tokenCommand } from '../../src/cli/token.ts';
import { validateCommand } from '../../src/cli/validate.ts';
import { checkToken } from '../../src/sources/edgevpn-token.ts';
import { createRealSystem } from '../../src/system/real.ts';

const system = createRealSystem();
let work = mkdtempSync(join(tmpdir(), 'slipway-commands-'));
const all = [work];
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'slipway-commands-'));
  all.push(work);
});
afterAll(() => all.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const file = (name: string, text: string): string => {
  const path = join(work, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const config = '#cloud-config\nhostname: a  # stays\n# goes: S3CR3T-1\ninstall:\n  device: S3CR3T-2\nwrite_files:\n  - {path: /a, permissions: 0644}\n';
const kept = '#cloud-config\nhostname: a  # stays\nwrite_files:\n  - {path: /a, permissions: 0644}\n';

const admin = 'users:\n- name: op\n  groups: [admin]\n';

const asRoot = process.getuid?.() === 0;

describe('validate', () => {
  const validate = (files: readonly string[], options: { json?: boolean; kind?: string } = {}) => validateCommand(system, files, { json: false, ...options });
  test('a valid file', async () => {
    expect(await validate([file('user-data', `#cloud-config\nhostname: a\n${admin}`)])).toEqual({ text: `${join(work, 'user-data')}: valid user-data`, exitCode: 0 });
  });
  test.each(['users: []\n', 'hostname: a\n', 'users:\n- name: a\n'])('nobody who may administer the node is a warning: %j', async (body) => {
    const { text, exitCode } = await validate([file('user-data', `#cloud-config\n${body}`)]);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^warning: .*user-data:2:1 users: no user is in the group admin/);
  });
  test.each([
    ['hostname: {{ .MachineID }}-x\n', '2:11 hostname'],
    ['write_files:\n  - {path: {{ .A }}/b, content: {{ .B }}-c}\n', '3:12 write_files'],
    ['a: [ {{ .A }}{{ .B }} ]\n', '2:6'],
  ])('a template with something behind it is told as such, once: %j', async (body, where) => {
    const { text, exitCode } = await validate([file('user-data', `#cloud-config\n${body}`)]);
    expect(exitCode).toBe(3);
    expect(text.split('\n')).toEqual([expect.stringContaining(`${where}: a template that begins a value without quotes`), expect.stringContaining('not valid')]);
  });
  test('names of files inject nothing, keys that are commands are not repeated (invariants 6 and 12)', async () => {
    const path = file('a\u001b[2J\nvalid.yaml', `#cloud-config\n${admin}stages:\n  boot:\n  - echo S3CRETTOKEN456 | tee x: foo\n`);
    for (const json of [false, true]) {
      const { text } = await validate([path], { json });
      // oxlint-disable-next-line no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|S3CRET/);
      expect(text.split('\n').length).toBeLessThan(json ? 2 : 4);
      expect(text).toContain('a key that is no name');
    }
  });
  test('every problem with its place, and exit code 3', async () => {
    const path = file('x-installer-data.yaml', '#cloud-config\nstages:\n  boot: []\nusers: []\n');
    const { text, exitCode } = await validate([path]);
    expect(exitCode).toBe(3);
    expect(text.split('\n')).toEqual([
      `error: ${path}:3:3 stages.boot: "boot" runs at boot; installer-data holds install stages only; put it into user-data`,
      `error: ${path}:4:1 users: "users" does not belong into installer-data; put it into user-data: installer-data holds "stages", "install" and "slipway" only`,
      `${path}: not valid installer-data`,
    ]);
  });
  test('the kind can be said; JSON; a missing file; a kind that does not exist', async () => {
    const path = file('some.yaml', '#cloud-config\nusers: []\n');
    const { text, exitCode } = await validate([path, join(work, 'none')], { json: true, kind: 'installer-data' });
    expect(exitCode).toBe(3);
    expect(JSON.parse(text)).toMatchObject({ ok: false, files: [{ kind: 'installer-data', ok: false, problems: [{ id: 'unknown-key' }] }, { ok: false, problems: [{ id: 'config-missing' }] }] });
    expect((await validate([path], { kind: 'other' })).exitCode).toBe(2);
  });
});

describe('scrub', () => {
  const scrub = (paths: readonly string[], options: { json?: boolean; dryRun?: boolean } = {}) => scrubCommand(system, paths, { json: false, dryRun: false, ...options });
  test.skipIf(!asRoot)('keeps owner, permissions and extended attributes', async () => {
    const path = file('90_custom.yaml', config);
    chownSync(path, 1234, 5678);
    chmodSync(path, 0o4640);
    const labelled = spawnSync('python3', ['-c', 'import os, sys; os.setxattr(sys.argv[1], "user.slipway", b"label")', path]).status === 0;
    await scrub([path]);
    expect(statSync(path)).toMatchObject({ uid: 1234, gid: 5678 });
    expect(statSync(path).mode & 0o7777).toBe(0o4640);
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
    if (!labelled) return;
    expect(spawnSync('python3', ['-c', 'import os, sys; print(os.getxattr(sys.argv[1], "user.slipway").decode())', path], { encoding: 'utf8' }).stdout).toBe('label\n');
  });
  test('the old content is not left in the blocks that become free; the file is a new one', async () => {
    const path = file('90_custom.yaml', config);
    const old = openSync(path, 'r');
    const { ino } = statSync(path);
    await scrub([path]);
    expect(statSync(path).ino).not.toBe(ino);
    expect(readFileSync(old, 'latin1')).toBe('\0'.repeat(config.length));
    closeSync(old);
    expect(readdirSync(work)).toEqual(['90_custom.yaml']);
  });
  test('a second name of the file is not destroyed with it', async () => {
    const path = file('90_custom.yaml', config);
    linkSync(path, join(work, 'copy'));
    await scrub([path]);
    expect(readFileSync(join(work, 'copy'), 'utf8')).toBe(config);
  });
  test('a link is not followed, by name or in a folder', async () => {
    const path = file('outside/target.yaml', config);
    mkdirSync(join(work, 'oem'));
    const link = join(work, 'oem/90_custom.yaml');
    symlinkSync(path, link);
    const { text, exitCode } = await scrub([link]);
    expect(exitCode).toBe(3);
    expect(text).toContain('this is a link');
    await scrub([join(work, 'oem')]);
    expect(readFileSync(path, 'utf8')).toBe(config);
    expect(readlinkSync(link)).toBe(path);
  });
  test('in place, byte for byte, permissions kept', async () => {
    const path = file('90_custom.yaml', config);
    chmodSync(path, 0o640);
    const { text, exitCode } = await scrub([path]);
    expect(exitCode).toBe(0);
    expect(text).toBe(`${path}: scrubbed, removed:\n  line 5: install.device`);
    expect(readFileSync(path, 'utf8')).toBe(kept);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect((await scrub([path])).text).toBe(`${path}: nothing to remove`);
  });
  test('--dry-run shows the diff without the values and writes nothing', async () => {
    const path = file('a.yaml', config);
    const { text } = await scrub([path], { dryRun: true });
    expect(readFileSync(path, 'utf8')).toBe(config);
    expect(text).not.toContain('S3CR3T');
    expect(text.split('\n').slice(2)).toEqual([
      `--- ${path}`, `+++ ${path} (kept)`, '@@ -1,8 +1,5 @@', ' #cloud-config', ' hostname: a  # stays', '-***', '-install:', '-  device: ***', ' write_files:', '   - {path: /a, permissions: 0644}', ' ',
    ]);
  });
  test('a folder: configurations in it, links and other files left alone', async () => {
    file('oem/90.yaml', config);
    file('oem/95_userdata/userdata', config);
    file('oem/grubenv', 'install: x\n');
    file('oem/no-header.yaml', 'install: {device: x}\n');
    const outside = file('outside.yaml', config);
    symlinkSync(outside, join(work, 'oem/link.yaml'));
    const { text, exitCode } = await scrub([join(work, 'oem')], { json: true });
    expect(exitCode).toBe(0);
    const rows = (JSON.parse(text) as { files: { file: string; changed: boolean }[] }).files;
    expect(rows.map((row) => [row.file.replace(`${work}/`, ''), row.changed])).toEqual([['oem/90.yaml', true], ['oem/95_userdata/userdata', true]]);
    expect(readFileSync(outside, 'utf8')).toBe(config);
    expect(readFileSync(join(work, 'oem/no-header.yaml'), 'utf8')).toContain('install');
  });
  test('a folder, however deep', async () => {
    const deep = file(`oem/${'a/'.repeat(20)}90.yaml`, config);
    await scrub([join(work, 'oem')]);
    expect(readFileSync(deep, 'utf8')).toBe(kept);
  });
  test('names of files inject nothing (invariant 12)', async () => {
    file('oem/a\u001b[2J\nb.yaml', config);
    for (const dryRun of [true, false]) {
      const { text } = await scrub([join(work, 'oem')], { dryRun });
      expect(text).not.toContain('\u001b');
      expect(text.split('\n')[0]).toMatch(/oem\/a b\.yaml: /);
    }
  });
  test('dotted keys stay, and are warned of', async () => {
    const path = file('a.yaml', '#cloud-config\ninstall.tty: S3CR3T-2\nhostname: a\n');
    const { text, exitCode } = await scrub([path]);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^warning: .*a\.yaml:2:1 "install.tty": .*kept/);
    expect(text).toContain('nothing to remove');
    expect(text).not.toContain('S3CR3T');
  });
  test('what cannot be cut is left as it is, with exit code 3', async () => {
    const broken = file('b.yaml', '#cloud-config\ninstall: {device: a}\ninstall: {device: b}\n');
    const { text, exitCode } = await scrub([broken, join(work, 'none'), file('installer-data', '#cloud-config\n')]);
    expect(exitCode).toBe(3);
    expect(text).toContain('left as it is');
    expect(text).toContain('delete the file');
    expect(readFileSync(broken, 'utf8')).toContain('device: b');
  });
});

describe('token', () => {
  test('one line that edgevpn takes', () => {
    const { text, exitCode } = tokenCommand(system);
    expect([checkToken(text), exitCode, text.includes('\n')]).toEqual([null, 0, false]);
  });
});

describe('the diff', () => {
  test('hunks are numbered, far lines left out', () => {
    const before = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const after = before.filter((_line, index) => index !== 10 && index !== 30);
    expect(unifiedDiff('f', before.join('\n'), after.join('\n')).match(/^@@.*@@$/gm)).toEqual(['@@ -8,7 +8,6 @@', '@@ -28,7 +27,6 @@']);
    expect(unifiedDiff('f', 'a', 'a')).toBe('');
  });
  test.each([
    ['  - name: secret', '  - name: ***'],
    ['key:', 'key:'],
    ['"a.b": secret', '"a.b": ***'],
    ['  secret text', '  ***'],
    ['# secret: text', '***'],
    ['  http://secret', '  ***'],
    ['- secret', '- ***'],
    ['{secret: x}', '***'],
  ])('masks %j', (line, expected) => {
    expect(maskLine(line)).toBe(expected);
  });
});
