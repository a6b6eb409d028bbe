/** The flow: order, answers, consent, countdown. No terminal, no clock. */
import { describe, expect, it } from 'vitest';
import { screens } from '../../screens/index.ts';
import { makeReduce } from '../../src/app/reduce.ts';
import { countdownLength } from '../../src/app/reduce/run.ts';
import { consentWord, initialState, planOf } from '../../src/app/state.ts';
import type { Action, Command, ConsoleState } from '../../src/app/state.ts';
import { disk, facts, fakeEffects, fakePlan, goodRun } from './fake-effects.ts';
import type { FakeOptions } from './fake-effects.ts';

const reduce = makeReduce(screens.rows);

/** Applies actions; looks and plans are answered at once by the fakes. */
const machine = async (options: FakeOptions = {}, given = {}) => {
  const effects = fakeEffects(options);
  const commands: Command[] = [];
  let state = initialState({ version: '0', now: 0, given, presets: [], screen: 'welcome' });
  const act = async (...actions: readonly Action[]): Promise<ConsoleState> => {
    for (const action of actions) {
      const step = reduce(state, action);
      state = step.state;
      for (const command of step.commands) {
        commands.push(command);
        if (command.do === 'plan') await act({ type: 'planned', outcome: fakePlan(command.input), now: state.now });
        if (command.do === 'look') await act({ type: 'looked', number: command.number, input: await effects.gather(command.layers, new AbortController().signal), now: state.now });
      }
    }
    return state;
  };
  await act({ type: 'looked', number: 1, input: await effects.gather(given, new AbortController().signal), now: 0 });
  return { act, commands, get: () => state };
};

describe('the flow (invariant 13)', () => {
  it('goes by the table and skips what has nothing to ask', async () => {
    const { act, get } = await machine();
    await act({ type: 'next' }, { type: 'next' });
    expect(get().screen).toBe('disk');
    await act({ type: 'next' });
    expect(get().screen).toBe('disk');
    expect(get().notice).toBe('choose a disk first');
    await act({ type: 'answer', changes: { device: '/dev/sda' }, next: true });
    expect(get().screen).toBe('review');
    await act({ type: 'back' }, { type: 'back' }, { type: 'back' }, { type: 'back' });
    expect(get().screen).toBe('welcome');
    expect(get().answers).toEqual({ device: '/dev/sda' });
  });

  it('looks again only for answers that change what is read', async () => {
    const { act, commands } = await machine();
    commands.length = 0;
    await act({ type: 'answer', changes: { hostname: 'x' } });
    expect(commands.map((command) => command.do)).toEqual(['plan']);
    await act({ type: 'answer', changes: { config: ['preset:a'] } });
    expect(commands.map((command) => command.do)).toEqual(['plan', 'look', 'plan']);
    await act({ type: 'answer', changes: { config: ['preset:a'] } });
    expect(commands).toHaveLength(3);
  });

  it('throws away what an older look found', async () => {
    const { act, get } = await machine();
    const before = get().input;
    await act({ type: 'looked', number: 0, input: { ...before!, facts: facts({ disks: [] }) }, now: 0 });
    expect(get().input).toBe(before);
  });
});

describe('disks that come while a look is under way', () => {
  const plugged = facts({ disks: [...facts().disks, disk('/dev/sdz')] });
  const paths = (state: ConsoleState): readonly string[] => state.input?.facts.disks.map(({ path }) => path) ?? [];
  const look = async (probedAt: number) => ({ type: 'looked', number: 1, input: { ...(await fakeEffects({}).gather({}, new AbortController().signal)), probedAt }, now: 0 }) as const;
  const first = (): ConsoleState => initialState({ version: '0', now: 0, given: {}, presets: [], screen: 'welcome' });
  const play = (state: ConsoleState, ...actions: readonly Action[]): ConsoleState => actions.reduce((before, action) => reduce(before, action).state, state);

  it('before anything is known', async () => {
    expect(paths(play(first(), { type: 'facts', facts: plugged, at: 500 }, await look(100)))).toContain('/dev/sdz');
  });

  it('after the look has seen the disks and before it ends', async () => {
    const again = play(first(), await look(100), { type: 'look' });
    const input = { ...(await look(1000)), number: again.lookNumber };
    const ended = play(again, { type: 'facts', facts: plugged, at: 1500 }, input);
    expect([paths(ended).includes('/dev/sdz'), ended.volumesChanged]).toEqual([true, false]);
    // A volume that came: what it says was not read.
    const volumes = [...plugged.volumes, { path: '/dev/sdz1', label: 'SLIPWAY', fstype: 'vfat', size: 1, kind: 'data-volume' as const }];
    expect(play(again, { type: 'facts', facts: { ...plugged, volumes }, at: 1500 }, input)).toMatchObject({ volumesChanged: true, notice: 'a volume came or went; r looks again' });
  });

  it('and what was told before the look saw the disks is what it saw, or older', async () => {
    const state = play(first(), { type: 'facts', facts: plugged, at: 500 }, await look(1000));
    expect(paths(state)).not.toContain('/dev/sdz');
    const again = play(state, { type: 'facts', facts: plugged, at: 1500 }, { type: 'look' });
    expect(paths(play(again, { ...(await look(2000)), number: again.lookNumber }))).not.toContain('/dev/sdz');
  });
});

