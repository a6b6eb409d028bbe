/** Journeys with the shipped executable in a pseudo-terminal, on recorded machines: through every screen and back, and ten thousand random keys. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { slipwayPath, startSession } from './pty.ts';
import type { Session, SessionOptions } from './pty.ts';

const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));
const machines = readdirSync('test/machines').filter((name) => name.endsWith('.json') && name !== 'expected.json').map((name) => `test/machines/${name}`);
const patience = 30_000;

const start = (machine: string, options: SessionOptions = {}): Session => startSession([slipwayPath, 'install', '--machine', machine], options);

const screenOf = (session: Session): string => /^SLIPWAY \S+ (\S+) /m.exec(session.lines().at(-1) ?? '')?.[1] ?? '';

/** The screen stands still and asks: what was sent came through, whatever the line's speed. */
const settled = async (session: Session, quiet = 150): Promise<string> => {
  for (const until = Date.now() + patience; Date.now() < until; ) {
    const before = session.raw().length;
    const text = session.text();
    await pause(quiet);
    if (session.raw().length === before && session.text() === text && /(?:ASKING|BLOCKED|CONFIRM)$/.test(session.lines().at(-1) ?? '')) return screenOf(session);
  }
  throw new Error(`no rest:\n${session.text()}`);
};

/** Presses a key until a screen is there; returns the screens on the way. */
const walk = async (session: Session, key: string, to: string, quiet?: number): Promise<readonly string[]> => {
  const way = [await settled(session, quiet)];
  for (let presses = 0; way.at(-1) !== to && presses < 60; presses++) {
    const before = session.raw().length;
    session.type(key);
    // Each of these keys changes the screen: a busy machine that has not answered yet is not at rest.
    for (const until = Date.now() + patience; Date.now() < until && session.raw().length === before; ) await pause(10);
    const at = await settled(session, quiet);
    if (at !== way.at(-1)) way.push(at);
  }
  if (way.at(-1) !== to) throw new Error(`not at ${to}: ${way.join(' ')}\n${session.text()}`);
  return way;
};

const leave = async (session: Session): Promise<number | null> => {
  session.type('\u0003');
  await session.sees(/leave the console\?/i, patience);
  session.type('y');
  const code = await session.ended(patience);
  for (const until = Date.now() + patience; Date.now() < until && session.onSecondScreen(); ) await pause(20);
  expect(session.onSecondScreen()).toBe(false);
  return code;
};

if (!existsSync(slipwayPath)) console.warn('skipped: dist/slipway is not built');

