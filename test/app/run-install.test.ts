/** What the end of a failed run says of the disk (invariant 9). */
import { expect, test } from 'vitest';
import { runInstall } from '../../src/app/run-install.ts';
import type { Engine, EngineContext } from '../../src/engine/engine.ts';
import type { InstallEvent } from '../../src/model/events.ts';
import type { PlannedInstall } from '../../src/model/plan.ts';
import { SlipwayError } from '../../src/model/problem.ts';
import type { System } from '../../src/system/port.ts';
import { facts } from './fake-effects.ts';

const system = { now: () => 0, memoryDirectory: () => Promise.resolve('/run/slipway/1-writing-1'), cleanup: { run: () => Promise.resolve([]) } } as unknown as System;
const planned = { plan: { targetText: '/dev/sda', target: { kind: 'device', path: '/dev/sda' } }, material: { items: [], keptFiles: {} }, already: false } as unknown as PlannedInstall;

const endOf = async (fail: (context: EngineContext) => void): Promise<InstallEvent | undefined> => {
  let last: InstallEvent | undefined;
  const engine = {
    name: 'kairos-agent' as const,
    async run(context: EngineContext): Promise<never> {
      await Promise.resolve();
      fail(context);
      throw new SlipwayError({ id: 'agent-failed', severity: 'error', what: 'it broke', where: 'kairos-agent', hint: 'see the log' });
    },
  };
  const run = { system, planned, facts: facts({ boot: { state: 'live', uki: false, liveMedium: null } }), engine, engineVersion: 'v', version: 'v', signal: new AbortController().signal };
  for await (const event of runInstall(run)) last = event;
  return last;
};

test.each<[string, (context: EngineContext) => void, number, string]>([
  ['untouched', () => undefined, 5, 'the disk was not touched'],
  ['touched and secured', ({ state }) => void (state.diskTouched = true), 6, 'is marked as unfinished: it does not boot'],
  [
    'touched, and nobody could secure it',
    ({ state }) => {
      state.diskTouched = true;
      state.unsecured = 'unfinished mark: sfdisk ended with 1';
    },
    6,
    'that it does not boot could not be made sure (unfinished mark: sfdisk ended with 1)',
  ],
])('%s', async (_, fail, exitCode, text) => {
  expect(await endOf(fail)).toMatchObject({ event: 'done', ok: false, exitCode, text: expect.stringContaining(text) });
});

/** An engine that lays down all of it; `activate` is its last write. */
const laidDown = (activate: () => Promise<void>): Engine => ({
  name: 'builtin',
  run: async ({ state }) => {
    await Promise.resolve();
    state.diskTouched = true;
    return { pristineImages: [], pristine: [], scrub: async () => ({ removed: [], notes: [] }), verify: async () => undefined, close: async () => [], activate };
  },
});

const lastOf = async (engine: Engine): Promise<InstallEvent | undefined> => {
  let last: InstallEvent | undefined;
  // No receipt can be made of this plan: whatever goes wrong after the last write.
  const unproven = { ...planned, plan: { ...planned.plan, audit: 'off' } } as unknown as PlannedInstall;
  const run = { system, planned: unproven, facts: facts({ boot: { state: 'live', uki: false, liveMedium: null } }), engine, engineVersion: 'v', version: 'v', signal: new AbortController().signal };
  for await (const event of runInstall(run)) last = event;
  return last;
};

test('a failure while the disk is made bootable does not say that it is held back', async () => {
  const end = await lastOf(laidDown(() => Promise.reject(new SlipwayError({ id: 'tool-failed', severity: 'error', what: 'could not flush the target', where: 'sync', hint: 'see the log' }))));
  expect(end).toMatchObject({ event: 'done', ok: false, exitCode: 6, text: expect.stringContaining('that it does not boot could not be made sure (it was being made bootable)') });
});

test('what goes wrong after the last write does not say that the disk is unfinished', async () => {
  const end = await lastOf(laidDown(() => Promise.resolve()));
  expect(end).toMatchObject({ event: 'done', ok: false, exitCode: 70, text: expect.stringContaining('the install itself is complete: the unfinished mark is off') });
});

test('where no redaction can be made the end is told all the same, and nothing of the material', async () => {
  const broken = new Proxy([], {
    get: () => {
      throw new RangeError('secret-value-4711 is too long');
    },
  });
  const run = { system, planned: { ...planned, material: { ...planned.material, items: broken } }, facts: facts({ boot: { state: 'live', uki: false, liveMedium: null } }), engine: laidDown(() => Promise.resolve()), engineVersion: 'v', version: 'v', signal: new AbortController().signal };
  const events: InstallEvent[] = [];
  for await (const event of runInstall(run)) events.push(event);
  expect(events.at(-1)).toMatchObject({ event: 'done', exitCode: 70, text: 'a bug in slipway (what must not be shown could not be listed: RangeError); the disk was not touched' });
  expect(JSON.stringify(events)).not.toContain('4711');
});
