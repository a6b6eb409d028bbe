import { describe, expect, test } from 'vitest';
import { decodeText } from '../../src/sources/decode.ts';
import { parseYaml } from '../../src/sources/yaml.ts';
import { positionOf, rootData } from '../../src/sources/yaml-nodes.ts';

const ids = (text: string): readonly string[] => parseYaml(text, 'user-data').problems.map((problem) => problem.id);
const data = (text: string): unknown => {
  const { document, problems } = parseYaml(text, 'user-data');
  expect(problems).toEqual([]);
  return document === undefined ? undefined : rootData(document);
};

/** None of these may take long: what grows with a square or worse does not end within a test's time. */
describe('what is refused, and where', () => {
  test.each([
    ['duplicate-key', 'a: 1\nb: 2\na: 3\n', 3, 1],
    ['unquoted-template', 'a: 1\nhostname: {{ .X }}\n', 2, 11],
    ['unknown-anchor', 'a: *b\n', 1, 4],
    ['endless-alias', 'a: &x\n  b: *x\n', 2, 6],
    ['key-not-text', '? [a]\n: b\n', 1, 3],
    ['key-not-text', ': b\n', 1, 1],
    ['merge-not-a-map', 'a: &x 1\nb:\n  <<: *x\n', 3, 3],
    ['several-documents', 'a: 1\n---\nb: 2\n', 3, 1],
    ['yaml-syntax', 'a: "open\n', 2, 1],
    ['yaml-syntax', 'a:\n\t b: 1\n', 2, 1],
    ['control-character', 'a: b\u001b[31m\n', 1, 5],
    ['control-character', 'a: b\u009b31m\n', 1, 5],
    ['document-binary', 'a: \0\n', 1, 4],
    ['too-deep', `a: ${'['.repeat(200)}${']'.repeat(200)}\n`, 1, 103],
  ])('%s %#', (id, text, line, column) => {
    const { document, problems } = parseYaml(text, 'user-data');
    expect(document).toBeUndefined();
    expect(problems[0]).toMatchObject({ id, severity: 'error', position: { file: 'user-data', line, column } });
    expect(problems[0]?.hint).not.toBe('');
  });

  test('no message quotes the document', () => {
    for (const text of ['S3CR3T: "open\n', 'a: @S3CR3T\n', 'a: *S3CR3T\n', '%S3CR3T\n---\na: b\n', 'a: !S3CR3T b\n', '}S3CR3T\n', 'a: "\\S3CR3T"\n']) {
      expect(JSON.stringify(parseYaml(text, 'f').problems)).not.toContain('S3CR3T');
    }
  });

  test('aliases that grow are refused, quickly', () => {
    const lines = ['l0: &l0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 20; level += 1) lines.push(`l${level}: &l${level} [${Array(10).fill(`*l${level - 1}`).join(', ')}]`);
    expect(ids(lines.join('\n'))).toEqual(['alias-bomb']);
  });

  test('a thousand aliases that do not grow are fine', () => {
    expect(ids(`a: &a x\nb:\n${'  - *a\n'.repeat(1000)}`)).toEqual([]);
  });

  test('more than 1 MiB is refused, and 1 MiB of brackets ends quickly', () => {
    expect(ids(`a: ${'x'.repeat(1024 * 1024)}`)).toEqual(['document-too-large']);
    expect(ids('['.repeat(1024 * 1024 - 1))).toEqual(['too-deep']);
    expect(ids('- '.repeat(500_000))).toEqual(['too-deep']);
  });

  test('many keys are compared in time', () => {
    expect(ids(Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n'))).toEqual([]);
  });
});

describe('values as Kairos reads them', () => {
  test('octal, underscores, text that looks like something else', () => {
    expect(data('a: 0644\nb: 0o644\nc: "0644"\nd: 1_000\ne: yes\nf: 1:30\ng: 0x1F\nh: -07\ni: 9223372036854775807\nj: ~\nk: 1.5\nl: true\n')).toEqual({
      a: 420, b: 420, c: '0644', d: 1000, e: 'yes', f: '1:30', g: 31, h: -7, i: '9223372036854775807', j: null, k: 1.5, l: true,
    });
  });

  test('merge keys: own keys win, then the earlier map', () => {
    expect(data('a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\n')).toMatchObject({ c: { x: 3, y: 1, z: 2 } });
  });

  test('__proto__ is a key like any other', () => {
    const value = data('__proto__: {polluted: true}\nconstructor: x\n') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

test('positions count lines and columns from one, keys with dots are one key', () => {
  const { document } = parseYaml('#cloud-config\nstages:\n  kairos-install.pre:\n    - commands: [a, b]\n', 'user-data');
  if (document === undefined) throw new Error('not read');
  expect(positionOf(document, ['stages', 'kairos-install.pre', 0, 'commands', 1])).toEqual({
    file: 'user-data', line: 4, column: 21, keyPath: ['stages', 'kairos-install.pre', 0, 'commands', 1],
  });
});

describe('bytes', () => {
  const idOf = (bytes: number[]): string | undefined => decodeText(Uint8Array.from(bytes), 'f').problems[0]?.id;
  test('wrong encodings are named', () => {
    expect(idOf([0xff, 0xfe, 0x61, 0])).toBe('document-encoding');
    expect(idOf([0x61, 0xe9, 0x62])).toBe('document-encoding');
    expect(idOf([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff])).toBe('document-binary');
    expect(idOf([0x61, 0])).toBe('document-binary');
  });
  test('UTF-8 is read, a byte order mark stays', () => {
    expect(decodeText(new TextEncoder().encode('\uFEFFgrüß'), 'f')).toEqual({ text: '\uFEFFgrüß', problems: [] });
  });
});
