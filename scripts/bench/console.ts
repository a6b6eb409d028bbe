/**
 * The console in a pseudo-terminal: first frame of the executable against an empty one, the time from a key to its
 * repaint, bytes on the wire, memory. Keys are measured on the same screens over made-up machines, under the runtime of
 * the executable.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { bundleFakeConsole, bunPath } from '../../test/terminal/pty.ts';
import { buildEmptyExecutable } from './empty-executable.ts';
import { median, report } from './timing.ts';

const down = '\u001B[B';
const up = '\u001B[A';

const pause = (duration: number): Promise<void> => new Promise((done) => setTimeout(done, duration));

interface Running {
  readonly pid: number;
  /** Everything that came since `mark`. */
  since(mark: number): string;
  mark(): number;
  type(keys: string): void;
  /** ms until what came since the mark fulfils this; throws after ten seconds. */
  until(mark: number, holds: (text: string) => boolean): Promise<number>;
  readonly ended: Promise<void>;
  kill(): void;
}

const start = (command: readonly string[], term = 'xterm-256color'): Running => {
  const [program = '', ...args] = command;
  const pty = spawn(program, args, { cols: 80, rows: 24, name: term, env: { PATH: process.env['PATH'] ?? '', HOME: '/tmp', TERM: term, LANG: 'C.UTF-8' } });
  let received = '';
  let wake = (): void => {};
  pty.onData((data) => {
    received += data;
    wake();
  });
  const ended = new Promise<void>((done) => pty.onExit(() => done()));
  return {
    pid: pty.pid,
    since: (mark) => received.slice(mark),
    mark: () => received.length,
    type: (keys) => pty.write(keys),
    until: async (mark, holds) => {
      const begin = performance.now();
      while (!holds(received.slice(mark))) {
        if (performance.now() - begin > 10_000) throw new Error(`waited in vain; last came: ${JSON.stringify(received.slice(-400))}`);
        await new Promise<void>((done) => {
          const timer = setTimeout(done, 1000);
          wake = () => {
            clearTimeout(timer);
            done();
          };
        });
      }
      return performance.now() - begin;
    },
    ended,
    kill: () => pty.kill('SIGKILL'),
  };
};

const share = (times: readonly number[], part: number): number => times.toSorted((left, right) => left - right)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;

/** ms from the start until the line of state is on the screen, and until keys are listened to. */
const firstFrame = async (): Promise<{ readonly frame: number; readonly keys: number }> => {
  const begin = performance.now();
  const running = start(['dist/slipway', '--machine', 'test/machines/sata.json']);
  await running.until(0, (text) => text.includes('SLIPWAY '));
  const frame = performance.now() - begin;
  // Bracketed paste is switched on by whoever reads the keys.
  await running.until(0, (text) => text.includes('\u001B[?2004h'));
  const keys = performance.now() - begin;
  running.kill();
  await running.ended;
  return { frame, keys };
};

const wholeRun = async (command: readonly string[]): Promise<number> => {
  const begin = performance.now();
  await start(command).ended;
  return performance.now() - begin;
};

const benchFirstFrame = async (): Promise<void> => {
  const empty = buildEmptyExecutable();
  const [frames, keys, empties]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < 15; round++) {
    const first = await firstFrame();
    frames.push(first.frame);
    keys.push(first.keys);
    empties.push(await wholeRun([empty]));
  }
  report('first frame, times an empty executable', median(frames) / median(empties), 4, `${median(frames).toFixed(0)} ms against ${median(empties).toFixed(0)} ms; keys are heard after ${median(keys).toFixed(0)} ms`);
};

/** Through the first screens of the made-up machine to the list of disks. */
const toDisks = async (running: Running): Promise<void> => {
  await running.until(0, (text) => text.includes('Supermicro'));
  running.type('\r');
  await running.until(0, (text) => text.includes('Where does'));
  running.type('\r');
  await running.until(0, (text) => text.includes('QEMU HARDDISK'));
  await pause(300);
};

const reportTimes = (what: string, times: readonly number[]): void => {
  report(`${what}: median key, times 16 ms`, median(times) / 16, 1, `${median(times).toFixed(1)} ms`);
  report(`${what}: 99th percentile, times 50 ms`, share(times, 0.99) / 50, 1, `${share(times, 0.99).toFixed(1)} ms`);
};

