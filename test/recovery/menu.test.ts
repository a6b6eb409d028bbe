/** The recovery menu's state and keys without a terminal: what is offered, asked, refused and done. */
import { describe, expect, test } from 'vitest';
import { recoveryScreens as screens } from '../../screens/recovery/index.ts';
import { recoveryDrawn, recoveryKeys, recoveryRow, recoveryStateLine, routeRecovery } from '../../src/app/recovery/screen.ts';
import { initialRecoveryState, menuOf, reduceRecovery, wantedWord } from '../../src/app/recovery/state.ts';
import type { RecoveryCommand, RecoveryState, RecoveryUiAction } from '../../src/app/recovery/state.ts';
import { actionsFor } from '../../src/recovery/actions.ts';
import type { Means } from '../../src/recovery/actions.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import type { KeyPress } from '../../src/ui/keys.ts';
import { everyPress } from '../../src/app/console/route.ts';
import { statusFor } from './status-builder.ts';

const means: Means = { root: true, simulated: false, agent: null, missing: [] };
const room = { columns: 78, rows: 18 };

const looked = (state: RecoveryState, status = statusFor('recovery')): RecoveryState =>
  reduceRecovery(state, { type: 'looked', looked: { status, actions: actionsFor(status, means), consentWord: 'AB12' } }).state;

const start = (status = statusFor('recovery')): RecoveryState => looked(initialRecoveryState('1.0.0', 1000), status);

/** Plays keys; gives the state and every command that came of them. */
const play = (from: RecoveryState, presses: readonly (string | KeyPress)[]): { readonly state: RecoveryState; readonly commands: readonly RecoveryCommand[] } => {
  const commands: RecoveryCommand[] = [];
  let state = from;
  for (const press of presses) {
    const key: KeyPress = typeof press === 'string' ? (press.length === 1 ? { key: 'text', text: press } : { key: press, text: '' }) : press;
    const action = routeRecovery(screens, state, key, room);
    if (action === null) continue;
    const step = reduceRecovery(state, action);
    state = step.state;
    commands.push(...step.commands);
  }
  return { state, commands };
};

const dispatch = (state: RecoveryState, ...actions: readonly RecoveryUiAction[]): RecoveryState => actions.reduce((before, action) => reduceRecovery(before, action).state, state);

const highlight = (state: RecoveryState, id: string): RecoveryState =>
  dispatch(state, { type: 'go', screen: 'actions' }, { type: 'highlight', list: 'actions', index: menuOf(state).findIndex((row) => row.id === id) });

const done = (ok: boolean): RecoveryEvent => ({ event: 'done', action: 'reset', exitCode: ok ? 0 : 6, ok, result: ok ? 'done' : 'failed', diskTouched: true, text: 'over', written: [] });

describe('the way through a reset', () => {
  test('nothing starts before the characters of the target were typed', () => {
    const asked = play(highlight(start(), 'reset'), ['enter']);
    expect(asked.state.screen).toBe('ask');
    expect(wantedWord(asked.state)).toBe('AB12');
    const early = play(asked.state, ['enter', 'x', 'enter', 'y', 'enter']);
    expect(early.commands).toEqual([]);
    expect(early.state.screen).toBe('ask');
    const typed = play(asked.state, ['a', 'b', '1', '2', 'enter']);
    expect(typed.commands).toEqual([{ do: 'run', action: 'reset', options: {}, file: null }]);
    expect(typed.state).toMatchObject({ screen: 'running', fields: {} });
  });

  test('events are shown, a second key does not start it twice, and the node is looked at again afterwards', () => {
    const running = play(highlight(start(), 'reset'), ['enter', 'a', 'b', '1', '2', 'enter']).state;
    expect(play(running, ['enter', 'enter']).commands).toEqual([]);
    expect(recoveryStateLine(running)).toContain('RUNNING');
    const stepped = dispatch(running, { type: 'events', events: [{ event: 'step', index: 1, of: 8, text: 'one' }, { event: 'progress', fraction: 0.5, bytes: 1, total: 2 }], now: 2000 });
    expect(recoveryStateLine(stepped)).toMatch(/ 1\/8 50% RUNNING$/);
    expect(recoveryStateLine(dispatch(stepped, { type: 'tick', now: 40_000 }))).toContain('STALLED');
    const ended = reduceRecovery(stepped, { type: 'events', events: [done(true)], now: 3000 });
    expect(ended.state.screen).toBe('result');
    expect(ended.commands).toEqual([{ do: 'look' }]);
    expect(play(looked(ended.state), ['enter']).state.screen).toBe('status');
  });

  test('stopping asks first, and is told to who carries it out', () => {
    const running = play(highlight(start(), 'reset'), ['enter', 'a', 'b', '1', '2', 'enter']).state;
    const asked = play(running, ['ctrl-c']);
    expect(asked).toMatchObject({ commands: [], state: { overlay: 'abort' } });
    expect(play(asked.state, ['n'])).toMatchObject({ commands: [], state: { overlay: null } });
    expect(play(asked.state, ['y'])).toMatchObject({ commands: [{ do: 'abort' }], state: { run: { aborting: true } } });
  });
});

