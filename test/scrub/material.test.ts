/** What is searched for: also what a step writes in another form than it stands in the configuration, and what a merge key hides. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRedactor } from '../../src/scrub/redact.ts';
import { stripInstallerData, stripUserData } from '../../src/scrub/strip.ts';

const secret = 'ENROL-TOKEN-b1946ac92492d2347c6235b4d2611184';
const step = (content: string, encoding: string): string =>
  `#cloud-config\nstages:\n  before-install:\n    - files:\n        - path: /run/cos/oem/token\n          permissions: 0600\n          encoding: ${encoding}\n          content: ${content}\n`;
const needlesOf = (text: string): ReadonlySet<string> => new Set([...buildPatterns(stripInstallerData(text, 'installer-data').items, { keptTexts: [] }).patterns].map(({ needle }) => needle));

describe('content that a step decodes (invariant 3)', () => {
  const packed = gzipSync(`${secret}\n`).toString('base64');
  test.each([
    ['b64', Buffer.from(`${secret}\n`).toString('base64')],
    ['base64', Buffer.from(`${secret}\n`).toString('base64')],
    ['gz+b64', packed],
    ['gzip+base64', packed],
  ])('%s is searched for and redacted as it is written', (encoding, content) => {
    const text = step(content, encoding);
    expect(needlesOf(text)).toContain(secret);
    expect(createRedactor(stripInstallerData(text, 'installer-data').items)(`it said ${secret}!`)).toBe('it said [redacted]!');
    const cut = stripUserData(text, 'user-data');
    expect(cut.items.map(({ value }) => value.trim())).toContain(secret);
  });

  test('!!binary as well', () => {
    expect(needlesOf(`#cloud-config\nstages:\n  before-install:\n    - commands:\n        - !!binary ${Buffer.from(secret).toString('base64')}\n`)).toContain(secret);
  });

  test('what cannot be decoded is named, of what is no text the texts are searched for', () => {
    const rows = (text: string) => buildPatterns(stripInstallerData(text, 'installer-data').items, { keptTexts: [] }).notSearchable.filter(({ reason }) => /decoded|no text/.test(reason));
    const from = 'installer-data: stages.before-install[0].files[0].content';
    expect(rows(step(Buffer.from('no gzip at all').toString('base64'), 'gz+b64'))).toEqual([{ from, reason: 'cannot be decoded' }]);
    const binary = step(Buffer.concat([Buffer.from([0xff, 0, 0xfe]), Buffer.from(secret), Buffer.from([0])]).toString('base64'), 'b64');
    expect(rows(binary)).toEqual([{ from, reason: 'is no text: only the texts in it are searched for' }]);
    expect(needlesOf(binary)).toContain(secret);
    expect(rows(step('plain', '""'))).toEqual([]);
  });
});

describe('keys of install:', () => {
  test('what a merge key brings is searched for where something else hides it', () => {
    const { items } = stripInstallerData('#cloud-config\ninstall:\n  <<: {image: "SECRET-SECRET-1234"}\n  image: other-value\n', 'installer-data');
    expect(items.map(({ value }) => value)).toEqual(['SECRET-SECRET-1234', 'other-value']);
  });

  test('a name that is no fixed word is searched for, too', () => {
    const text = '#cloud-config\ninstall:\n  my-secret-key-4711: 1\n';
    expect(stripUserData(text, 'user-data').items.map(({ value }) => value)).toEqual(['my-secret-key-4711', '1']);
    expect(stripInstallerData(text, 'installer-data').items.map(({ value }) => value)).toEqual(['my-secret-key-4711', '1']);
  });

  test('what is meant to take effect is not', () => {
    const { items } = stripInstallerData('#cloud-config\ninstall:\n  device: /dev/sda\n  bundles: [{targets: [run://somewhere]}]\n', 'installer-data');
    expect(items.filter(({ searched }) => searched)).toEqual([]);
  });
});
