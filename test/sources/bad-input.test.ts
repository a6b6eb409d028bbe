/** Bad input by `--config` and `--installer-data`: a clear problem and no plan, quickly and in little memory. The data volume's own kinds of it are in data-volume.test.ts. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isError } from '../../src/model/problem.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { loadSources } from '../../src/sources/load-sources.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { disk, emptyDisk, facts, fakeEffects } from '../app/fake-effects.ts';

const system = createRealSystem();
const work = mkdtempSync(join(tmpdir(), 'slipway-bad-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(work, name);
  writeFileSync(path, content);
  return path;
};
const head = '#cloud-config\n';
const bomb = `${head}a: &a [${'x, '.repeat(99)}x]\nb: &b [${'*a, '.repeat(99)}*a]\nc: &c [${'*b, '.repeat(99)}*b]\nd: [${'*c, '.repeat(99)}*c]\n`;

const kinds: readonly (readonly [what: string, make: () => string, id: string])[] = [
  ['an alias bomb', () => file('bomb', bomb), 'alias-bomb'],
  ['an endless alias', () => file('endless', `${head}a: &a {b: *a}\n`), 'endless-alias'],
  [
    '100 MB',
    () => {
      const path = file('big', '');
      truncateSync(path, 100 * 1024 * 1024);
      return path;
    },
    'document-too-large',
  ],
  ['1 MiB of brackets', () => file('deep', head + '['.repeat(1024 * 1024 - 100)), 'too-deep'],
  ['a thousand levels of keys', () => file('levels', head + Array.from({ length: 1000 }, (_, level) => `${' '.repeat(level)}k:\n`).join('')), 'too-deep'],
  ['a program', () => file('binary', Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)), 'document-binary'],
  ['UTF-16', () => file('utf16', Buffer.from(`\uFEFF${head}hostname: a\n`, 'utf16le')), 'document-encoding'],
  ['Latin-1', () => file('latin1', Buffer.from(`${head}hostname: grün\n`, 'latin1')), 'document-encoding'],
  ['terminal escapes', () => file('escapes', `${head}hostname: "\u001b[2J"\n`), 'control-character'],
  ['a folder', () => (mkdirSync(join(work, 'folder')), join(work, 'folder')), 'config-'],
  ['a device without an end', () => '/dev/zero', 'config-'],
  ['a pipe that nobody writes to', () => (execFileSync('mkfifo', [join(work, 'pipe')]), join(work, 'pipe')), 'config-'],
  ['a link to nothing', () => (symlinkSync('/nowhere', join(work, 'link')), join(work, 'link')), 'config-'],
  ['a name with a line feed', () => join(work, 'no\nsuch\u001b[2Jfile'), 'config-'],
];

const none = { 'data-volume': { value: 'none', origin: 'flag' } } as const;

describe.each(['config', 'installer-data'] as const)('--%s', (flag) => {
  test.each(kinds.map(([what, make, id]) => ({ what, make, id })))('$what', async ({ make, id }) => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    const path = make();
    const before = readdirSync(work);
    const memory = process.memoryUsage().rss;
    const started = performance.now();
    const sources = await loadSources(system, facts({ volumes: [] }), { ...none, [flag]: { value: [path], origin: 'flag' } }, new AbortController().signal);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - memory).toBeLessThan(200 * 1024 * 1024);
    const errors = sources.problems.filter(isError);
    expect(errors.map((problem) => problem.id).filter((found) => found.startsWith(id)).length).toBeGreaterThan(0);
    for (const problem of errors) {
      expect(problem.hint).not.toBe('');
      // oxlint-disable-next-line no-control-regex
      expect(problem.what + problem.hint).not.toMatch(/[\u0000-\u001f]/);
    }
    const effects = fakeEffects({ facts: facts({ disks: [emptyDisk, disk('/dev/sdb')] }), sources });
    const input = await effects.gather({ flag: { device: '/dev/sda' } }, new AbortController().signal);
    expect(makePlan({ ...input, sources }, (text) => createHash('sha256').update(text).digest('hex')).planned).toBeNull();
    expect(readdirSync(work)).toEqual(before);
    expect(existsSync('/nowhere')).toBe(false);
  });
});
