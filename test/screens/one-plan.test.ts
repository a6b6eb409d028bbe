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
import { resolveAnswers } from '../../src/model/settings.ts';
import { splitDocuments } from '../../src/sources/load-sources.ts';
import { listPresets, readPreset } from '../../src/sources/presets.ts';
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

/** Shapes of real keys: ed25519 with other bytes. */
const sshKey: fc.Arbitrary<string> = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), bytes]).toString('base64')} me@desk`),
  fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/).map((name) => `github:${name}`),
);

const presets = ['minimal', 'k3s-single', 'encrypted-kms', 'encrypted-tpm'] as const;

interface Wanted {
  readonly layer: SettingLayer;
  /** Typed on the console; flags name a file that holds it. */
  readonly password: string | null;
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  layer: fc.record(
    {
      device: fc.constantFrom('/dev/sda', '/dev/sdb', '/dev/nvme0n1'),
      config: fc.constantFrom(...presets).map((name) => [`preset:${name}`]),
      hostname: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
      user: fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/).filter((name) => name !== 'none'),
      'ssh-key': fc.uniqueArray(sshKey, { minLength: 1, maxLength: 3 }),
      kms: fc.stringMatching(/^[a-z]{1,10}$/).map((name) => `https://${name}.example:8082`),
      encrypt: fc.constantFrom('none', 'COS_PERSISTENT'),
      finish: fc.constantFrom('reboot', 'poweroff', 'none'),
      partition: fc.integer({ min: 64, max: 2000 }).map((size) => [`oem.size=${size}`]),
    },
    // A password or a key is somebody's.
    { requiredKeys: ['device', 'user'] },
  ),
  password: fc.option(fc.stringMatching(/^[a-z ]{0,5}[a-z]{3,20}$/)),
});

const hashOf = (password: string): string => `$6$salt$${createHash('sha256').update(password).digest('hex')}`;

/** A look that reads the presets it is told of, and an engine that encrypts. */
const lookFor = async (layers: PlanInput['layers'], password: string | null = null): Promise<PlanInput> => {
  const input = await effects.gather(layers, new AbortController().signal);
  const config = resolveAnswers(layers).config?.value ?? [];
  const documents = config.map((name) => ({ name, kind: 'user-data' as const, text: readPreset(name.replace('preset:', '')) ?? '' }));
  return {
    ...input,
    sources: config.length === 0 ? input.sources : splitDocuments(documents, null, null, []),
    engines: [{ name: 'kairos-agent', available: true, version: '2', missing: [], canIsolateStages: true, path: '/usr/bin/kairos-agent', keyServerPlugin: true }],
    passwordHash: password === null ? null : hashOf(password),
  };
};

/** A console without a terminal: what the reducer wants is done at once. */
const createConsole = async () => {
  let state: ConsoleState = initialState({ version: '0', now: 0, given: {}, presets: listPresets(), screen: 'welcome' });
  const act = async (action: Action): Promise<void> => {
    const step = reduce(state, action);
    state = step.state;
    for (const command of step.commands) {
      if (command.do === 'plan') await act({ type: 'planned', outcome: planInstall(command.input), now: 0 });
      if (command.do === 'look') await act({ type: 'looked', number: command.number, input: await lookFor(command.layers), now: 0 });
      if (command.do === 'hash') await act({ type: 'hashed', hash: hashOf(command.password) });
    }
  };
  await act({ type: 'looked', number: 1, input: await lookFor({}), now: 0 });
  return { act, state: () => state };
};

/** The same plan, or the same reasons for none. */
const expectSame = (state: ConsoleState, flags: PlanOutcome): void => {
  const reasons = (problems: PlanOutcome['problems']): readonly string[] => problems.map(({ id, where }) => `${id} ${where}`).toSorted();
  expect(reasons(state.outcome?.problems ?? [])).toEqual(reasons(flags.problems));
  expect(state.outcome?.planned?.plan.hash).toBe(flags.planned?.plan.hash);
  expect(state.outcome?.planned?.material.keptFiles).toEqual(flags.planned?.material.keptFiles);
};

it('plans the same from the console as from flags (invariant 7)', async () => {
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(wanted, async ({ layer, password }) => {
      const { act, state } = await createConsole();
      // In any order, with detours, as a person answers.
      await act({ type: 'answer', changes: { device: disksOf(state())[1]?.path } });
      if (password !== null) await act({ type: 'password', password, fields: [] });
      for (const [name, value] of Object.entries(layer).toReversed()) await act({ type: 'answer', changes: { [name]: value } });
      const flags = planInstall(await lookFor({ flag: layer }, password));
      if (flags.planned !== null) planned += 1;
      expectSame(state(), flags);
    }),
    { numRuns: 100 },
  );
  expect(planned).toBeGreaterThan(20);
});

it('plans the same from what is typed at the screens as from flags (invariant 7)', async () => {
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(wanted, async ({ layer, password }) => {
      const { act, state } = await createConsole();
      /** Types a line at the question of a screen, as in plain mode. */
      const type = async (screen: string, line: string): Promise<void> => {
        const meaning = screens.rows.find(({ id }) => id === screen)?.ask?.(state())?.answer(line);
        if (typeof meaning === 'string' || meaning === undefined) throw new Error(`${screen} does not take ${line}: ${meaning}`);
        for (const action of meaning) await act(action);
      };
      await act({ type: 'customize' });
      if (layer.config !== undefined) await type('configuration', layer.config[0] ?? '');
      for (const line of [layer.hostname ?? '', layer.user ?? '', password ?? '', password ?? '', layer['ssh-key']?.join(', ') ?? '', '', '']) await type('identity', line);
      await type('disk', String(disksOf(state()).findIndex(({ path }) => path === layer.device) + 1));
      const size = /\d+/.exec(layer.partition?.[0] ?? '')?.[0];
      if (size !== undefined) await type('partitions', `oem=${size}`);
      if (layer.kms !== undefined) await type('encryption', `kms ${layer.kms}`);
      // The line says what it changes to; encrypted presets begin with a cross there.
      const before = state().input?.sources.install['encrypted_partitions'] !== undefined;
      if (layer.encrypt !== undefined && before !== (layer.encrypt !== 'none')) await type('encryption', '1');
      const { finish: _finish, encrypt, ...rest } = layer;
      const asked = encrypt === undefined || before === (encrypt !== 'none') ? rest : { ...rest, encrypt };
      const flags = planInstall(await lookFor({ flag: asked }, password));
      if (flags.planned !== null) planned += 1;
      expectSame(state(), flags);
    }),
    { numRuns: 60 },
  );
  expect(planned).toBeGreaterThan(10);
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
  const answers = fc.record(
    {
      device: fc.constantFrom(...(devices.length === 0 ? ['/dev/sda'] : devices)),
      hostname: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/),
      user: fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/),
      'ssh-key': fc.uniqueArray(sshKey, { minLength: 1, maxLength: 3 }),
      finish: fc.constantFrom('reboot', 'poweroff', 'none'),
      encrypt: fc.constantFrom('none', 'COS_PERSISTENT', 'COS_OEM,COS_PERSISTENT'),
      partition: fc.integer({ min: 64, max: 2000 }).map((size) => [`oem.size=${size}`]),
    },
    { requiredKeys: ['device', 'user'] },
  );
  await fc.assert(
    fc.asyncProperty(answers, async (layer) => {
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
