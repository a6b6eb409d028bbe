/** The console as a program in a pseudo-terminal, under Node and under the runtime of the shipped executable. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleFakeConsole, bunPath, startSession } from './pty.ts';
import type { Session } from './pty.ts';

let bundle = '';
beforeAll(async () => {
  bundle = await bundleFakeConsole();
});

const runtimes: readonly (readonly [string, string | null])[] = [
  ['node', process.execPath],
  ['bun', bunPath],
];

const toReview = async (session: Session): Promise<void> => {
  await session.sees('Supermicro');
  session.type('\r');
  await session.sees('Where does');
  session.type('\r');
  await session.sees('Which disk?');
  session.type('\r');
  await session.sees('Enter begins to write');
  // On a slow line the last line comes a good while later.
  await session.sees(/ CONFIRM\s*$/);
};

/** The terminal was given back: first screen, cursor shown, colours off. */
const expectGivenBack = (session: Session): void => {
  expect(session.onSecondScreen()).toBe(false);
  const raw = session.raw();
  expect(raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001B[?25l'));
  expect(raw.lastIndexOf('\u001B[?2004l')).toBeGreaterThanOrEqual(raw.lastIndexOf('\u001B[?2004h'));
};

describe.each(runtimes)('under %s', (_name, runtime) => {
  const start = (args: readonly string[] = [], options = {}): Session => startSession([runtime ?? '', bundle, ...args], options);
  const skip = runtime === null;

  it.skipIf(skip)('installs, gives the terminal back and leaves the result on it', async () => {
    const session = start(['good', '30']);
    await toReview(session);
    expect(session.onSecondScreen()).toBe(true);
    session.type('\r');
    await session.sees('What next?');
    session.type('\r');
    expect(await session.ended()).toBe(0);
    expectGivenBack(session);
    expect(session.text()).toContain('slipway: receipt /run/slipway/receipt.json');
    expect(session.text()).toContain('exit 0 finish none');
  });

  it.skipIf(skip)('gives the terminal back after a bug, and says so', async () => {
    const session = start(['--crash']);
    await session.sees('Supermicro');
    expect(await session.ended()).toBe(70);
    expectGivenBack(session);
    expect(session.text()).toContain('a bug stopped the console: made to fail');
  });

  it.skipIf(skip)('stops the install on SIGTERM and ends with its exit code', async () => {
    const session = start(['good', '400']);
    await toReview(session);
    session.type('\r');
    await session.sees('Lay down the system');
    session.kill('SIGTERM');
    expect(await session.ended()).toBe(6);
    expectGivenBack(session);
    expect(session.text()).toContain('stopped while the system was laid down');
  });

  it.skipIf(skip)('fails, says how the disk is, and tries again with every answer', async () => {
    const session = start(['fails', '30']);
    await toReview(session);
    session.type('\r');
    await session.sees('The install failed.');
    expect(session.text()).toContain('WAS WRITTEN TO');
    session.type('r');
    await session.sees('Enter begins to write');
    session.type('\r');
    await session.sees('What next?');
    session.type('\r');
    expect(await session.ended()).toBe(0);
    expectGivenBack(session);
  });

  it.skipIf(skip)('ends when the line is hung up', async () => {
    const session = start();
    await session.sees('Supermicro');
    session.kill('SIGHUP');
    expect(await session.ended()).toBe(130);
  });

  it.skipIf(skip)('survives a storm of sizes', async () => {
    const session = start();
    await session.sees('Supermicro');
    for (let turn = 0; turn < 30; turn++) {
      session.resize(1 + ((turn * 37) % 200), 1 + ((turn * 13) % 60));
      session.type('\u001B[B');
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    session.resize(80, 24);
    await session.sees('Supermicro');
    session.type('qy');
    expect(await session.ended()).toBe(130);
  });

  it.skipIf(skip)('takes everything that came in one read', async () => {
    const session = start(['good', '30']);
    await session.sees('Supermicro');
    session.type('\r\r\u001B[B\r');
    await session.sees('Data will be lost');
    session.type('abcd\r');
    await session.sees('What next?');
    session.type('qy');
    expect(await session.ended()).toBe(0);
  });

  it.skipIf(skip)('does the whole install in plain mode on a dumb terminal', async () => {
    const session = start(['good', '30'], { environment: { TERM: 'dumb' }, rows: 200 });
    await session.sees('Enter continues, r looks again:');
    session.type('\n');
    await session.sees('Enter goes on with what is read:');
    session.type('\n');
    await session.sees('Number of the disk');
    session.type('1\n');
    await session.sees('Type install to begin:');
    session.type('install\n');
    await session.sees('What next?');
    session.type('4\n');
    expect(await session.ended()).toBe(0);
    // Nothing but printable text and line ends.
    expect(session.raw()).toMatch(/^[\r\n -~]*$/);
  });
});

describe('over a line of 9600 baud', () => {
  it('can be worked with', async () => {
    const session = startSession([process.execPath, bundle, 'good', '100'], { speed: 960, environment: { TERM: 'vt100', LANG: '' } });
    await toReview(session);
    session.type('\r');
    await session.sees('What next?', 20_000);
    await session.sees(/ DONE\s*$/);
    session.type('\r');
    expect(await session.ended()).toBe(0);
  }, 60_000);
});
