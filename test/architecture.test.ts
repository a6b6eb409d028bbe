import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(path).isDirectory()) return filesBelow(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });

const lines = (folders: readonly string[], pattern: RegExp): string[] =>
  folders.flatMap(filesBelow).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );

test('every invariant of docs/invariants.md is named by a test', () => {
  const numbers = [...readFileSync('docs/invariants.md', 'utf8').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  const titles = lines(['test'], /\b(test|it|describe)\(.*\binvariants? \d/).join('\n');
  const named = new Set([...titles.matchAll(/invariants? ((?:\d+(?:, | and )?)+)/g)].flatMap(([, list = '']) => list.split(/\D+/).map(Number)));
  expect(numbers).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  expect(numbers.filter((number) => !named.has(number))).toEqual([]);
});

/** What the linter cannot say. Which folder may import which is in .oxlintrc.json. */
describe('the shape of the house', () => {
  test('pure folders have no clock and no dice', () => {
    expect(lines(['src/model', 'src/plan', 'src/scrub/strip', 'screens'], /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(/)).toEqual([]);
  });

  test('zod is imported whole: its named export is five times the size in the bundle', () => {
    expect(lines(['src', 'screens'], /import \{[^}]*\bz\b[^}]*\} from 'zod'/)).toEqual([]);
  });

  test('only the real system runs commands and opens files', () => {
    const allowed = (line: string): boolean => line.startsWith('src/system/');
    const outside = lines(['src', 'screens'], /from '(execa|node:fs(\/promises)?|node:child_process|systeminformation)'/).filter((line) => !allowed(line));
    expect(outside).toEqual([]);
  });

  test('no unfinished business is left in the sources', () => {
    expect(lines(['src', 'screens'], /\b(TODO|FIXME|XXX)\b/)).toEqual([]);
  });
});
