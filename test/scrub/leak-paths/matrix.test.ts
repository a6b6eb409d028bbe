/** docs/leak-paths.md and the tests of this folder say the same. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { agentPaths, builtinPaths } from './rows.ts';

const text = readFileSync('docs/leak-paths.md', 'utf8');
const documented = text
  .split('\n')
  .filter((line) => /^\| [AB]\d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', , , wall = '', how = '']) => ({ id, wall, how: how.startsWith('here') ? 'here' : 'planted' }));
const tested = [...agentPaths, ...builtinPaths];

describe('the leak-path matrix', () => {
  test('every row has its test, every test its row', () => {
    expect(documented.map(({ id }) => id)).toEqual(tested.map(({ id }) => id));
    const builtin = readFileSync('test/scrub/leak-paths/builtin.test.ts', 'utf8');
    expect(builtinPaths.filter(({ id }) => id !== 'B15' && !builtin.includes(`'${id}'`)).map(({ id }) => id)).toEqual([]);
  });

  test.each(tested.map((path) => [path.id, path] as const))('%s: wall and how it is tested', (id, path) => {
    const row = documented.find((candidate) => candidate.id === id);
    expect(row?.how).toBe(path.how);
    expect((['never written', 'scrubbed', 'closed', 'seen'] as const).filter((wall) => new RegExp(`(?:^|[,;] )${wall}`).test(row?.wall ?? '')).toSorted()).toEqual([...path.walls].toSorted());
  });

  test('the tests that it names are there', () => {
    for (const [, path = ''] of text.matchAll(/`(test\/[\w./-]+)`/g)) expect([path, existsSync(path)]).toEqual([path, true]);
  });
});
