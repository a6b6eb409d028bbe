/** The recovery menu at a headless terminal, over effects that only pretend, and in plain mode. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { startRecoveryConsole } from '../../screens/recovery/index.ts';
import type { RecoveryEffects } from '../../src/app/recovery/effects.ts';
import type { ActionId } from '../../src/recovery/actions.ts';
import { actionsFor } from '../../src/recovery/actions.ts';
import type { NodeStatus } from '../../src/recovery/status.ts';
import { statusFor, systemRow } from './status-builder.ts';

class Screen extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  raw = '';
  readonly terminal: xterm.Terminal;
  constructor(columns: number, rows: number) {
    super();
    [this.columns, this.rows] = [columns, rows];
    this.terminal = new xterm.Terminal({ cols: Math.max(2, columns), rows: Math.max(1, rows), allowProposedApi: true, convertEol: true });
  }
  write(text: string, encoding?: unknown, done?: unknown): boolean {
    this.raw += text;
    const callback = typeof encoding === 'function' ? encoding : done;
    this.terminal.write(text, () => typeof callback === 'function' && void callback());
    return true;
  }
}

const open = (options: { readonly status?: NodeStatus; readonly columns?: number; readonly rows?: number; readonly plain?: boolean; readonly environment?: Readonly<Record<string, string>> } = {}) => {
  const status = options.status ?? statusFor('recovery');
  const ran: { action: ActionId; answered: unknown }[] = [];
  const effects: RecoveryEffects = {
    look: () => Promise.resolve({ looked: { status, actions: actionsFor(status, { root: true, simulated: false, agent: null, missing: [] }), consentWord: 'AB12', volumes: [] } }),
    readConfig: () => Promise.resolve({ name: '90_custom.yaml', text: '#cloud-config\nhostname: field-node\n' }),
    async run(action, answered, _signal, emit) {
      ran.push({ action, answered: answered.options });
      emit({ event: 'step', index: 1, of: 1, text: 'the only step' });
      await new Promise((resolve) => setTimeout(resolve, 20));
      emit({ event: 'done', action, exitCode: 0, ok: true, result: 'done', diskTouched: true, text: 'it went well', written: [] });
    },
  };
  const screen = new Screen(options.columns ?? 80, options.rows ?? 24);
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input, ref: () => input, unref: () => input });
  const result = startRecoveryConsole({
    effects,
    terminal: { stdin: input as never, stdout: screen as never, plain: options.plain ?? false, color: true, environment: options.environment ?? { TERM: 'xterm', LANG: 'C.UTF-8' } },
    version: '1.0.0',
    onCrash: (error) => {
      throw error;
    },
  });
  const lines = (): readonly string[] => {
    const buffer = screen.terminal.buffer.active;
    return Array.from({ length: screen.terminal.rows }, (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '');
  };
  const sees = async (wanted: string | RegExp): Promise<void> => {
    const has = (): boolean => (options.plain === true ? [screen.raw] : [lines().join('\n')]).some((text) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)));
    for (const end = Date.now() + 8000; !has() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 10));
    if (!has()) throw new Error(`not seen: ${wanted}\n${lines().join('\n')}`);
  };
  const type = async (keys: string): Promise<void> => {
    for (const key of keys) {
      input.write(key);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  };
  return { ran, result, lines, sees, type, screen, input };
};

describe('at 80x24', () => {
  test('from the status to a reset with consent, its result and out again', async () => {
    const person = open();
    await person.sees('NODE-AB12');
    await person.sees('Kairos v1.0.0');
    await person.type('\r');
    await person.sees('reset: active and passive anew');
    await person.sees('lost: all of COS_PERSISTENT');
    await person.type('\r');
    await person.sees('type the last 4 characters of its serial number');
    await person.type('zzzz\r');
    await person.sees('that is not what was asked for');
    expect(person.ran).toEqual([]);
    await person.type('\u0015');
    await person.type('ab12\r');
    await person.sees('it went well');
    expect(person.ran).toEqual([{ action: 'reset', answered: {} }]);
    await person.type('\r');
    await person.sees('This node');
    await person.type('q');
    await person.sees('Leave the recovery menu?');
    await person.type('y');
    expect(await person.result).toEqual({ exitCode: 0, shell: false, lastLines: ['slipway: it went well'] });
  });

  test('every line fits, and a long status can be read to its end', async () => {
    const status = statusFor('passive', {
      systems: [systemRow('active', { damage: 'the image is cut short' }), systemRow('passive'), systemRow('recovery', { damage: 'its kernel is missing' })],
      health: { oem: 'errors', recovery: 'clean', state: 'unreadable', persistent: 'journal' },
      log: Array.from({ length: 12 }, (_, index) => `line ${index} of a log that is much longer than one line of the screen can be, so that it has to be cut or wrapped somewhere`),
    });
    const person = open({ status });
    await person.sees('error: active system: the image is cut short');
    await person.type('\u001B[6~'.repeat(1));
    await person.type('jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj');
    await person.sees('log: line 11');
    for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(80);
    await person.type('qy');
    await person.result;
  });

  test('help names the keys; an action that is not to be had says why', async () => {
    const person = open({ status: statusFor('active') });
    await person.sees('This node');
    await person.type('\r');
    await person.sees('upgrade the active system');
    await person.type('?');
    await person.sees('slipway recovery ACTION --yes --json');
    await person.type('q');
    await person.type('G');
    await person.sees('(not here)');
    await person.sees('Not here:');
    await person.sees('The way there:');
    await person.type('qy');
    await person.result;
  });
});

test.each([[40, 10], [30, 5], [1, 1], [200, 60]])('%ix%i does not break it', async (columns, rows) => {
  const person = open({ columns, rows });
  await person.sees(columns === 1 ? '' : 'SLIPWAY');
  await person.type('\r\r');
  await person.type('\u0003y');
  await person.type('\u0003y');
  expect((await person.result).exitCode).toBe(0);
});

test('on a vt100 there is no colour and nothing but ASCII', async () => {
  const person = open({ environment: { TERM: 'vt100' } });
  await person.sees('NODE-AB12');
  await person.type('\r');
  await person.sees('reset: active');
  await person.type('qy');
  await person.result;
  // eslint-disable-next-line no-control-regex
  expect(person.screen.raw).not.toMatch(/[^\u0000-\u007F]|\u001B\[[0-9;]*(?:3[0-7]|9[0-7])m/);
});

test('plain mode asks the same questions, line by line', async () => {
  const person = open({ plain: true });
  await person.sees('Enter shows the actions');
  person.input.write('\n');
  await person.sees('Number of the action');
  person.input.write('1\n');
  await person.sees('type the last 4 characters');
  person.input.write('nope\n');
  await person.sees('that is not what was asked for');
  person.input.write('AB12\n');
  await person.sees('step 1/1: the only step');
  await person.sees('it went well');
  person.input.write('quit\n');
  expect(await person.result).toMatchObject({ exitCode: 0 });
  expect(person.ran).toHaveLength(1);
  // eslint-disable-next-line no-control-regex
  expect(person.screen.raw).not.toMatch(/\u001B/);
});

test('a terminal that goes away ends it', async () => {
  const person = open({ plain: true });
  await person.sees('Enter shows the actions');
  person.input.end();
  expect((await person.result).exitCode).toBe(0);
});
