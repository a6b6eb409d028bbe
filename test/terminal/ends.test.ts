/** The shipped executable and its terminal: taken, lent, stopped, resized to nothing, hung up, and always given back. */
import { execFileSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { slipwayPath, startSession } from './pty.ts';
import type { Session, SessionOptions } from './pty.ts';

const machine = ['--machine', 'test/machines/sata.json'];
const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));
const start = (args: readonly string[] = machine, options: SessionOptions = {}): Session => startSession([slipwayPath, ...args], options);
const asking = /WELCOME 1\/\d+ - ASKING/;

const expectGivenBack = (session: Session): void => {
  expect(session.onSecondScreen()).toBe(false);
  const raw = session.raw();
  expect(raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001B[?25l'));
  expect(raw.lastIndexOf('\u001B[?2004l')).toBeGreaterThanOrEqual(raw.lastIndexOf('\u001B[?2004h'));
};

if (!existsSync(slipwayPath)) console.warn('skipped: dist/slipway is not built');

describe.skipIf(!existsSync(slipwayPath))('the executable at a terminal', () => {
  it('keeps keys that were typed before it listened', async () => {
    const session = start();
    // The first frame is there long before anything can hear a key.
    await session.sees('Looking at this machine');
    session.type('?');
    await session.sees('Keys', 20_000);
    session.type('q');
    await session.sees(asking, 20_000);
    session.type('\u0003y');
    expect(await session.ended()).toBe(130);
    expectGivenBack(session);
  }, 60_000);

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'])('ends in order on %s while it waits for an answer', async (signal) => {
    const session = start();
    await session.sees(asking, 20_000);
    session.kill(signal);
    expect(await session.ended()).toBe(130);
    expectGivenBack(session);
    expect(session.text()).toContain('SIMULATED slipway: interrupted before the disk was touched; nothing was written');
  }, 60_000);

  it.each([['Ctrl-C', '\u0003'], ['Ctrl-D', '\u0004']])('ends on %s at a question whose answer is not echoed, without Enter', async (_, key) => {
    const session = start(['--plain', ...machine]);
    await session.sees('Enter continues', 20_000);
    session.type('\r');
    await session.sees('Enter goes on', 20_000);
    session.type('\r');
    await session.sees('Hostname', 20_000);
    session.type('\r');
    await session.sees('User, ', 20_000);
    session.type('operator\r');
    await session.sees('Password, ', 20_000);
    session.type(`half of i${key}`);
    expect(await session.ended(20_000)).toBe(130);
    expect(session.text()).not.toContain('half');
  }, 60_000);

  it.each(['SIGTERM', 'SIGHUP'])('ends in order on %s between the first frame and the first key', async (signal) => {
    const session = start();
    await session.sees('Looking at this machine');
    session.kill(signal);
    expect(await session.ended(20_000)).toBe(130);
    expectGivenBack(session);
  }, 60_000);

  it('finds the terminal again after a stop by job control', async () => {
    const session = start();
    await session.sees(asking, 20_000);
    session.kill('SIGTSTP');
    for (const until = Date.now() + 10_000; Date.now() < until && session.onSecondScreen(); ) await pause(20);
    expectGivenBack(session);
    session.kill('SIGCONT');
    await session.sees(asking, 20_000);
    expect(session.onSecondScreen()).toBe(true);
    session.type('\r');
    await session.sees('Where does', 20_000);
    session.type('\u0003y');
    expect(await session.ended()).toBe(130);
    expectGivenBack(session);
  }, 60_000);

  it('leaves the second screen also when a Ctrl-C threw away that it was left', async () => {
    const session = start();
    await session.sees(asking, 20_000);
    session.stopReading();
    // What the terminal's end of the line has room for is past throwing away: 4 KiB, some screens.
    for (let time = 0; time < 8; time++) {
      session.type('\u000C');
      await pause(100);
    }
    session.type('\u0010');
    // The keys are the kernel's again: from now on it hears Ctrl-C, and with it drops what the terminal has not taken.
    const line = readlinkSync(`/proc/${session.pid}/fd/0`);
    for (const until = Date.now() + 10_000; Date.now() < until && !/ icanon/.test(execFileSync('stty', ['-a', '-F', line], { encoding: 'utf8' })); ) await pause(50);
    await pause(300);
    session.kill('SIGSTOP');
    session.type('\u0003');
    await pause(300);
    session.read();
    session.kill('SIGCONT');
    expect(await session.ended()).toBe(130);
    expect(session.raw()).not.toContain('\u001B[?1049l');
    expectGivenBack(session);
  }, 60_000);

  it('survives storms of sizes, none and one among them', async () => {
    const session = start();
    await session.sees(asking, 20_000);
    const sizes: readonly (readonly [number, number])[] = [[1, 1], [0, 0], [80, 24], [1, 60], [200, 1], [39, 9], [2, 2]];
    for (let turn = 0; turn < 60; turn++) {
      const [columns, rows] = sizes[turn % sizes.length] ?? [80, 24];
      session.resize(columns, rows);
      session.type(turn % 2 === 0 ? '\u001B[B' : '\u001B[A');
      await pause(10);
    }
    session.resize(80, 24);
    await session.sees(asking, 20_000);
    session.type('\u0003y');
    expect(await session.ended()).toBe(130);
    expectGivenBack(session);
  }, 60_000);

  it('goes from screens to plain questions and back, and keeps the place', async () => {
    const session = start();
    await session.sees(asking, 20_000);
    session.type('\r');
    await session.sees('Where does', 20_000);
    session.type('\u0010');
    await session.sees('== Configuration ==', 20_000);
    expect(session.onSecondScreen()).toBe(false);
    session.type('screens\r');
    for (const until = Date.now() + 10_000; Date.now() < until && !session.onSecondScreen(); ) await pause(20);
    expect(session.onSecondScreen()).toBe(true);
    await session.sees(/CONFIGURATION 2\/\d+ - ASKING/, 20_000);
    session.type('?');
    await session.sees('Keys', 20_000);
    session.type('q\u0003y');
    expect(await session.ended()).toBe(130);
    expectGivenBack(session);
  }, 60_000);

  it('says that there is no shell where a recorded machine is played', async () => {
    const session = start();
    await session.sees(asking, 20_000);
    session.type('!');
    await session.sees('no shell here: a recorded machine is played', 20_000);
    session.type('\u0003y');
    expect(await session.ended()).toBe(130);
  }, 60_000);

  it('goes out to a shell, twice, and comes back to the same screen with every answer', async () => {
    const session = start(['--source', 'dir:/nonexistent'], { environment: { SHELL: '/bin/sh' } });
    await session.sees(/WELCOME 1\/\d+ - (?:ASKING|BLOCKED)/, 60_000);
    session.type('\r');
    await session.sees('Where does', 20_000);
    for (const round of [1, 2]) {
      session.type('\u001A');
      await session.sees('This is a shell', 20_000);
      expect(session.onSecondScreen()).toBe(false);
      // Every key arrives, also those that come at once.
      session.type(`echo round-$((${round} + 40))\r`);
      await session.sees(`round-${40 + round}`, 20_000);
      // Ctrl-C is the shell's.
      session.type('sleep 60\r');
      await pause(300);
      session.type('\u0003');
      session.resize(100, 30);
      session.type('stty size; exit\r');
      await session.sees(/CONFIGURATION 2\/\d+/, 20_000);
      expect(session.raw()).toContain('30 100');
      session.resize(80, 24);
    }
    session.type('?');
    await session.sees('Keys', 20_000);
    session.type('q\u0003y');
    expect(await session.ended()).toBe(130);
    expectGivenBack(session);
  }, 120_000);

  it('takes the shell down with it when the line is hung up', async () => {
    const session = start(['--source', 'dir:/nonexistent'], { environment: { SHELL: '/bin/sh' } });
    await session.sees(/WELCOME 1\/\d+ - (?:ASKING|BLOCKED)/, 60_000);
    session.type('!');
    await session.sees('This is a shell', 20_000);
    session.type('echo shell-is-$$\r');
    await session.sees(/shell-is-\d+/, 20_000);
    const shell = Number(/shell-is-(\d+)/.exec(session.text())?.[1]);
    session.kill('SIGTERM');
    expect(await session.ended(20_000)).toBe(130);
    for (const until = Date.now() + 5000; Date.now() < until && existsSync(`/proc/${shell}`); ) await pause(20);
    expect(existsSync(`/proc/${shell}`)).toBe(false);
    expectGivenBack(session);
  }, 120_000);
});
