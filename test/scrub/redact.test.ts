import { expect, test } from 'vitest';
import type { MaterialItem } from '../../src/model/audit.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRedactor } from '../../src/scrub/redact.ts';

const item = (value: string, key = 'commands', searched = true): MaterialItem => ({ file: 'installer-data', keyPath: ['stages', key], value, searched });
const items = [
  item('register --token Zk93jdk2Lq81mmQz0p --site "Köln"'),
  item('first secret line\n  second "secret" line\n'),
  item('hunter2', 'password'),
  item('/dev/disk/by-id/target', 'device', false),
  item(`${'long '.repeat(200)}end-of-long`),
];
const redact = createRedactor(items);

test('values, lines, tokens and encoded forms go (invariant 6)', () => {
  expect(redact('+ register --token Zk93jdk2Lq81mmQz0p --site "Köln" # Ü')).toBe('+ [redacted] # Ü');
  expect(redact('error: token Zk93jdk2Lq81mmQz0p refused')).toBe('error: token [redacted] refused');
  expect(redact('a\n    second "secret" line\nb')).toBe('a\n    [redacted]\nb');
  expect(redact('{"cmd":"second \\"secret\\" line"}')).toBe('{"cmd":"[redacted]"}');
  expect(redact(`x=${Buffer.from('first secret line').toString('hex')}`)).toBe('x=[redacted]');
  expect(redact(`x=${Buffer.from('..first secret line').toString('base64')}`)).not.toContain(Buffer.from('..first secret line').toString('base64').slice(4, 20));
  expect(redact(`${'long '.repeat(200)}end-of-long`)).toBe('[redacted]');
});

test('a short value under a secret key goes as a word', () => {
  expect(redact('password hunter2 given; hunter22 stays')).toBe('password [redacted] given; hunter22 stays');
});

test('what is not install-only stays as it is', () => {
  for (const text of ['', 'short', 'mounting /dev/disk/by-id/target on /run/cos', 'before-install', 'ü'.repeat(50)]) expect(redact(text)).toBe(text);
});

test('the same from a pattern set', () => {
  const fromSet = createRedactor(buildPatterns(items, { keptTexts: [] }));
  expect(fromSet('+ register --token Zk93jdk2Lq81mmQz0p --site "Köln"')).toBe('+ [redacted]');
});

test('a value that was cut off in its middle, wherever the cut is', () => {
  const secret = 'register --token Zk93jdk2Lq81mmQz0p --site "Köln"';
  for (let length = 8; length <= secret.length; length += 1) {
    for (const text of [`level=error msg=failed ${secret.slice(0, length)}...`, `${'x'.repeat(300)} ${secret.slice(0, length)}`]) {
      const shown = redact(text);
      expect(shown).toContain('[redacted]');
      expect(shown).not.toContain(secret.slice(0, 8));
    }
  }
});

test('every encoding, alone and twice in a line', () => {
  const secret = 'first secret line';
  const utf16 = (text: string): string => text.replaceAll(/./g, '$&\0');
  const forms = [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('hex').toUpperCase(), utf16(secret), JSON.stringify('second "secret" line'), Buffer.from(`ab${secret}cd`).toString('base64url')];
  for (const form of forms) {
    const shown = redact(`before ${form} between ${form} behind`);
    expect(shown.match(/\[redacted\]/g)?.length).toBe(2);
    expect(shown).toMatch(/^before .*between .*behind$/s);
    expect(shown).not.toContain(form.slice(4, 16));
  }
});

test('blanks that were made one', () => {
  expect(createRedactor([item('key  of\tthe   factory')])('it says key of the factory here')).toBe('it says [redacted] here');
});
