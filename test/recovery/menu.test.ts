/** The recovery menu's state and keys without a terminal: what is offered, asked, refused and done. */
import { describe, expect, test } from 'vitest';
import { recoveryScreens as screens } from '../../screens/recovery/index.ts';
import { recoveryDrawn, recoveryKeys, recoveryRow, recoveryStateLine, routeRecovery } from '../../src/app/recovery/screen.ts';
import { answersShown, chosenAction, initialRecoveryState, inputOfChosen, menuOf, reduceRecovery, wantedWord } from '../../src/app/recovery/state.ts';
import type { RecoveryCommand, RecoveryState, RecoveryUiAction } from '../../src/app/recovery/state.ts';
import { actionsFor } from '../../src/recovery/actions.ts';
import type { Means } from '../../src/recovery/actions.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import type { KeyPress } from '../../src/ui/keys.ts';
import { everyPress } from '../../src/app/console/route.ts';
import { nodeFor, statusFor } from './status-builder.ts';

const means: Means = { root: true, simulated: false, agent: null, missing: [] };
const room = { columns: 78, rows: 18 };

const looked = (state: RecoveryState, status = statusFor('recovery')): RecoveryState =>
  reduceRecovery(state, { type: 'looked', looked: { status, actions: actionsFor(status, means), consentWord: 'AB12', volumes: [{ path: '/dev/sdb1', label: 'STICK' }] } }).state;

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
  ['edit', ['down', 'enter', ...'/tmp/c', 'enter', 'enter'], { action: 'edit', options: {}, file: '/tmp/c' }],
  ['logs', ['enter'], { action: 'logs', options: { output: '/dev/sdb1' }, file: null }],
  ['logs', ['end', 'enter', ...'/mnt', 'enter'], { action: 'logs', options: { output: '/mnt' }, file: null }],
  ['rollback', ['enter'], { action: 'rollback', options: { undo: false }, file: null }],
  ['power', ['down', 'enter', 'enter'], { action: 'power', options: { word: 'poweroff' }, file: null }],
])('%s asks what it needs', (id, presses, command) => {
  const status = statusFor(id === 'upgrade' || id === 'edit' ? 'active' : 'recovery');
  expect(play(highlight(start(status), id), ['enter', ...presses]).commands).toEqual([{ do: 'run', ...command }]);
});

test('back goes from consent to the answer and keeps it, then to the menu, then to the node', () => {
  const consent = play(highlight(start(statusFor('active')), 'upgrade'), ['enter', ...'dir:/x', 'enter']).state;
  expect(consent.answers).toEqual(['dir:/x']);
  const question = play(consent, ['escape']).state;
  expect(question).toMatchObject({ screen: 'ask', answers: [], fields: { answer: { value: 'dir:/x' } } });
  expect(play(question, ['escape']).state.screen).toBe('actions');
  expect(play(question, ['escape', 'escape']).state.screen).toBe('status');
});

test('the boot entry that resets by itself: what is lost, and the characters of the disk', () => {
  const kairos = statusFor('active', { grubConfig: 'menuentry "x" --id statereset {\n}\n' });
  const asked = play(highlight(start(kairos), 'boot'), ['enter', 'end', 'enter']).state;
  expect(asked.answers).toEqual(['reset']);
  expect(wantedWord(asked)).toBe('AB12');
  expect(chosenAction(asked)?.lost.join()).toContain('all of COS_PERSISTENT');
  expect(play(asked, ['enter', 'x', 'enter']).commands).toEqual([]);
  expect(play(asked, ['a', 'b', '1', '2', 'enter']).commands).toEqual([{ do: 'run', action: 'boot', options: { word: 'reset' }, file: null }]);
  expect(wantedWord(play(highlight(start(kairos), 'boot'), ['enter', 'enter']).state)).toBe(null);
});

test('after a reset that did not end only recovery is offered for the next boot', () => {
  const asked = play(highlight(start(statusFor('recovery', { grubenv: new Map([['slipway_reset', 'running']]) })), 'boot'), ['enter']).state;
  expect(inputOfChosen(asked)).toMatchObject({ choices: [{ word: 'recovery' }] });
});

/** Answers the question that is due. */
const answer = (state: RecoveryState, text: string): ReturnType<typeof reduceRecovery> => reduceRecovery(state, { type: 'answer', answer: text });