describe.skipIf(!existsSync(slipwayPath))('the executable on a recorded machine', () => {
  it('goes through every screen and back, and keeps every answer', async () => {
    const session = start('test/machines/sata.json');
    // The network of the session is a visit: it leads back to where it began.
    expect(await walk(session, 't', 'NETWORK')).toEqual(['WELCOME', 'NETWORK']);
    expect(await walk(session, '\u001B', 'WELCOME')).toEqual(['NETWORK', 'WELCOME']);
    expect(await walk(session, '\r', 'IDENTITY')).toEqual(['WELCOME', 'CONFIGURATION', 'IDENTITY']);
    session.type('unit-7\roperator');
    await settled(session);
    expect(await walk(session, '\r', 'REVIEW')).toEqual(['IDENTITY', 'DISK', 'REVIEW']);
    // Details bring the questions that are left out otherwise.
    session.type('e');
    const details = await walk(session, '\r', 'REVIEW');
    expect(details).toEqual(expect.arrayContaining(['PARTITIONS', 'ENCRYPTION', 'CLUSTER']));
    const back = await walk(session, '\u001B', 'WELCOME');
    expect(back).toEqual(['REVIEW', 'CLUSTER', 'ENCRYPTION', 'PARTITIONS', 'DISK', 'NETWORK', 'IDENTITY', 'CONFIGURATION', 'WELCOME']);
    expect(await walk(session, '\r', 'IDENTITY')).toEqual(['WELCOME', 'CONFIGURATION', 'IDENTITY']);
    expect(session.text()).toContain('[unit-7');
    expect(session.text()).toContain('[operator');
    expect(await walk(session, '\r', 'REVIEW')).toEqual(back.toReversed().slice(2));
    // The text that would be kept, in the editor, holds the answers.
    await walk(session, '\u001B', 'CONFIGURATION');
    session.type('e');
    await session.sees(/#cloud-config/, patience);
    session.type('\u001B');
    await settled(session);
    expect(await leave(session)).toBe(130);
  }, 240_000);

  it('can be worked with over a line of 9600 baud', async () => {
    const session = start('test/machines/sata.json', { speed: 960, environment: { TERM: 'vt100', LANG: '' } });
    // A whole screen takes more than a second on such a line.
    const quiet = 1700;
    expect(await walk(session, 't', 'NETWORK', quiet)).toEqual(['WELCOME', 'NETWORK']);
    expect(await walk(session, '\u001B', 'WELCOME', quiet)).toEqual(['NETWORK', 'WELCOME']);
    expect(await walk(session, '\r', 'IDENTITY', quiet)).toEqual(['WELCOME', 'CONFIGURATION', 'IDENTITY']);
    session.type('unit-7\roperator\u001B');
    expect(await settled(session, quiet)).toBe('CONFIGURATION');
    expect(await walk(session, '\r', 'IDENTITY', quiet)).toEqual(['CONFIGURATION', 'IDENTITY']);
    expect(session.text()).toContain('[operator');
    expect(await leave(session)).toBe(130);
    // Nothing but what the oldest of them understands.
    expect(session.raw()).toMatch(/^[\r\n -~]*(?:\u001B\[[?\d;]*[A-Za-z][\r\n -~]*)*$/);
  }, 240_000);
});

/** The same keys on every run. */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const some = ['\r', '\r', '\u001B[A', '\u001B[B', '\u001B[C', '\u001B[D', '\u001B[5~', '\u001B[6~', '\u001B[H', '\u001B[F', '\u001B', '\t', '\u007F', '\u0003', 'n', 'r', 'v', 'o', 'c', 'd', '?', 'e', 'f', 't', 'x', 'u', 'w', '+', '-', ' ', '/', '\u0018', '\u0014', '\u0010', '\u001B[200~a: b\rc\u001B[201~', 'screens\r', '\u001B[', '\u001BO', '\u0000', 'ä', '字'] as const;

/** It ended by itself, with a code of the contract that is no bug. */
const expectOrder = (machine: string, ended: number | null | undefined, session: Session): void => {
  if (![0, 3, 4, 5, 6, 130].includes(ended ?? -1) || session.raw().includes('a bug stopped the console')) throw new Error(`${machine}: ended with ${String(ended)}\n${session.text()}`);
};

describe.skipIf(!existsSync(slipwayPath))('10,000 random keys', () => {
  it('neither crash the executable nor leave it stuck, on any recorded machine', async () => {
    let pressed = 0;
    const random = randomOf(4711);
    const each = Math.ceil(10_000 / machines.length);
    for (const machine of machines) {
      let session = start(machine);
      let ended: number | null | undefined;
      const follow = (one: Session): void => void one.ended(600_000).then((code) => one === session && (ended = code), () => undefined);
      follow(session);
      await session.sees('SLIPWAY', patience);
      for (let keys = 0; keys < each; ) {
        if (ended !== undefined) {
          expectOrder(machine, ended, session);
          ended = undefined;
          session = start(machine);
          follow(session);
          await session.sees('SLIPWAY', patience);
        }
        const burst = Array.from({ length: 25 }, () => some[Math.floor(random() * some.length)] ?? '').join('');
        session.type(burst);
        keys += 25;
        pressed += 25;
        await pause(15);
        if (random() < 0.1 && ended === undefined) session.resize(1 + Math.floor(random() * 160), 1 + Math.floor(random() * 60));
      }
      if (ended === undefined) {
        session.resize(80, 24);
        // Wherever it got to: Ctrl-C and y lead out, in plain questions Ctrl-C alone.
        for (let tries = 0; tries < 20 && ended === undefined; tries++) {
          session.type('\u0003');
          await pause(200);
          session.type('y');
          // A second Ctrl-C would hit a program that is just ending.
          for (const until = Date.now() + 1500; Date.now() < until && ended === undefined; ) await pause(20);
        }
      }
      expectOrder(machine, ended, session);
      for (const until = Date.now() + 5000; Date.now() < until && session.onSecondScreen(); ) await pause(20);
      if (session.onSecondScreen()) throw new Error(`${machine}: the terminal was not given back; last came ${JSON.stringify(session.raw().slice(-300))}`);
    }
    expect(pressed).toBeGreaterThanOrEqual(10_000);
  }, 600_000);
});
