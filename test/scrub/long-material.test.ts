/** A script of 1 MiB as material: patterns and redaction grow with its length, not with the square of it, and let others have their turn. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MaterialItem } from '../../src/model/audit.ts';
import { buildPatterns, patternsInSlices } from '../../src/scrub/patterns.ts';
import { createRedactor, redactorInSlices } from '../../src/scrub/redact.ts';
import type { Slices } from '../../src/scrub/slices.ts';
import { createMatcher } from '../../src/scrub/search/matcher.ts';
import { stripUserData } from '../../src/scrub/strip.ts';

const lines = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('\n');
const script = (count: number): readonly MaterialItem[] => [{ file: 'installer-data', keyPath: ['stages', 'before-install', 0, 'files', 0, 'content'], value: lines(count, (index) => `line of script number ${index} goes here`), searched: true }];

const run = <T>(work: Slices<T>): { readonly result: T; readonly slices: number } => {
  for (let slices = 1; ; slices += 1) {
    const step = work.next();
    if (step.done === true) return { result: step.value, slices };
  }
};

/**
 * Processor time of four times as many lines, by that of the fewer: 4 when it is linear, 16 when it is not. The best of three: what else
 * the machine does counts little.
 */
const growth = (work: (count: number) => unknown): number => {
  const timeOf = (count: number): number => {
    const begin = process.cpuUsage();
    work(count);
    const { user, system } = process.cpuUsage(begin);
    return user + system;
  };
  const best = (count: number): number => Math.min(timeOf(count), timeOf(count), timeOf(count));
  work(500);
  return best(8000) / best(2000);
};

test('the redaction is made in slices, in linear time, and knows every line, plain and encoded (invariant 10)', () => {
  const { result: redact, slices } = run(redactorInSlices(script(4000)));
  expect(slices).toBeGreaterThan(40);
  expect(redact('x line of script number 3999 goes here y')).toBe('x [redacted] y');
  expect(redact(`x ${Buffer.from('line of script number 1234 goes here').toString('base64')}`)).toMatch(/^x \[redacted\]/);
  expect(redact(`${'nothing of it '.repeat(20)}line of script number 1`)).toContain('[redacted]');
  expect(growth((count) => createRedactor(script(count)))).toBeLessThan(12);
}, 120_000);

test('patterns are made in slices and in linear time, also next to a long kept configuration', () => {
  const kept = (count: number): string => `#cloud-config\nwrite_files:\n${lines(count, (index) => `  - path: /etc/f${index}\n    content: "line of script number ${index * 1000} goes here"`)}\n`;
  const { result: set, slices } = run(patternsInSlices(script(4000), { keptTexts: [kept(4000)] }));
  expect(slices).toBeGreaterThan(20);
  const needles = new Set([...set.patterns].map(({ needle }) => needle));
  expect([0, 1, 999, 1000, 1001, 3000].filter((index) => needles.has(`line of script number ${index} goes here`))).toEqual([1, 999, 1001]);
  expect(growth((count) => run(patternsInSlices(script(count), { keptTexts: [kept(count)] })))).toBeLessThan(12);
}, 120_000);

test('short values and long lines are redacted as a whole', () => {
  const item = (value: string): MaterialItem => ({ file: 'i', keyPath: ['x'], value, searched: true });
  const long = 'A1b2C3d4'.repeat(2000);
  const redact = createRedactor([item('first\nsecond\nthird line of it'), item(long)]);
  expect(redact(JSON.stringify({ content: 'first\nsecond\nthird line of it' }))).toBe('{"content":"[redacted]"}');
  expect(redact(`x ${long} y`)).toBe('x [redacted] y');
});

test('a value that thousands of install-only steps use is told once', () => {
  const text = `#cloud-config\nd: &d {name: x}\nstages:\n  before-install:\n${lines(2000, (index) => `  - {<<: *d, commands: [a${index}]}`)}\n`;
  expect(stripUserData(text, 'user-data').problems.map(({ id, where }) => [id, where])).toEqual([['install-only-value-kept', 'user-data:2:7 d']]);
}, 60_000);

describe('a single line of 1 MiB, as base64 in a configuration is', () => {
  const hex = Array.from({ length: 16_384 }, (_, index) => createHash('sha256').update(String(index)).digest('hex')).join('');
  const lines = { hex, dashes: '-'.repeat(1024 * 1024), words: 'token=" '.repeat(131_072), urls: '://'.repeat(349_525) } as const;

  test.each(Object.keys(lines) as (keyof typeof lines)[])('%s: each character is looked at a few times only, and others have their turn (invariant 10)', (name) => {
    const item: MaterialItem = { file: 'installer-data', keyPath: ['x'], value: lines[name], searched: true };
    const begin = process.cpuUsage();
    expect(run(patternsInSlices([item], { keptTexts: ['#cloud-config\n'] })).slices).toBeGreaterThan(20);
    run(redactorInSlices([item]));
    // It would be minutes if each beginning of a word led to its end.
    expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(20);
  }, 120_000);

  test('of any 4 KiB of it something is found', () => {
    const matcher = createMatcher(buildPatterns([{ file: 'installer-data', keyPath: ['x'], value: hex, searched: true }], { keptTexts: [] }).patterns.bytes);
    const missed: number[] = [];
    for (let start = 0; start + 4096 <= hex.length; start += 4096) {
      const block = new Uint8Array(Buffer.from(hex.slice(start, start + 4096)));
      let hits = 0;
      matcher.scan(block, 0, block.length, () => (hits += 1));
      if (hits === 0) missed.push(start);
    }
    expect(missed).toEqual([]);
  });
});
