/** The flow: order, answers, consent, countdown. No terminal, no clock. */
import { describe, expect, it } from 'vitest';
import { screens } from '../../screens/index.ts';
import { makeReduce } from '../../src/app/reduce.ts';
import { countdownLength } from '../../src/app/reduce/run.ts';
import { lookTime } from '../../src/app/reduce/shown.ts';
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
  /** Looks at the plan that is on the screen, and consents to it. */
  const consent = async (): Promise<ConsoleState> => {
    const hash = planOf(state)?.hash ?? '';
    const now = state.now + lookTime;
    return act({ type: 'shown', hash, now: state.now }, { type: 'pressed', now, action: { type: 'confirm', hash } });
  };
  return { act, consent, commands, get: () => state };
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
    const { act, consent, get, commands } = await machine();
    await act({ type: 'answer', changes: { device: '/dev/sdb' } }, { type: 'go', screen: 'review' });
    const plan = planOf(get())!;
    expect(consentWord(plan)).toBe('ABCD');
    await consent();
    expect(get().run).toBeNull();
    await act({ type: 'edit', field: 'consent', edit: { edit: 'set', value: 'ABCD' }, maxLength: 8 });
    await act({ type: 'confirm', hash: 'another' });
    expect(get().run).toBeNull();
    // Another plan: what was typed does not count for it.
    await act({ type: 'answer', changes: { hostname: 'x' } });
    await consent();
    expect(get().run).toBeNull();
    await act({ type: 'edit', field: 'consent', edit: { edit: 'set', value: 'abcd' }, maxLength: 8 });
    await consent();
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

  describe('comes after a look at the plan', () => {
    const onReview = async () => {
      const kit = await machine();
      await kit.act({ type: 'answer', changes: { device: '/dev/sda' } }, { type: 'go', screen: 'review' });
      const hash = planOf(kit.get())!.hash;
      /** Enter at this time; does an install begin? */
      const enter = async (now: number, plan = hash): Promise<boolean> => (await kit.act({ type: 'pressed', now, action: { type: 'confirm', hash: plan } })).run !== null;
      return { ...kit, hash, enter };
    };

    it('not before it was drawn, nor at once', async () => {
      const { act, enter, hash, get } = await onReview();
      expect(await enter(5000)).toBe(false);
      expect(get().notice).toBe('look at the plan first; Enter again begins');
      await act({ type: 'shown', hash, now: 6000 });
      expect(await enter(6000 + lookTime - 1)).toBe(false);
      expect(await enter(6000 + 2 * lookTime - 1)).toBe(true);
    });

    it('not by a key that is held down, however long', async () => {
      const { act, enter, hash } = await onReview();
      await act({ type: 'shown', hash, now: 0 });
      for (let now = 600; now < 10_000; now += 33) expect(await enter(now)).toBe(false);
      expect(await enter(10_000 + lookTime)).toBe(true);
    });

    it('not where the plan has changed since', async () => {
      const { act, enter, hash, get } = await onReview();
      await act({ type: 'shown', hash, now: 0 }, { type: 'answer', changes: { hostname: 'x' } });
      const other = planOf(get())!.hash;
      expect(await enter(5000, other)).toBe(false);
      // What was drawn before the change is no picture of this plan.
      await act({ type: 'shown', hash, now: 5000 });
      expect(await enter(9000, other)).toBe(false);
      await act({ type: 'shown', hash: other, now: 9000 });
      expect(await enter(9000 + lookTime, other)).toBe(true);
    });

    it('not where the screen was left since, nor from below something else', async () => {
      const { act, enter, hash } = await onReview();
      await act({ type: 'shown', hash, now: 0 }, { type: 'back' }, { type: 'next' });
      expect(await enter(5000)).toBe(false);
      await act({ type: 'overlay', overlay: 'viewer' }, { type: 'shown', hash, now: 6000 }, { type: 'overlay', overlay: null });
      expect(await enter(9000)).toBe(false);
    });

    it('and is not hurried where it is typed below the printed plan', async () => {
      const { act, hash, get } = await onReview();
      await act({ type: 'confirm', hash, typed: true });
      expect(get().run).toBeNull();
      await act({ type: 'shown', hash, now: 0 }, { type: 'confirm', hash, typed: true });
      expect(get().run).not.toBeNull();
    });
  });
});

describe('a run', () => {
  const started = async () => {
    const kit = await machine();
    await kit.act({ type: 'answer', changes: { device: '/dev/sda' } }, { type: 'go', screen: 'review' });
    await kit.consent();
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
    const { act, consent, get } = await machine();
    await act({ type: 'answer', changes: { device: '/dev/sda', finish: 'reboot' } }, { type: 'go', screen: 'review' });
    await consent();
    await act({ type: 'events', events: goodRun, now: 5000 });
    expect(get().countdownEnds).toBe(5000 + countdownLength);
    await act({ type: 'tick', now: 5000 + countdownLength });
    expect(get().ending).toEqual({ exitCode: 0, finish: 'reboot' });
  });
});
