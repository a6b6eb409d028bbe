import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MaterialItem } from '../../src/model/audit.ts';
import { buildPatterns, withoutPristine } from '../../src/scrub/patterns.ts';
import { createEncoder } from '../../src/scrub/search/encodings.ts';
import { needlesOf, tokensOf } from '../../src/scrub/search/needles.ts';

const item = (value: string, keyPath: readonly (string | number)[] = ['stages', 'before-install', 0, 'commands', 1], searched = true): MaterialItem => ({
  file: 'installer-data',
  keyPath,
  value,
  searched,
});
const texts = (items: readonly MaterialItem[], keptTexts: readonly string[] = []): readonly string[] =>
  [...buildPatterns(items, { keptTexts }).patterns].filter((p) => p.encoding === 'plain').map((p) => p.needle);

describe('what is searched for', () => {
  test('a scalar, each of its lines without indentation, and the tokens in them', () => {
    expect(texts([item('set -e\n    export TOKEN=abcdef0123456789\n    curl -u admin:geheim-1234 https://x\n')])).toEqual([
      'set -e\n    export TOKEN=abcdef0123456789\n    curl -u admin:geheim-1234 https://x',
      'export TOKEN=abcdef0123456789',
      'curl -u admin:geheim-1234 https://x',
      'abcdef0123456789',
    ]);
  });

  test('tokens: what an auditor would grep for, and no names', () => {
    expect(tokensOf('wget --password s3cr3t-pass https://bob:hunter2222@host/x')).toEqual(['s3cr3t-pass', 'hunter2222']);
    expect(tokensOf('curl -H "Authorization: Bearer Zk93jdk2Lq81mmQz0p" $URL')).toContain('Zk93jdk2Lq81mmQz0p');
    expect(tokensOf('PASSPHRASE="long words with blanks"')).toContain('long words with blanks');
    expect(tokensOf('apt-get install linux-image-6.12.107-amd64 x86_64-linux-gnu')).toEqual([]);
    expect(tokensOf('systemctl restart systemd-networkd.service; mkdir -p /usr/local/share')).toEqual([]);
    expect(tokensOf('TOKEN=$OTHER_VARIABLE')).toEqual([]);
  });

  test('long texts: pieces from the head to the tail, each under the limit', () => {
    const long = Array.from({ length: 900 }, (_, i) => String.fromCodePoint(97 + ((i * 7) % 26))).join('');
    const needles = needlesOf(`HEAD-OF-IT ${long} TAIL-OF-IT`);
    expect(needles.every((needle) => needle.text.length <= 256)).toBe(true);
    expect(needles.some((needle) => needle.text.startsWith('HEAD-OF-IT'))).toBe(true);
    expect(needles.some((needle) => needle.text.endsWith('TAIL-OF-IT'))).toBe(true);
  });

  test('what is kept, short or vocabulary is counted with its key path and reason, never its value', () => {
    const set = buildPatterns(
      [
        item('abc', ['stages', 'before-install', 0, 'name']),
        item('the hostname line', ['a']),
        item('before-install', ['b']),
        item('first line here\nsecond line here', ['c']),
        item('MY_DATA_LABEL', ['install', 'extra-partitions', 0, 'name'], false),
        item('MY_DATA_LABEL', ['d']),
      ],
      { keptTexts: ['x: the hostname line\n', '  first line here\n  other'] },
    );
    expect(set.notSearchable).toEqual([
      { from: 'installer-data: stages.before-install[0].name', reason: 'shorter than 8 bytes' },
      { from: 'installer-data: a', reason: 'also in the kept configuration' },
      { from: 'installer-data: b', reason: 'fixed vocabulary' },
      { from: 'installer-data: c', reason: 'also in the kept configuration' },
      { from: 'installer-data: d', reason: 'also in the kept configuration' },
    ]);
    expect(new Set([...set.patterns].map((p) => p.needle))).toEqual(new Set(['first line here\nsecond line here', 'second line here']));
    expect(JSON.stringify(set.notSearchable)).not.toContain('hostname line');
  });

  test('a script whose every line is kept is kept', () => {
    expect(texts([item('first line here\nsecond line here')], ['  second line here\n  first line here'])).toEqual([]);
  });

  test('lengths are counted in bytes', () => {
    expect(texts([item('größer!')])).toEqual(['größer!']);
    expect(texts([item('grosser')])).toEqual([]);
  });

  test('equal material is searched once, under its first key path', () => {
    const set = buildPatterns([item('same secret value', ['a']), item(' same secret value\n', ['b'])], { keptTexts: [] });
    expect(new Set([...set.patterns].map((p) => p.from))).toEqual(new Set(['installer-data: a']));
    expect(new Set([...set.patterns].map((p) => Buffer.from(p.bytes).toString('hex'))).size).toBe(set.patterns.length);
  });

  test('needles of the pristine source go, in every form, and are counted', () => {
    const set = buildPatterns([item('one secret value', ['a']), item('two secret value', ['b'])], { keptTexts: [] });
    const less = withoutPristine(set, new Set(['one secret value']));
    expect([...less.patterns].some((p) => p.needle === 'one secret value')).toBe(false);
    expect([...less.patterns].filter((p) => p.needle === 'two secret value').length).toBe([...set.patterns].filter((p) => p.needle === 'two secret value').length);
    expect(less.notSearchable).toEqual([{ from: 'installer-data: a', reason: 'also in the pristine source' }]);
    expect(buildPatterns([item('one secret value', ['a'])], { keptTexts: [], inPristine: new Set(['one secret value']) }).patterns).toHaveLength(0);
  });
});

