/** A machine without a node, or with a disk that is past help: network, logs, shell and power are still there, in the menu and on the command line. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { recoveryScreens as screens } from '../../screens/recovery/index.ts';
import { createRecoveryEffects } from '../../src/app/recovery/effects.ts';
import { recoveryRow, routeRecovery } from '../../src/app/recovery/screen.ts';
import { initialRecoveryState, menuOf, reduceRecovery } from '../../src/app/recovery/state.ts';
import type { RecoveryCommand, RecoveryState } from '../../src/app/recovery/state.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { recoveryCommand } from '../../src/cli/recovery.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import { statusWithoutNode } from '../../src/recovery/without-node.ts';
import { createRealSystem } from '../../src/system/real.ts';
import type { System } from '../../src/system/port.ts';
import { factsFor } from './status-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-machine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** This machine with no disk to be seen, and none that could be switched off. */
const machine = (): System & { readonly asked: string[][] } => {
  const real = createRealSystem();
  const asked: string[][] = [];
  return {
    ...real,
    asked,
    run: (command, options) => {
      asked.push([...command]);
      if (command[0] === 'lsblk') return Promise.resolve({ stdout: '{"blockdevices":[]}', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false });
      if (command[0] === 'systemctl' || command[0] === 'reboot') return Promise.resolve({ stdout: '', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false });
      return real.run(command, options);
    },
  };
};

const recovery = async (...args: readonly string[]) => {
  const system = machine();
  const printed: string[] = [];
  const errors: string[] = [];
  const output = { print: (text: string) => void printed.push(text), error: (text: string) => void errors.push(text), isLost: false, isTerminal: false, columns: 80 };
  const status = await recoveryCommand(parseCommandLine(['recovery', ...args]), system, output, new AbortController().signal);
  expect(await system.cleanup.run()).toEqual([]);
  return { status, stdout: printed.join('\n'), stderr: errors.join('\n'), asked: system.asked };
};

const eventsIn = (stdout: string): readonly RecoveryEvent[] => stdout.split('\n').map((line) => JSON.parse(line) as RecoveryEvent);

describe('on the command line', () => {
  test('network, logs, shell and power are done', async () => {
    expect(await recovery('network')).toMatchObject({ status: 0 });
    expect(await recovery('shell')).toMatchObject({ status: 0 });
    expect(await recovery('logs', '--output', folder)).toMatchObject({ status: 0 });
    expect(readdirSync(folder)[0]).toMatch(/^slipway-logs-machine-.*\.tar\.gz$/);
    expect(await recovery('power', 'reboot')).toMatchObject({ status: 2 });
    const off = await recovery('power', 'reboot', '--yes', '--json');
    expect(off.status).toBe(0);
    expect(off.asked).toContainEqual(['systemctl', 'reboot']);
    expect(eventsIn(off.stdout).at(-1)).toMatchObject({ event: 'done', action: 'power', diskTouched: false });
  });

  test.each([['status'], ['reset'], ['boot', 'recovery'], ['audit'], ['logs', '--image', '/nowhere']])('%s %s needs a node: why there is none, and one done', async (...words) => {
    const ended = await recovery(...words, '--yes', '--json');
    expect(ended.status).toBe(4);
    const events = eventsIn(ended.stdout);
    expect(events.map(({ event }) => event)).toEqual(['problem', 'done']);
    expect(events.at(-1)).toMatchObject({ action: words[0], exitCode: 4, ok: false, result: 'refused', diskTouched: false, written: [] });
  });

  test.each([[['nonsense'], 2], [['edit'], 2], [['boot', 'a', 'b'], 2]] as const)('%j: usage, and one done', async (words, exitCode) => {
    const ended = await recovery(...words, '--json');
    expect(ended.status).toBe(exitCode);
    expect(eventsIn(ended.stdout).filter(({ event }) => event === 'done')).toMatchObject([{ exitCode }]);
  });
});

describe('in the menu', () => {
  const room = { columns: 78, rows: 18 };

  test('the effects give the machine in place of the node, and act on it', async () => {
    const system = machine();
    const effects = createRecoveryEffects(system, {});
    const looked = await effects.look(new AbortController().signal);
    expect('machine' in looked && looked.machine?.actions.map(({ id }) => id).toSorted()).toEqual(['logs', 'network', 'power', 'shell']);
    const events: RecoveryEvent[] = [];
    await effects.run('network', { options: {}, file: null }, new AbortController().signal, (event) => void events.push(event));
    expect(events.at(-1)).toMatchObject({ event: 'done', ok: true });
    await effects.run('reset', { options: {}, file: null }, new AbortController().signal, (event) => void events.push(event));
    expect(events.at(-1)).toMatchObject({ event: 'done', ok: false, diskTouched: false });
  });

  const lost = async (): Promise<RecoveryState> => {
    const looked = await createRecoveryEffects(machine(), {}).look(new AbortController().signal);
    if (!('problem' in looked)) throw new Error('a node was found');
    return reduceRecovery(initialRecoveryState('1.0.0', 1000), { type: 'look-failed', ...looked }).state;
  };

  const play = (from: RecoveryState, presses: readonly string[]) => {
    const commands: RecoveryCommand[] = [];
    let state = from;
    for (const press of presses) {
      const action = routeRecovery(screens, state, press.length === 1 ? { key: 'text', text: press } : { key: press, text: '' }, room);
      if (action === null) continue;
      const step = reduceRecovery(state, action);
      state = step.state;
      commands.push(...step.commands);
    }
    return { state, commands };
  };

  test('Enter leads to what can be done: power asks, and is carried out; a shell ends the menu', async () => {
    const state = play(await lost(), ['enter']).state;
    expect(state.screen).toBe('actions');
    const at = (id: string): readonly string[] => Array.from({ length: menuOf(state).findIndex((row) => row.id === id) }, () => 'down');
    expect(play(state, [...at('power'), 'enter', 'enter', 'enter']).commands).toEqual([{ do: 'run', action: 'power', options: { word: 'reboot' }, file: null }]);
    expect(play(state, [...at('shell'), 'enter']).state.ending).toMatchObject({ shell: true });
    const question = recoveryRow(screens, await lost()).ask(await lost());
    expect(question?.answer('')).toEqual([{ type: 'go', screen: 'actions' }]);
  });
});

test('a status without a node says why', () => {
  const why = { id: 'node-missing', severity: 'error', what: 'no installed Kairos system was found', where: 'disks', hint: 'h' } as const;
  expect(statusWithoutNode(factsFor('recovery'), why)).toMatchObject({ boot: { state: 'recovery', why: why.what }, problems: [why], network: [{ name: 'eth0' }] });
});
