import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/schemas.ts';
import { isError } from '../../src/model/problem.ts';
import { stripUserData } from '../../src/scrub/strip.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { makeToken } from '../../src/sources/edgevpn-token.ts';
import { listPresets } from '../../src/sources/presets.ts';
import { checkUserData } from '../../src/sources/user-data.ts';

const presets = listPresets();

test('the presets that were promised are there', () => {
  expect(presets.map((preset) => preset.name)).toEqual(
    expect.arrayContaining(['minimal', 'k3s-single', 'k3s-join', 'p2p', 'p2p-ha', 'encrypted-tpm', 'encrypted-kms', 'phonehome']),
  );
});

describe.each(presets)('$name', ({ name, title, description, text }) => {
  test('says in a few words what it is', () => {
    expect(title).toMatch(/^[A-Z].{5,50}$/);
    expect(description.length).toBeGreaterThan(40);
    expect(description.length).toBeLessThan(200);
  });

  test('has nothing wrong but what is to be filled in', () => {
    const problems = checkUserData(text, name).filter(isError);
    expect(problems.map((problem) => problem.id).filter((id) => id !== 'placeholder')).toEqual([]);
    expect(problems.length).toBe((text.match(/: FILL-IN$/gm) ?? []).length);
  });

  test('is fine once it is filled in, and gives a configuration with an admin', () => {
    const token = makeToken((count) => Uint8Array.from({ length: count }, (_, index) => (index * 37) % 256));
    const filled = text.replace('network_token: FILL-IN', `network_token: ${token}`).replace('url: FILL-IN', 'url: https://example.org').replaceAll('FILL-IN', '192.0.2.10');
    expect(checkUserData(filled, name)).toEqual([]);
    const { text: kept, problems } = buildKeptConfig({ documents: [{ name, text: filled }], answers: { user: 'op', passwordHash: '$6$s$h' }, metaHostname: null });
    expect(problems).toEqual([]);
    expect(stripUserData(kept, name).removed).toEqual([]);
  });
});

describe('generated files are current (npm run schemas)', () => {
  test.each([...generatedFiles()])('%s', (path, content) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(content);
  });
});