describe('questions one after the other', () => {
  test('network: an interface, then dhcp or an address; only looking asks no more', () => {
    const asked = play(highlight(start(), 'network'), ['enter']).state;
    expect(answer(asked, '').commands).toMatchObject([{ do: 'run', action: 'network', options: {} }]);
    const second = answer(asked, 'eth0');
    expect(second.commands).toEqual([]);
    expect(second.state.fields['answer']?.value).toBe('dhcp');
    expect(answer(second.state, '10.0.0.9/24 10.0.0.1').commands).toMatchObject([{ do: 'run', action: 'network', options: { word: 'eth0', address: '10.0.0.9/24 10.0.0.1' } }]);
  });

  test('logs: to a volume, and to an address with a token that is never shown', () => {
    const asked = play(highlight(start(), 'logs'), ['enter']).state;
    expect(answer(asked, '/dev/sdb1').commands).toMatchObject([{ do: 'run', action: 'logs', options: { output: '/dev/sdb1' } }]);
    const where = answer(asked, 'address').state;
    const token = answer(where, 'https://logs.example/in').state;
    expect(recoveryDrawn(screens, token).focus?.(token, room)).toEqual({ field: 'answer', maxLength: 1000 });
    expect(answersShown({ ...token, answers: [...token.answers, 'TOKEN-123'] })).toBe('address https://logs.example/in');
    const { state, commands } = answer(token, 'TOKEN-123');
    expect(commands).toMatchObject([{ options: { output: 'https://logs.example/in', token: 'TOKEN-123' } }]);
    expect(JSON.stringify(state)).not.toContain('TOKEN-123');
    expect(answer(token, '').commands).toMatchObject([{ options: { output: 'https://logs.example/in' } }]);
  });

  test('unlock: a passphrase is masked, kept as it is typed, asked anew after Esc, and may be left out', () => {
    const locked = statusFor('recovery', {}, { partitions: nodeFor().partitions.map((partition) => (partition.name === 'persistent' ? { ...partition, fstype: 'crypto_LUKS', encrypted: true } : partition)) });
    const asked = play(highlight(start(locked), 'unlock'), ['enter']).state;
    expect(inputOfChosen(asked)).toMatchObject({ kind: 'text', masked: true, optional: true });
    expect(answer(asked, ' with blanks ').commands).toMatchObject([{ options: { passphrase: ' with blanks ' } }]);
    expect(answer(asked, '').commands).toMatchObject([{ options: {} }]);
  });

  test('reinstall: the configuration, then what is lost, then the characters of the disk', () => {
    const asked = play(highlight(start(), 'reinstall'), ['enter']).state;
    const consent = answer(asked, '/mnt/new.yaml').state;
    expect(wantedWord(consent)).toBe('AB12');
    expect(play(consent, ['a', 'b', '1', '2', 'enter']).commands).toEqual([{ do: 'run', action: 'reinstall', options: {}, file: '/mnt/new.yaml' }]);
  });
});

describe('the configuration in the editor', () => {
  const original = '#cloud-config\nhostname: field-node\n';
  const opened = (): RecoveryState => {
    const asked = play(highlight(start(), 'edit'), ['enter']).state;
    const reading = answer(asked, 'here');
    expect(reading.commands).toEqual([{ do: 'read-config' }]);
    return reduceRecovery(reading.state, { type: 'config-read', config: { name: '90_custom.yaml', text: original } }).state;
  };

  test('typed, checked, used, consented to; the text goes with the action and stays nowhere', () => {
    const typed = play(opened(), ['#']);
    const text = `#${original}`;
    expect(typed.commands).toEqual([{ do: 'check-config', text, name: '90_custom.yaml' }]);
    expect(play(typed.state, ['ctrl-x']).state).toMatchObject({ notice: 'one moment: it is being checked', answers: ['here'] });
    const checked = dispatch(typed.state, { type: 'config-checked', text, problems: [] });
    const consent = play(checked, ['ctrl-x']).state;
    expect(inputOfChosen(consent)).toBe(null);
    const { state, commands } = play(consent, ['enter']);
    expect(commands).toEqual([{ do: 'run', action: 'edit', options: { config: { name: '90_custom.yaml', text } }, file: null }]);
    expect(state.edited).toBe(null);
  });

  test('a text with an error is not used, an unchanged one neither; Esc keeps what was typed out of the node', () => {
    expect(play(opened(), ['ctrl-x']).state.notice).toBe('nothing was changed');
    const typed = play(opened(), ['x']).state;
    const wrong = dispatch(typed, { type: 'config-checked', text: typed.edited?.text.value ?? '', problems: [{ id: 'header-missing', severity: 'error', what: 'the header is missing', where: '90_custom.yaml', hint: '' }] });
    expect(play(wrong, ['ctrl-x']).state.notice).toBe('not used yet: the header is missing');
    expect(play(wrong, ['escape'])).toMatchObject({ commands: [], state: { screen: 'ask', answers: [] } });
  });

  test('plain mode has no editor: a file is asked for', () => {
    const plain = looked(initialRecoveryState('1.0.0', 1000, { hasEditor: false }));
    expect(inputOfChosen(play(highlight(plain, 'edit'), ['enter']).state)).toMatchObject({ kind: 'text' });
  });
});

test('two installed disks: one of them is chosen, and looked at again afterwards', () => {
  const lost = reduceRecovery(initialRecoveryState('1.0.0', 1000), {
    type: 'look-failed',
    problem: { id: 'node-ambiguous', severity: 'error', what: 'more than one disk holds an installed system', where: '/dev/vda, /dev/vdb', hint: 'name one with --device' },
    candidates: [{ path: '/dev/vda', text: '/dev/vda, 8 GiB, serial A' }, { path: '/dev/vdb', text: '/dev/vdb, 8 GiB, serial B' }],
  }).state;
  const picked = play(lost, ['down', 'enter']);
  expect(picked.commands).toEqual([{ do: 'look', device: '/dev/vdb' }]);
  expect(play(looked(picked.state), ['r']).commands).toEqual([{ do: 'look', device: '/dev/vdb' }]);
  const question = recoveryRow(screens, lost).ask(lost);
  expect(question?.lines.at(-1)).toMatch(/2.*\/dev\/vdb, 8 GiB, serial B/);
  expect(question?.answer('2')).toEqual([{ type: 'pick', device: '/dev/vdb' }]);
  expect(question?.answer('3')).toEqual(expect.any(String));
});

test('a shell ends the menu with 0; a node that is not there with 4', () => {
  expect(play(highlight(start(), 'shell'), ['enter']).state.ending).toEqual({ exitCode: 0, shell: true });
  const lost = dispatch(initialRecoveryState('1', 0), { type: 'look-failed', problem: { id: 'node-missing', severity: 'error', what: 'none', where: 'disks', hint: 'h' }, candidates: [] });
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
