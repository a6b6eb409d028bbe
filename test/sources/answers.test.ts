import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isError } from '../../src/model/problem.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import type { ConfigAnswers, KeptConfig } from '../../src/sources/answers-to-config.ts';

/** Most documents here are too small to have an admin user; that warning has a test of its own. */
const withoutAdminWarning = (kept: KeptConfig): KeptConfig => ({ ...kept, problems: kept.problems.filter((problem) => problem.id !== 'no-admin-user') });

const build = (texts: readonly string[], answers: ConfigAnswers = {}, metaHostname: string | null = null) =>
  withoutAdminWarning(buildKeptConfig({ documents: texts.map((text, index) => ({ name: `user-data-${index}`, text })), answers, metaHostname }));

const one = (body: string, answers: ConfigAnswers = {}, meta: string | null = null): string => {
  const { text, problems } = build([`#cloud-config\n${body}`], answers, meta);
  expect(problems.filter(isError)).toEqual([]);
  return text.replace('#cloud-config\n', '');
};

describe('one document (invariant 5)', () => {
  test('without answers it is the cut, byte for byte', () => {
    expect(one('a:   0644 # x\ninstall: {device: auto}\n\n\nb: "y"')).toBe('a:   0644 # x\n\n\nb: "y"');
  });
  test('none at all gives a header and the answers', () => {
    expect(build([], { hostname: 'n1' }).text).toBe('#cloud-config\nhostname: n1\n');
  });
});

describe('host name', () => {
  test.each([
    ['a: 1\n', 'a: 1\nhostname: n1\n'],
    ['a: 1', 'a: 1\nhostname: n1\n'],
    ['hostname: old   # why\nb: 0644\n', 'hostname: n1   # why\nb: 0644\n'],
    ['hostname: "old"\n', 'hostname: n1\n'],
    ['hostname:\nb: 1\n', 'hostname: n1\nb: 1\n'],
    ['a: |\n  text', 'hostname: n1\na: |\n  text'],
    ['  a: 1\n', '  a: 1\n  hostname: n1\n'],
    ['{"a": 1}\n', '{"hostname": "n1", "a": 1}\n'],
    ['a: 1\r\n', 'a: 1\r\nhostname: n1\r\n'],
    ['x: &h old\nhostname: *h\n', 'x: &h old\nhostname: n1\n'],
    ['a: 1\n...\n', 'a: 1\nhostname: n1\n...\n'],
  ])('%j', (body, expected) => {
    expect(one(body, { hostname: 'n1' })).toBe(expected);
  });
  test('meta-data names the host only where nothing else does', () => {
    expect(one('a: 1\n', {}, 'm1')).toBe('a: 1\nhostname: m1\n');
    expect(one('hostname: u1\n', {}, 'm1')).toBe('hostname: u1\n');
    expect(one('a: 1\n', { hostname: 'n1' }, 'm1')).toBe('a: 1\nhostname: n1\n');
    expect(one('stages: {initramfs: [{hostname: s1}]}\n', {}, 'm1')).not.toContain('m1');
  });
  test('a template is kept in quotes, anything else is refused', () => {
    expect(parse(one('a: 1\n', { hostname: 'n-{{ trunc 4 .MachineID }}' }))).toMatchObject({ hostname: 'n-{{ trunc 4 .MachineID }}' });
    for (const hostname of ['a b', 'a\nusers: []', '-a', 'a: b', 'x'.repeat(300), '#a']) {
      const { text, problems } = build(['#cloud-config\na: 1\n'], { hostname });
      expect(problems.map((problem) => problem.id)).toEqual(['hostname']);
      expect(text).toBe('#cloud-config\na: 1\n');
    }
  });
});

