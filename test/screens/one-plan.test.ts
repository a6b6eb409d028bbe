/** Invariant 7: the plan that the console shows is the plan that flags would give, byte for byte. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { screens } from '../../screens/index.ts';
import { createEffects } from '../../src/app/real-effects.ts';
import { makeReduce } from '../../src/app/reduce.ts';
import { disksOf, initialState } from '../../src/app/state.ts';
import type { Action, ConsoleState } from '../../src/app/state.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { PlanInput, PlanOutcome } from '../../src/plan/input.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { parseRecording } from '../../src/system/recording.ts';
import { disk, emptyDisk, facts, fakeEffects, sources } from '../app/fake-effects.ts';

const planInstall = (input: PlanInput): PlanOutcome => makePlan(input, (text) => createHash('sha256').update(text).digest('hex'));

const reduce = makeReduce(screens.rows);
const effects = fakeEffects({
  facts: facts({ disks: [emptyDisk, disk('/dev/sdb', { size: 200 * 1024 ** 3 }), disk('/dev/nvme0n1', { serial: null })] }),
  sources: sources({ keptText: '#cloud-config\nhostname: unit-7\n' }),
});
const look = async (layers: PlanInput['layers']): Promise<PlanInput> => ({
  ...(await effects.gather(layers, new AbortController().signal)),
  engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }],
});

const answers: fc.Arbitrary<SettingLayer> = fc.record(
  {
    device: fc.constantFrom('/dev/sda', '/dev/sdb', '/dev/nvme0n1'),
    hostname: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
    user: fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/),
    finish: fc.constantFrom('reboot', 'poweroff', 'none'),
    partition: fc.integer({ min: 64, max: 2000 }).map((size) => [`oem.size=${size}`]),
  },
  { requiredKeys: ['device'] },
);

it('plans the same from the console as from flags (invariant 7)', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (layer) => {
      const input = await look({});
      let state: ConsoleState = initialState({ version: '0', now: 0, given: {}, presets: [], screen: 'welcome' });
      const act = (action: Action): void => {
        const step = reduce(state, action);
        state = step.state;
        for (const command of step.commands) if (command.do === 'plan') act({ type: 'planned', outcome: planInstall(command.input), now: 0 });
      };
      act({ type: 'looked', number: 1, input, now: 0 });
      // In any order, with detours, as a person answers.
      act({ type: 'answer', changes: { device: disksOf(state)[1]?.path } });
      for (const [name, value] of Object.entries(layer).toReversed()) act({ type: 'answer', changes: { [name]: value } });
      const flags = planInstall(await look({ flag: layer }));
      expect(flags.planned).not.toBeNull();
      expect(state.outcome?.problems.map(({ id }) => id)).toEqual(flags.problems.map(({ id }) => id));
      expect(state.outcome?.planned?.plan.hash).toBe(flags.planned?.plan.hash);
      expect(state.outcome?.planned?.material.keptFiles).toEqual(flags.planned?.material.keptFiles);
    }),
    { numRuns: 100 },
  );
});

it('depends on what the configuration says, not on where it came from (invariant 7)', async () => {
  const text = fc.stringMatching(/^[a-z]{1,20}$/).map((name) => `#cloud-config\nhostname: ${name}\nusers:\n  - name: kairos\n    groups: [admin]\nstages:\n  before-install:\n    - commands: [echo ${name}]\n`);
  const name = fc.constantFrom('user-data', '/root/user.yaml', 'https://example.org/config', 'edited text', 'preset:minimal');
  await fc.assert(
    fc.asyncProperty(text, text, name, name, fc.boolean(), async (first, other, oneName, otherName, asFlag) => {
      const planOf = async (given: string, from: string, layer: SettingLayer): Promise<PlanOutcome> => {
        const input = await look({ flag: { device: '/dev/sda', ...layer } });
        const step = { stage: 'before-install', file: from, index: 0, value: {} };
        return planInstall({ ...input, sources: { ...input.sources, documents: [{ name: from, kind: 'user-data', text: given }], removed: [`${from}: stages.before-install`], steps: [step] } });
      };
      const one = await planOf(first, oneName, asFlag ? { config: [oneName] } : {});
      const same = await planOf(first, otherName, { 'data-volume': 'none' });
      const different = await planOf(other, oneName, {});
      expect(one.planned).not.toBeNull();
      expect(same.planned?.plan.hash).toBe(one.planned?.plan.hash);
      expect(different.planned?.plan.hash === one.planned?.plan.hash).toBe(first === other);
    }),
    { numRuns: 50 },
  );
});

it('counts what the console puts into the install block beside the documents', async () => {
  const input = await look({ flag: { device: '/dev/sda' } });
  const plans = [planInstall(input), planInstall({ ...input, sources: { ...input.sources, install: { tty: 'tty2' } } })].map(({ planned }) => planned?.plan.hash);
  expect(plans.every((hash) => hash !== undefined)).toBe(true);
  expect(new Set(plans).size).toBe(2);
});

const folder = new URL('../machines/', import.meta.url);
const recordings = readdirSync(folder).flatMap((name) => {
  const reading = parseRecording(readFileSync(new URL(name, folder), 'utf8'), name);
  return 'recording' in reading ? [[name, reading.recording] as const] : [];
});

let plans = 0;
afterAll(() => {
  // Where everything is refused, nothing is compared.
  expect(plans).toBeGreaterThan(20);
});

it.each(recordings)('plans the same from the console as from flags on %s (invariant 7)', async (_name, recording) => {
  const now = (): number => Date.UTC(2026, 0, 2);
  const open = () => createEffects(createRecordedSystem(recording, { now }), '0.1.0');
  const gatherFrom = async (layers: PlanInput['layers']): Promise<PlanInput> => ({
    ...(await open().gather(layers, new AbortController().signal)),
    engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }],
  });
  const input = await gatherFrom({});
  const devices = input.facts.disks.map(({ path }) => path);
  const wanted = fc.record(
    {
      device: fc.constantFrom(...(devices.length === 0 ? ['/dev/sda'] : devices)),
      hostname: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
      user: fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/),
      finish: fc.constantFrom('reboot', 'poweroff', 'none'),
      encrypt: fc.constantFrom('none', 'COS_PERSISTENT', 'COS_OEM,COS_PERSISTENT'),
      partition: fc.integer({ min: 64, max: 2000 }).map((size) => [`oem.size=${size}`]),
    },
    { requiredKeys: ['device'] },
  );
  await fc.assert(
    fc.asyncProperty(wanted, async (layer) => {
      let state: ConsoleState = initialState({ version: '0', now: 0, given: {}, presets: [], screen: 'welcome' });
      const act = (action: Action): void => {
        const step = reduce(state, action);
        state = step.state;
        for (const command of step.commands) if (command.do === 'plan') act({ type: 'planned', outcome: planInstall(command.input), now: 0 });
      };
      act({ type: 'looked', number: 1, input, now: 0 });
      for (const [name, value] of Object.entries(layer).toReversed()) act({ type: 'answer', changes: { [name]: value } });
      const flags = planInstall(await gatherFrom({ flag: layer }));
      expect(state.outcome?.problems.map(({ id, where }) => `${id} ${where}`).toSorted()).toEqual(flags.problems.map(({ id, where }) => `${id} ${where}`).toSorted());
      if (flags.planned !== null) plans += 1;
      expect(state.outcome?.planned?.plan.hash).toBe(flags.planned?.plan.hash);
      expect(state.outcome?.planned?.material.keptFiles).toEqual(flags.planned?.material.keptFiles);
    }),
    { numRuns: 10 },
  );
});