/** The most that was resident since the start, pages of the program's own file among it. */
const reportMemory = (what: string, pid: number, detail: string): void => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  report(`${what}, times 120 MiB`, of('VmHWM') / 120, 1, `${of('VmHWM').toFixed(0)} MiB at the peak, ${of('VmRSS').toFixed(0)} now, ${of('RssAnon').toFixed(0)} of them not the program's file; ${detail}`);
};

const benchKeys = async (runtime: string, bundle: string): Promise<void> => {
  const running = start([runtime, bundle, 'good', '30', '--disks=500']);
  await toDisks(running);
  const times: number[] = [];
  for (let turn = 0; turn < 200; turn++) {
    const mark = running.mark();
    running.type(turn % 60 < 40 ? down : up);
    times.push(await running.until(mark, (text) => text !== ''));
    await pause(5);
  }
  reportTimes('500 disks', times);
  reportMemory('memory with 500 disks', running.pid, 'bundle under bun');
  running.kill();
  await running.ended;
};

const benchStream = async (runtime: string, bundle: string): Promise<void> => {
  const running = start([runtime, bundle, 'good', '30', '--stream=1000', '--disks=1']);
  await toDisks(running);
  running.type('\r');
  await running.until(0, (text) => text.includes('begins to write'));
  // A key that comes before the plan could be looked at begins nothing.
  await pause(1200);
  const begun = running.mark();
  running.type('\r');
  await running.until(begun, (text) => text.includes('Lay down'));
  const begin = performance.now();
  await pause(500);
  const times: number[] = [];
  for (let turn = 0; turn < 100; turn++) {
    const mark = running.mark();
    running.type(turn % 2 === 0 ? '?' : 'q');
    times.push(await running.until(mark, (text) => text.includes(turn % 2 === 0 ? 'Keys' : 'Lay down')));
    await pause(20);
  }
  reportTimes('1,000 log lines a second', times);
  const mark = running.mark();
  running.type('o');
  await running.until(mark, (text) => /line \d+ of what/.test(text));
  const lines = Math.max(...[...running.since(mark).matchAll(/line (\d+) of what/g)].map(([, number]) => Number(number)));
  report('log lines that did not come, of 1,000 a second', 1 - lines / (performance.now() - begin), 0.1, `${lines} lines in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  reportMemory('memory while streaming', running.pid, 'bundle under bun');
  running.kill();
  await running.ended;
};

/** What single keys cost on a serial line, and what doing nothing costs. */
const benchBytes = async (runtime: string, bundle: string): Promise<void> => {
  const running = start([runtime, bundle, 'good', '30', '--disks=500'], 'vt220');
  await toDisks(running);
  const costs: number[] = [];
  for (let turn = 0; turn < 60; turn++) {
    const mark = running.mark();
    running.type(turn % 30 < 20 ? down : up);
    await running.until(mark, (text) => text !== '');
    await pause(30);
    costs.push(Buffer.byteLength(running.since(mark)));
  }
  report('bytes of a key in a list of 500, times 300', median(costs) / 300, 1, `median ${median(costs)}, at most ${Math.max(...costs)}`);
  // What is told about the highlighted row follows its key when the moving is over: it is the key's, not idle.
  const rest = running.mark();
  await pause(500);
  report('bytes of a key and of what follows it, times 300', ((costs.at(-1) ?? 0) + Buffer.byteLength(running.since(rest))) / 300, 1, `${Buffer.byteLength(running.since(rest))} of them follow`);
  const mark = running.mark();
  await pause(2000);
  report('bytes while idle', Buffer.byteLength(running.since(mark)), 0, 'in two seconds');
  running.kill();
  await running.ended;
};

const benchMemory = async (): Promise<void> => {
  const running = start([resolve('dist/slipway'), '--machine', 'test/machines/sixty-disks.json']);
  await running.until(0, (text) => text.includes('ASKING') || text.includes('BLOCKED'));
  running.type('\r\r');
  await pause(500);
  for (let turn = 0; turn < 50; turn++) {
    running.type(down);
    await pause(10);
  }
  await pause(2000);
  reportMemory('memory of the executable', running.pid, '60 disks');
  running.kill();
  await running.ended;
};

if (bunPath === null) throw new Error('bun is not installed: run npm ci');
await benchFirstFrame();
await benchMemory();
const bundle = await bundleFakeConsole();
await benchKeys(bunPath, bundle);
await benchStream(bunPath, bundle);
await benchBytes(bunPath, bundle);
process.exit(0);