test('an action that cannot be done says why and how to get there, and does nothing', () => {
  const state = highlight(start(statusFor('active')), 'reset');
  const pressed = play(state, ['enter']);
  expect(pressed.state.screen).toBe('actions');
  expect(pressed.state.notice).toMatch(/reset runs from recovery.*choose recovery for the next boot/);
  expect(pressed.commands).toEqual([]);
});

test.each([
  ['boot', ['down', 'enter', 'enter'], { action: 'boot', options: { word: 'passive' }, file: null }],
  ['upgrade', [...'dir:/x', 'enter', 'enter'], { action: 'upgrade', options: { source: 'dir:/x' }, file: null }],
  ['edit', [...'/tmp/c', 'enter', 'enter'], { action: 'edit', options: {}, file: '/tmp/c' }],
  ['logs', ['enter'], { action: 'logs', options: { output: '/run/slipway' }, file: null }],
  ['rollback', ['enter'], { action: 'rollback', options: { undo: false }, file: null }],
  ['power', ['down', 'enter', 'enter'], { action: 'power', options: { word: 'poweroff' }, file: null }],
])('%s asks what it needs', (id, presses, command) => {
  const status = statusFor(id === 'upgrade' || id === 'edit' ? 'active' : 'recovery');
  expect(play(highlight(start(status), id), ['enter', ...presses]).commands).toEqual([{ do: 'run', ...command }]);
});

test('back goes from consent to the answer and keeps it, then to the menu, then to the node', () => {
  const consent = play(highlight(start(statusFor('active')), 'upgrade'), ['enter', ...'dir:/x', 'enter']).state;
  expect(consent.answered).toBe('dir:/x');
  const question = play(consent, ['escape']).state;
  expect(question).toMatchObject({ screen: 'ask', answered: null, fields: { answer: { value: 'dir:/x' } } });
  expect(play(question, ['escape']).state.screen).toBe('actions');
  expect(play(question, ['escape', 'escape']).state.screen).toBe('status');
});

test('a shell ends the menu with 0; a node that is not there with 4', () => {
  expect(play(highlight(start(), 'shell'), ['enter']).state.ending).toEqual({ exitCode: 0, shell: true });
  const lost = dispatch(initialRecoveryState('1', 0), { type: 'look-failed', problem: { id: 'node-missing', severity: 'error', what: 'none', where: 'disks', hint: 'h' } });
  expect(play(lost, ['enter', 'q', 'y']).state.ending).toEqual({ exitCode: 4, shell: false });
});

/** A small generator with a seed: the same walk every time. */
const walk = (seed: number): (() => number) => {
  let value = seed;
  return () => {
    value = (value * 1_103_515_245 + 12_345) % 2 ** 31;
    return value;
  };
};

test('any keys: no screen breaks, keys are unique, questions have words, and no reset starts without its word', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = walk(seed);
    let state = start(statusFor((['recovery', 'active', 'passive'] as const)[seed % 3] ?? 'recovery'));
    for (let index = 0; index < 120; index += 1) {
      const press = everyPress[random() % everyPress.length];
      if (press === undefined) continue;
      const before = state;
      const { state: after, commands } = play(state, [press]);
      state = after;
      for (const command of commands) if (command.do === 'run' && command.action.startsWith('reset')) expect(before.fields['consent']?.value.toLowerCase()).toBe('ab12');
      const keys = recoveryKeys(screens, state, room).map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(recoveryDrawn(screens, state).title).not.toBe('');
      const question = recoveryRow(screens, state).ask(state);
      if (question !== null) expect(question.prompt).not.toBe('');
      expect(recoveryStateLine(state)).toMatch(/^SLIPWAY [A-Z0-9.-]+ RECOVERY-[A-Z]+ \S+ \S+ [A-Z]+$/);
      if (state.run !== null && state.run.done === null && random() % 4 === 0) state = looked(dispatch(state, { type: 'events', events: [done(false)], now: 5000 }));
      if (state.ending !== null) break;
    }
  }
});