describe('encodings', () => {
  /** Every form in an encoding, once, that is none of those before it. */
  const forms = (text: string, encoding: string): readonly string[] => {
    const found = new Map<string, string>();
    createEncoder()(text, (kind, buffer, start, end) => {
      const form = Buffer.from(buffer.subarray(start, end)).toString('latin1');
      if (!found.has(form)) found.set(form, kind);
    });
    return [...found].filter(([, kind]) => kind === encoding).map(([form]) => form);
  };

  test('base64 is found whatever stands before and behind, also broken into lines', () => {
    for (const secret of ['8 bytes!', 'a longer secret value', 'größer? ÿþ>>>', 'x'.repeat(200)]) {
      for (let before = 0; before < 80; before += 1) {
        for (const behind of [0, 1, 2]) {
          const text = Buffer.from(`${'?'.repeat(before)}${secret}${'>'.repeat(behind)}`).toString('base64');
          expect(forms(secret, 'base64').some((form) => text.includes(form))).toBe(true);
          const forUrl = Buffer.from(`${'?'.repeat(before)}${secret}`).toString('base64url');
          expect(forms(secret, 'base64').some((form) => forUrl.includes(form))).toBe(true);
        }
      }
    }
    // What does not depend on its neighbours, of 8 bytes: 10 characters.
    expect(forms('8 bytes!', 'base64').every((form) => form.length === 10)).toBe(true);
  });

  test.each([64, 70, 76])('base64 in lines of %i characters is found wherever the breaks are, whatever its length', (columns) => {
    for (let length = 16; length <= 256; length += 7) {
      const secret = createHash('sha512').update(String(length)).digest('hex').repeat(2).slice(0, length);
      const known = forms(secret, 'base64');
      for (let before = 0; before < 60; before += 1) {
        const wrapped = Buffer.from(`${'?'.repeat(before)}${secret}${'>'.repeat(80)}`).toString('base64').replaceAll(new RegExp(`.{${columns}}`, 'g'), '$&\n');
        if (!known.some((form) => wrapped.includes(form))) throw new Error(`${length} characters after ${before} are not found`);
      }
    }
  });

  test('hex in both cases, UTF-16 in both orders', () => {
    expect(forms('secret!!', 'hex')).toEqual(['7365637265742121']);
    expect(forms('jklmnopz', 'hex')).toEqual(['6a6b6c6d6e6f707a', '6A6B6C6D6E6F707A']);
    expect(forms('abcdefgh', 'utf-16le')).toEqual(['a\0b\0c\0d\0e\0f\0g\0h\0']);
    expect(forms('abcdefgh', 'utf-16be')).toEqual(['\0a\0b\0c\0d\0e\0f\0g\0h']);
  });

  test('escaped forms, only where they differ', () => {
    expect(forms('plain text', 'json-escaped')).toEqual([]);
    expect(forms('plain text', 'yaml-escaped')).toEqual([]);
    expect(forms('say "hi"\n<&', 'json-escaped')).toEqual(['say \\"hi\\"\\n<&', 'say \\"hi\\"\\n\\u003c\\u0026']);
    expect(forms("it's 8 bytes", 'yaml-escaped')).toEqual(["it''s 8 bytes"]);
    expect(forms('naïve word', 'yaml-escaped')).toEqual(['na\\xefve word', 'na\\xEFve word']);
  });
});
