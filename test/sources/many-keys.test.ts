/** Documents of a MiB of small things are read in a time that grows with their length, not with its square. */
import { describe, expect, test } from 'vitest';
import { isError } from '../../src/model/problem.ts';
import { checkInstallBlock } from '../../src/plan/install-block.ts';
import { createFinder } from '../../src/plan/check-whole.ts';
import { stripUserData, stripWholeUserData } from '../../src/scrub/strip.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { mergeData } from '../../src/sources/merge-data.ts';
import { mergeSpelled } from '../../src/sources/merge.ts';
import type { Spelled } from '../../src/sources/spelled.ts';
import { checkUserData } from '../../src/sources/user-data.ts';

const repeat = (count: number, entry: (index: number) => string): string => Array.from({ length: count }, (_, index) => entry(index)).join('');

/** Seconds that this process computed: other work on the machine does not count. */
const secondsOf = (work: () => unknown): number => {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
};

/** Each took 6 to 60 s when every key was looked for among all of them, and takes a fraction of one. */
const bound = 5;

const user = 'users: [{name: a, groups: [admin]}]\n';
const anchors = repeat(10_000, (index) => `- &a${index} v${index}\n`);

const works = {
  checkUser: (text: string) => checkUserData(text, 'user-data'),
  checkInstaller: (text: string) => checkInstallerData(text, 'installer-data'),
  strip: (text: string) => stripUserData(text, 'user-data'),
  stripWhole: (text: string) => stripWholeUserData(text, 'user-data'),
} as const;

const unknownInInstall = `install:\n${repeat(24_000, (index) => `  devic${index}: 1\n`)}`;

const cases: readonly (readonly [what: string, work: keyof typeof works, body: string])[] = [
  ['unknown keys in install', 'checkUser', unknownInInstall],
  ['unknown keys in install', 'checkInstaller', unknownInInstall],
  ['unknown keys at the top', 'checkInstaller', repeat(30_000, (index) => `user${index % 10}${index}: 1\n`)],
  ['unknown keys in a step', 'checkUser', `stages:\n  boot:\n    - name: a\n${repeat(20_000, (index) => `      nam${index}: x\n`)}`],
  ['unknown keys through a merge', 'checkUser', `base: &b\n${repeat(10_000, (index) => `  devic${index}: 1\n`)}install:\n  <<: *b\n`],
  ['unknown stages', 'checkInstaller', `stages:\n${repeat(24_000, (index) => `  boot${index}: []\n`)}`],
  ['unknown stages', 'strip', `stages:\n  before-install: []\n${repeat(48_000, (index) => `  boot${index}: []\n`)}`],
  ['dotted keys', 'checkUser', repeat(20_000, (index) => `install.a${index}: 1\n`)],
  ['settings that are none', 'checkInstaller', `slipway:\n${repeat(20_000, (index) => `  devic${index}: 1\n`)}`],
  ['things to fill in', 'checkUser', `k3s:\n  env:\n${repeat(20_000, (index) => `    a${index}: FILL-IN\n`)}`],
  ['keys of install on one line', 'stripWhole', `{install: {${repeat(24_000, (index) => `k${index}: 1, `)}}, users: [] }\n`],
  ['comments in install', 'strip', `${user}install:\n${repeat(40_000, (index) => `  # note ${index}\n  k${index}: 1\n`)}`],
  ['anchors that only install-only parts use', 'strip', `helpers:\n${anchors}env:\n${repeat(10_000, (index) => `- *a${index}\n`)}`],
];

describe('tens of thousands of', () => {
  test.each(cases)('%s: %s', (_what, work, body) => {
    expect(secondsOf(() => works[work](`#cloud-config\n${body}`))).toBeLessThan(bound);
  }, 120_000);

  test('texts in two lists that are merged', () => {
    const texts = (prefix: string): readonly string[] => Array.from({ length: 40_000 }, (_, index) => `${prefix}${index}`);
    const spelled = (prefix: string): Spelled => ({ kind: 'list', items: texts(prefix).map((text) => ({ kind: 'text', text, plain: text })) });
    expect(secondsOf(() => mergeSpelled(spelled('a'), spelled('b'), () => undefined))).toBeLessThan(bound);
    expect(secondsOf(() => mergeData({ x: texts('a') }, { x: texts('b') }))).toBeLessThan(bound);
    const document = (prefix: string): { name: string; text: string } => ({ name: prefix, text: `#cloud-config\n${user}runcmd:\n${texts(prefix).slice(0, 20_000).map((text) => `- ${text}\n`).join('')}` });
    expect(secondsOf(() => buildKeptConfig({ documents: [document('a'), document('b')], answers: {}, metaHostname: null }))).toBeLessThan(2 * bound);
  }, 120_000);

  test('keys that an engine cannot do, each with its place', () => {
    const text = `#cloud-config\n${unknownInInstall}`;
    const install = stripUserData(text, 'user-data').install;
    expect(secondsOf(() => checkInstallBlock(install, createFinder([{ kind: 'user-data', name: 'user-data', text }])))).toBeLessThan(bound);
  }, 120_000);
});

describe('of many problems', () => {
  const text = `#cloud-config\n${user}install:\n${repeat(500, (index) => `  devise${index}: 1\n`)}stages:\n  boot: {}\n`;
  const problems = checkUserData(text, 'user-data');

  test('a hundred are listed, and how many more there are', () => {
    expect(problems.filter(({ severity }) => severity === 'warning')).toHaveLength(101);
    expect(problems.at(-1)).toMatchObject({ id: 'more-problems', severity: 'warning', what: '400 more warnings of this file are not listed; the first of them lies here', where: 'user-data:104:3 install.devise100' });
  });

  test('warnings hide no error', () => {
    expect(problems.filter(isError).map(({ where }) => where)).toEqual(['user-data:505:3 stages.boot']);
  });

  test('errors that are not listed are one', () => {
    const errors = checkInstallerData(text, 'installer-data').filter(isError);
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)?.id).toBe('more-problems');
  });
});

test('lists of scalars are united by what they are and what they say', () => {
  const list = (...items: readonly Spelled[]): Spelled => ({ kind: 'list', items });
  const text = (value: string, plain?: string): Spelled => (plain === undefined ? { kind: 'text', text: value } : { kind: 'text', text: value, plain });
  const [one, octal, map]: Spelled[] = [{ kind: 'number', plain: '1' }, { kind: 'number', plain: '01' }, { kind: 'map', entries: new Map() }];
  const first = list(text('1'), text('a', 'a'), text('a'), one as Spelled);
  const second = list(text('a', "'a'"), text('number 1'), one as Spelled, octal as Spelled, { kind: 'truth', plain: '1' }, text('b'), text('b'), map as Spelled, map as Spelled);
  expect(mergeSpelled(first, second, () => undefined)).toEqual(list(text('1'), text('a', 'a'), text('a'), one as Spelled, text('number 1'), octal as Spelled, { kind: 'truth', plain: '1' }, text('b'), map as Spelled, map as Spelled));
  expect(mergeData({ x: ['1', 1, 1, NaN] }, { x: [1, '1', true, NaN, null, 'b', 'b'] })).toEqual({ x: ['1', 1, 1, NaN, true, null, 'b', 'b'] });
});
