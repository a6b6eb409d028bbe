/** The command with its flags, in this process: exit codes, what is said on standard error, what is printed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { exportCommand } from '../../src/cli/export.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import type { Output } from '../../src/system/output.ts';
import { createRealSystem } from '../../src/system/real.ts';

const work = mkdtempSync(join(tmpdir(), 'slipway-export-flags-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const config = join(work, 'user-data');
writeFileSync(config, '#cloud-config\nhostname: a\n');

const run = async (...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const said = { stdout: '', stderr: '' };
  const output = { print: (text: string) => void (said.stdout += `${text}\n`), error: (text: string) => void (said.stderr += `${text}\n`) } as Output;
  const parsed = parseCommandLine(['export', ...words]);
  expect(parsed.problems).toEqual([]);
  return { code: await exportCommand(parsed, createRealSystem(), output, new AbortController().signal), ...said };
};

const image = ['--image', 'registry.example/kairos/x:v2'];
const long = 'a'.repeat(253);

describe('a usage error names the flag, and nothing is printed', () => {
  test.each<[flag: string, words: readonly string[]]>([
    ['--name', ['osartifact', ...image, '--config', config, '--name', long]],
    ['--name', ['nodeopupgrade', ...image, '--name', long, '--canary', 'ring=canary']],
    ['--name', ['nodeopupgrade', ...image, '--name', 'a'.repeat(57), '--canary', 'ring=canary']],
    ['--name', ['nodeop', '--name', 'a..b']],
    ['--name', ['nodeop', '--name=']],
    ['--namespace', ['nodeop', '--namespace', 'a.b..c']],
    ['--namespace', ['nodeop', '--namespace', 'a.b']],
    ['--concurrency', ['nodeop', '--concurrency=']],
    ['--concurrency', ['nodeopupgrade', ...image, '--concurrency', '1e3']],
    ['--concurrency', ['nodeop', '--concurrency=-1']],
    ['--keys-secret', ['osartifact', ...image, '--artifact', 'uki', '--keys-secret', 'Bad Name!']],
    ['--overlay-iso', ['osartifact', ...image, '--overlay-iso', 'Bad_Claim']],
    ['--overlay-rootfs', ['osartifact', ...image, '--overlay-rootfs', 'a..b']],
    ['--disk-size', ['osartifact', ...image, '--disk-size', 'nonsense']],
    ['--netboot-url', ['osartifact', ...image, '--artifact', 'netboot', '--netboot-url', 'not a url']],
    ['--image', ['osartifact', '--image', 'r/x\nkind: Evil']],
    ['--image', ['nodeopupgrade', '--image', 'r/x y']],
    ['--image', ['nodeop', '--image', 'r/x\u2028']],
    ['--image', ['nodeop', '--image=']],
    ['--exclude-path', ['nodeopupgrade', ...image, '--exclude-path', 'etc']],
    ['--canary', ['nodeopupgrade', ...image, '--selector', 'ring=prod', '--canary', 'ring=canary']],
    ['--canary', ['nodeopupgrade', ...image, '--canary', 'ring']],
    ['--canary', ['nodeopupgrade', ...image, '--canary', 'a=b', '--canary', 'c=d']],
    ['--canary', ['nodeop', '--canary', 'ring=canary']],
    ['--selector', ['osartifact', ...image, '--selector', 'a=b']],
    ['--selector', ['nodeop', '--selector', 'a=1', '--selector', 'a=2']],
  ])('%s: %j', async (flag, words) => {
    const ran = await run(...words);
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(new RegExp(`^error: ${flag}\\b.*; .`)) });
    expect(ran.stderr).toMatch(/^[ -~]+\n$/);
  });

  test('the longest name that the operator can carry in a label is taken, with the canary counted in', async () => {
    expect(await run('osartifact', ...image, '--config', config, '--name', 'a'.repeat(63))).toMatchObject({ code: 0 });
    expect(await run('nodeopupgrade', ...image, '--name', 'a'.repeat(56), '--canary', 'ring=canary')).toMatchObject({ code: 0, stderr: '' });
  });
});

test('a reset of all nodes is warned of; of selected ones it is not', async () => {
  expect(await run('nodeop', '--concurrency', '0')).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: nodeop: .*control planes.*--selector.*\n$/), stdout: expect.stringContaining('concurrency: 0') });
  expect(await run('nodeop', '--selector', 'kubernetes.io/hostname=node-1')).toMatchObject({ code: 0, stderr: '' });
});

test('the users of a configuration are looked at where one is exported, and nowhere else', async () => {
  for (const words of [['osartifact', ...image], ['nodeopupgrade', ...image], ['nodeop', '--selector', 'a=b'], ['nodeop', '--selector', 'a=b', '--data-volume', 'none']]) expect(await run(...words)).toMatchObject({ code: 0, stderr: '' });
  for (const words of [['osartifact', ...image], ['nodeop', '--selector', 'a=b']]) expect(await run(...words, '--config', config)).toMatchObject({ code: 0, stderr: expect.stringContaining('group admin') });
});

test('without a configuration a node keeps its own, also when a data volume is ruled out', async () => {
  const { stdout } = await run('nodeop', '--selector', 'a=b', '--data-volume', 'none');
  const command = (parseAllDocuments(stdout)[0] as { toJS(): { spec: { command: string[] } } }).toJS().spec.command;
  expect(command.at(-1)).toBe('reset');
});

test('an upgrade says that it leaves a configuration out', async () => {
  const ran = await run('nodeopupgrade', ...image, '--config', config);
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: nodeopupgrade: .*left out.*\n$/) });
});
