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