describe('users', () => {
  const answers = { user: 'op', passwordHash: '$6$s$h', sshKeys: ['github:me'] };
  const user = { name: 'op', passwd: '$6$s$h', groups: ['admin'], ssh_authorized_keys: ['github:me'] };
  test('a new user, next to others, with every other byte unchanged', () => {
    const body = 'users:\n  - name: other # c\n    uid: 0755\nlast: 0644\n';
    const text = one(body, answers);
    expect(parse(text)).toMatchObject({ users: [{ name: 'other' }, user] });
    expect(text.startsWith('users:\n  - name: other # c\n    uid: 0755\n  - name: op\n')).toBe(true);
    expect(text.endsWith('last: 0644\n')).toBe(true);
  });
  test('where there are none, and in flow style', () => {
    expect(parse(one('a: 1\n', answers))).toEqual({ a: 1, users: [user] });
    expect(parse(one('users: [{name: x, uid: 0755}]\na: 1\n', answers))).toEqual({ a: 1, users: [{ name: 'x', uid: 755 }, user] });
    expect(one('users: [{name: x, uid: 0755}]\na: 1\n', answers)).toContain('uid: 0755');
    expect(parse(one('{"users": [], "a": 1}\n', answers))).toEqual({ a: 1, users: [user] });
  });
  test('a user that is there keeps what else it has', () => {
    expect(one('users:\n  - name: op   # c\n    passwd: old # p\n    uid: "5"\n', { user: 'op', passwordHash: '$6$s$h' })).toBe('users:\n  - name: op   # c\n    passwd: $6$s$h # p\n    uid: "5"\n');
    expect(parse(one('users:\n  - name: op\n    ssh_authorized_keys: [a, b]\n', { user: 'op', sshKeys: ['b', 'c'] }))).toEqual({ users: [{ name: 'op', ssh_authorized_keys: ['a', 'b', 'c'] }] });
  });
  test('a password alone goes to the only user', () => {
    expect(parse(one('users:\n  - name: op\n', { passwordHash: '$6$s$h' }))).toEqual({ users: [{ name: 'op', passwd: '$6$s$h' }] });
    expect(build(['#cloud-config\na: 1\n'], { sshKeys: ['x'] }).problems.map((problem) => problem.id)).toEqual(['user-missing']);
    expect(build([], { user: 'a b', passwordHash: 'x' }).problems.map((problem) => problem.id)).toEqual(['user-name']);
  });
});

