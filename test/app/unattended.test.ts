/** The unattended mode looks again at a machine that was too busy to answer, says so, and gives up with what is wrong. */
import { expect, test } from 'vitest';
import { runUnattended } from '../../src/app/unattended.ts';
import type { Effects } from '../../src/app/effects.ts';
import type { InstallEvent } from '../../src/model/events.ts';
import type { Problem } from '../../src/model/problem.ts';
import { fakeEffects } from './fake-effects.ts';

const late: Problem = { id: 'probe-lsblk', severity: 'warning', what: 'lsblk did not answer in time', where: 'lsblk', hint: '' };
const missing: Problem = { ...late, what: 'lsblk is not installed' };
const noDisk: Problem = { id: 'no-disk', severity: 'error', what: 'there is no disk', where: '--device', hint: '' };

/** Runs where the first `times` plans are refused for want of a disk, with `warning` beside it. */
const run = async (times: number, warning: Problem) => {
  const fake = fakeEffects({});
  let looks = 0;
  const effects: Effects = {
    ...fake,
    gather: (...given) => {
      looks += 1;
      return fake.gather(...given);
    },
    plan: (input) => (looks <= times ? { planned: null, problems: [warning, noDisk] } : fake.plan(input)),
  };
  const events: InstallEvent[] = [];
  const pauses: number[] = [];
  const exitCode = await runUnattended({ effects, layers: { flag: { device: '/dev/sda' } }, signal: new AbortController().signal, sleep: async (duration) => void pauses.push(duration), report: (event) => void events.push(event) });
  return { exitCode, looks, pauses, phases: events.filter((event) => event.event === 'phase').map(({ phase }) => phase), said: events.filter((event) => event.event === 'log').map(({ text }) => text) };
};

test('a machine that answers late is looked at again, and it is said', async () => {
  const { looks, pauses, phases, said } = await run(2, late);
  expect(looks).toBe(3);
  expect(pauses).toEqual([3000, 10_000]);
  expect(said.filter((text) => text.includes('too busy to answer in time'))).toHaveLength(2);
  expect(phases.filter((phase) => phase === 'plan' || phase === 'confirm')).toEqual(['plan', 'confirm']);
});

test('one that never answers is given up with what is wrong', async () => {
  const { exitCode, looks } = await run(100, late);
  expect(looks).toBe(4);
  expect(exitCode).toBe(4);
});

test('what another look does not mend is not looked at again', async () => {
  const { exitCode, looks, pauses } = await run(100, missing);
  expect([exitCode, looks, pauses]).toEqual([4, 1, []]);
});
