/** Invariant 9 with a second disk: what was written is said, of which disk, and exit codes 5 and 6 are not mixed up. */
import { expect, test } from 'vitest';
import { runInstall } from '../../src/app/run-install.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { InstallEvent } from '../../src/model/events.ts';
import type { PlannedInstall } from '../../src/model/plan.ts';
import { SlipwayError } from '../../src/model/problem.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { facts, fakeEffects } from './fake-effects.ts';
import { machine } from '../probe/machine-builder.ts';

const ended = async (wiped: readonly string[], touched: boolean, abort = false): Promise<InstallEvent> => {
  const effects = fakeEffects();
  const { planned } = effects.plan(await effects.gather({ flag: { device: '/dev/sda' } }, new AbortController().signal));
  if (planned === null) throw new Error('no plan');
  const stop = new AbortController();
  const engine: Engine = {
    name: 'builtin',
    run: ({ state }) => {
      state.wiped.push(...wiped);
      state.diskTouched = touched;
      if (abort) stop.abort(new Error('interrupted'));
      return Promise.reject(abort ? (stop.signal.reason as Error) : new SlipwayError({ id: 'tool-failed', severity: 'error', what: 'wipefs ended with 1', where: 'wipefs', hint: 'see the log' }));
    },
  };
  const events: InstallEvent[] = [];
  for await (const event of runInstall({ system: createRecordedSystem(machine([])), planned: planned satisfies PlannedInstall, facts: facts(), engine, engineVersion: '1', version: '1', signal: stop.signal })) events.push(event);
  const done = events.at(-1);
  if (done?.event !== 'done') throw new Error('no end');
  return done;
};

test.each([
  [[], false, false, 5, 'the disk was not touched'],
  [['/dev/sdb'], false, false, 6, 'the disk was not touched; /dev/sdb lost its signatures as agreed'],
  [['/dev/sdb', '/dev/sdc'], true, false, 6, 'it does not boot; /dev/sdb and /dev/sdc lost its signatures as agreed'],
  [[], false, true, 130, 'the disk was not touched'],
  [['/dev/sdb'], false, true, 6, 'the disk was not touched; /dev/sdb lost its signatures as agreed'],
] as const)('wiped %j, target touched %s, interrupted %s: %i (invariant 9)', async (wiped, touched, abort, exitCode, text) => {
  expect(await ended(wiped, touched, abort)).toMatchObject({ exitCode, ok: false, diskTouched: touched, text: expect.stringContaining(text) as string });
});