describe('several documents merge as Kairos merges them', () => {
  const merged = (...bodies: string[]) => build(bodies.map((body) => `#cloud-config\n${body}`));
  test('maps deeply, scalars united, maps of lists one behind the other, later wins', () => {
    const { text, problems } = merged('a: {x: 1, y: [p, q]}\nl: [{n: 1}]\ns: one\n', 'a: {z: 2, y: [q, r]}\nl: [{n: 1}]\ns: two\n');
    expect(problems).toEqual([]);
    expect(parse(text)).toEqual({ a: { x: 1, y: ['p', 'q', 'r'], z: 2 }, l: [{ n: 1 }, { n: 1 }], s: 'two' });
  });
  test('null resets to nothing of the same kind', () => {
    expect(parse(merged('a: [1]\nb: {c: 1}\nd: x\ne: 5\nf: true\n', 'a:\nb: ~\nd:\ne:\nf: null\n').text)).toEqual({ a: [], b: {}, d: '', e: 0, f: false });
  });
  test('spelling is kept', () => {
    const { text } = merged('write_files: [{path: /a, permissions: 0644, when: 1:30, on: yes}]\n', 'write_files: [{path: /b, permissions: "0600"}]\n');
    expect(text).toContain('permissions: 0644');
    expect(text).toMatch(/permissions: ["']0600["']/);
    expect(text).toContain('when: 1:30');
    expect(text).toMatch(/["']?on["']?: yes\n/);
  });
  const indented = (text: string): string => text.split('\n').map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
  test.each([
    ['a text by its tag', 'content: !!str 0644\n', 'content: "0644"\n'],
    ['a text that is a key outside of brackets', 'args: ["--x:", "- y", a:b]\n', 'args:\n  - "--x:"\n  - "- y"\n  - a:b\n'],
    ['line breaks of YAML 1.1', 'at: "http://\\u2028x"\nb: "a\u2028b"\nc: "\\N"\n', 'at: "http://\\u2028x"\nb: "a\\u2028b"\nc: "\\u0085"\n'],
    ['the same in a text of several lines', 'a: "x\\n\\Ly\\n"\n', 'a: "x\\n\\u2028y\\n"\n'],
    ['numbers of Go in quotes', 'a: ["0X1F", "0b11", "1_0", "+5", "2020-01-01", "0o7", ".5", "~", "y", "<<"]\n', `a:\n${['0X1F', '0b11', '1_0', '+5', '2020-01-01', '0o7', '.5', '~', 'y', '<<'].map((word) => `  - "${word}"\n`).join('')}`],
    ['other tags', 'a: !!float 5\nb: !!binary aGVsbG8=\nc: !<!own> "x y"\n', 'a: !!float 5\nb: !!binary "aGVsbG8="\nc: !<!own> "x y"\n'],
    ['keys that are no texts', 'a: {80: x, "81": y, true: z}\n', 'a:\n  80: x\n  "81": y\n  true: z\n'],
  ])('%s', (_what, body, expected) => {
    expect(merged(body, 'z: 1\n')).toEqual({ text: `#cloud-config\n${expected}z: 1\n`, problems: [] });
    expect(build([`#cloud-config\nk3s:\n${indented(body)}`], { cluster: { k3s: { enabled: true } } })).toEqual({ text: `#cloud-config\nk3s:\n${indented(expected)}  enabled: true\n`, problems: [] });
  });
  test('a block of lines without a last line feed has none', () => {
    expect(merged('a: |\n  x\n  y', 'z: 1\n').text).toBe('#cloud-config\na: |-\n  x\n  y\nz: 1\n');
  });
  test('an answer that is merged into a stage leaves the others as they are', () => {
    const { text, problems } = build(['#cloud-config\nstages:\n  initramfs:\n    - files: [{path: /x, content: !!str 0644, permissions: 0644}]\n'], { timezone: 'Europe/Berlin' });
    expect(problems).toEqual([]);
    expect(text).toContain('content: "0644"\n');
    expect(text).toContain('permissions: 0644\n');
  });
  test('unlike kinds are an error', () => {
    const { problems } = merged('k3s: {enabled: true}\n', 'k3s: {enabled: "true"}\n');
    expect(problems.map((problem) => [problem.id, problem.where])).toEqual([['merge-kinds', 'user-data-1 k3s.enabled']]);
  });
  test('install-only parts of each are gone', () => {
    expect(merged('install: {device: auto}\na: 1\n', 'install: {nousers: true}\nstages: {before-install: []}\n').text).toBe('#cloud-config\na: 1\ninstall:\n  nousers: true\n');
  });
});

describe('an admin user', () => {
  const warned = (body: string, answers: ConfigAnswers = {}): boolean =>
    buildKeptConfig({ documents: [{ name: 'u', text: `#cloud-config\n${body}` }], answers, metaHostname: null }).problems.some((problem) => problem.id === 'no-admin-user');
  test.each([
    ['a: 1\n', true],
    ['users: [{name: x, groups: [admin]}]\n', false],
    ['users: [{name: x, groups: [other]}]\n', true],
    ['stages: {initramfs: [{users: {x: {primary_group: admin}}}]}\n', false],
    ['stages: {before-install: [{users: {x: {groups: [admin]}}}]}\n', true],
    ['install: {nousers: true}\n', false],
  ])('%j', (body, expected) => {
    expect(warned(body)).toBe(expected);
  });
  test('an answer makes one', () => {
    expect(warned('a: 1\n', { user: 'op', passwordHash: '$6$s$h' })).toBe(false);
  });
});