describe('consent (invariant 1)', () => {
  it('is needed for data, belongs to one plan, and is for the plan that was shown', async () => {
    const { act, get, commands } = await machine();
    await act({ type: 'answer', changes: { device: '/dev/sdb' } }, { type: 'go', screen: 'review' });
    const plan = planOf(get())!;
    expect(consentWord(plan)).toBe('ABCD');
    await act({ type: 'confirm', hash: plan.hash });
    expect(get().run).toBeNull();
    await act({ type: 'edit', field: 'consent', edit: { edit: 'set', value: 'ABCD' }, maxLength: 8 });
    await act({ type: 'confirm', hash: 'another' });
    expect(get().run).toBeNull();
    // Another plan: what was typed does not count for it.
    await act({ type: 'answer', changes: { hostname: 'x' } });
    await act({ type: 'confirm', hash: planOf(get())!.hash });
    expect(get().run).toBeNull();
    await act({ type: 'edit', field: 'consent', edit: { edit: 'set', value: 'abcd' }, maxLength: 8 }, { type: 'confirm', hash: planOf(get())!.hash });
    expect(get().run).not.toBeNull();
    expect(commands.filter((command) => command.do === 'install')).toHaveLength(1);
  });

  it('is void when the disk is another one by now', async () => {
    const { act, get } = await machine();
    await act({ type: 'answer', changes: { device: '/dev/sda' } }, { type: 'go', screen: 'review' });
    const { hash } = planOf(get())!;
    const disks = facts().disks.map((disk) => (disk.path === '/dev/sda' ? { ...disk, serial: 'OTHER', diskseq: 9 } : disk));
    await act({ type: 'facts', facts: facts({ disks }) }, { type: 'confirm', hash });
    expect(get().run).toBeNull();
  });
});

describe('a run', () => {
  const started = async () => {
    const kit = await machine();
    await kit.act({ type: 'answer', changes: { device: '/dev/sda' } }, { type: 'go', screen: 'review' });
    await kit.act({ type: 'confirm', hash: planOf(kit.get())!.hash });
    return kit;
  };

  it('ends on the screen that fits', async () => {
    const { act, get } = await started();
    expect(get().screen).toBe('installing');
    await act({ type: 'events', events: goodRun, now: 5000 });
    expect(get().screen).toBe('done');
    expect(get().run?.phases.map(({ phase }) => phase)).toEqual(['engine', 'scrub', 'close', 'audit', 'receipt', 'finish']);
  });

  it('keeps a bounded log and counts what it dropped', async () => {
    const { act, get } = await started();
    const line = { event: 'log', level: 'info', text: 'x' } as const;
    for (let turn = 0; turn < 30; turn++) await act({ type: 'events', events: Array.from({ length: 1000 }, () => line), now: turn });
    expect(get().run?.log).toHaveLength(5000);
    expect(get().run?.dropped).toBe(25_000);
  });

  it('is stopped before the console is left', async () => {
    const { act, get, commands } = await started();
    await act({ type: 'quit' });
    expect(get().ending).toBeNull();
    expect(commands.at(-1)).toEqual({ do: 'abort' });
    await act({ type: 'events', events: [{ event: 'done', exitCode: 6, ok: false, result: 'interrupted', diskTouched: true, text: 'stopped' }], now: 1 });
    expect(get().ending).toEqual({ exitCode: 6, finish: 'none' });
  });

  it('keeps every answer over a failure', async () => {
    const { act, get } = await started();
    await act({ type: 'events', events: [{ event: 'done', exitCode: 6, ok: false, result: 'failed', diskTouched: true, text: 'broke' }], now: 1 });
    expect(get().screen).toBe('problem');
    await act({ type: 'retry', to: 'review' });
    expect(get().screen).toBe('review');
    expect(get().answers.device).toBe('/dev/sda');
  });
});

describe('the countdown', () => {
  it('begins only with a plan that can be carried out', async () => {
    const wanted = { installerLayer: { unattended: true } };
    const good = await machine(wanted);
    expect(good.get().countdownEnds).toBe(countdownLength);
    const bad = await machine({ ...wanted, problems: [{ id: 'x', severity: 'error', what: 'wrong', where: 'there', hint: '' }] });
    expect(bad.get().countdownEnds).toBeNull();
    expect(bad.get().notice).toContain('no plan');
  });

  it('never installs after it was stopped', async () => {
    const { act, get } = await machine({ installerLayer: { unattended: true } });
    await act({ type: 'stop-countdown' }, { type: 'tick', now: 1e9 });
    expect(get().run).toBeNull();
    expect(get().answers.unattended).toBe(false);
  });

  it('counts down to the reboot only where that was answered', async () => {
    const { act, get } = await machine();
    await act({ type: 'answer', changes: { device: '/dev/sda', finish: 'reboot' } }, { type: 'go', screen: 'review' });
    await act({ type: 'confirm', hash: planOf(get())!.hash }, { type: 'events', events: goodRun, now: 100 });
    expect(get().countdownEnds).toBe(100 + countdownLength);
    await act({ type: 'tick', now: 100 + countdownLength });
    expect(get().ending).toEqual({ exitCode: 0, finish: 'reboot' });
  });
});
