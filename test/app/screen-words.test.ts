/** At the screens nobody is told of flags. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { onScreens } from '../../src/app/console/screen-words.ts';
import { formatProblem } from '../../src/model/problem.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { PlanInput } from '../../src/plan/input.ts';
import { disk, facts, fakeEffects, sources } from './fake-effects.ts';

const empty = sources({ documents: [], keptText: null, dataVolume: null, removed: [] });

/** What the planner says to these answers, as a person at the screens reads it. */
const told = async (console: SettingLayer, changes: Partial<PlanInput> = {}): Promise<string> => {
  const input = await fakeEffects({ sources: empty, facts: facts({ disks: [disk('/dev/sda', { size: 2 ** 30 })] }) }).gather({ console }, new AbortController().signal);
  const { problems } = makePlan({ ...input, engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }], ...changes }, (text) => createHash('sha256').update(text).digest('hex'));
  return problems.map((problem) => formatProblem(onScreens(problem))).join('\n');
};

it.each<readonly [string, SettingLayer, Partial<PlanInput>, readonly string[]]>([
  ['no disk, no user', {}, {}, ['Disk: no disk is chosen; choose one on the screen Disk', 'name a user on the screen Identity']],
  ['a password for nobody', { device: '/dev/sda' }, { passwordHash: '$6$a$b' }, ['Identity: a password or SSH key is given', 'name the user on the screen Identity']],
  ['a user without a way in', { device: '/dev/sda', user: 'op' }, {}, ['give a password or an SSH key on the screen Identity']],
  ['a name that is none', { device: '/dev/sda', user: 'Op', hostname: '-' }, { passwordHash: '$6$a$b' }, ['Identity: this is no user name', 'Identity: this is no host name']],
  ['encryption by an engine that cannot', { device: '/dev/sda', encrypt: 'COS_PERSISTENT' }, {}, ['Encryption: the builtin engine does not encrypt']],
  ['a disk that is too small', { device: '/dev/sda' }, {}, ['smaller sizes on Partitions']],
  ['a wrong key', { device: '/dev/sda', user: 'op', 'ssh-key': ['hello'] }, {}, ['Identity: SSH key (hello)']],
  ['nothing to install', { device: '/dev/sda' }, { source: null }, ['start it from an installer medium']],
])('%s', async (_, layer, changes, wanted) => {
  const text = await told(layer, changes);
  for (const part of wanted) expect(text).toContain(part);
  expect(text).not.toMatch(/--[a-z]/);
});

it('leaves a hint alone that needs no command line', () => {
  const problem = { id: 'device-none', severity: 'error', what: 'a', where: '/dev/sda', hint: 'attach a disk' } as const;
  expect(onScreens(problem)).toEqual(problem);
});
