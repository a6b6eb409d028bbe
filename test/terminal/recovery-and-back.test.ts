/** From the installer to the recovery menu and back, with the shipped executable: every answer is there again (invariant 13). */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { slipwayPath, startSession } from './pty.ts';
import type { Session, SessionOptions } from './pty.ts';

const patience = 30_000;
const start = (more: readonly string[] = [], options: SessionOptions = {}): Session => startSession([slipwayPath, 'install', '--machine', 'test/machines/sata.json', ...more], options);

const toIdentity = async (session: Session): Promise<void> => {
  await session.sees(/ WELCOME \S+ \S+ ASKING/, patience);
  session.type('\r');
  await session.sees('Where does', patience);
  session.type('\r');
  await session.sees(/\(\*\) none/, patience);
  session.type('\r');
  await session.sees('Who is this machine', patience);
};

const toWelcome = async (session: Session): Promise<void> => {
  session.type('\u001B');
  await session.sees('Where does', patience);
  session.type('\u001B');
  await session.sees(/ WELCOME \S+ \S+ ASKING/, patience);
};

if (!existsSync(slipwayPath)) console.warn('skipped: dist/slipway is not built');

describe.skipIf(!existsSync(slipwayPath))('the recovery menu, opened from the installer', () => {
  it('names the machine, says that it is simulated, and leads back to every answer', async () => {
    const session = start();
    await toIdentity(session);
    session.type('unit-7\roperator\r');
    await session.sees(/> Password/, patience);
    await toWelcome(session);
    const unit = /^SLIPWAY (\S+) WELCOME/m.exec(session.text())?.[1] ?? '';
    for (const key of ['\u001B', 'q']) {
      session.type('m');
      await session.sees(new RegExp(`^SLIPWAY ${unit} RECOVERY-STATUS \\S+ \\S+ (?:ASKING|BLOCKED)`, 'm'), patience);
      expect(session.text()).toContain('recovery SIMULATED');
      expect(session.text()).toContain('Esc installer');
      session.type(key);
      await session.sees(new RegExp(`^SLIPWAY ${unit} WELCOME \\S+ \\S+ ASKING`, 'm'), patience);
    }
    await toIdentity(session);
    expect(session.text()).toContain('[unit-7');
    expect(session.text()).toContain('[operator');
    session.type('\u0003');
    await session.sees('Leave the console?', patience);
    session.type('y');
    expect(await session.ended(patience)).toBe(130);
    for (const until = Date.now() + 5000; Date.now() < until && session.onSecondScreen(); ) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(session.onSecondScreen()).toBe(false);
  }, 120_000);

  it('stays in plain questions and without colours where somebody had switched to them', async () => {
    const session = start([], { rows: 100 });
    await session.sees(/ WELCOME \S+ \S+ ASKING/, patience);
    session.type('\u0014\u0010');
    await session.sees(/Enter continues, r looks again:/, patience);
    const before = session.raw().length;
    session.type('recovery\r');
    await session.sees('recovery, plain mode', patience);
    await session.sees(/(?:quit leaves|Number of the disk|shows the actions, r looks again):\s*$/, patience);
    session.type('back\r');
    await session.sees(/recovery, plain mode[^]*Enter continues, r looks again:\s*$/, patience);
    // Not a sequence between the first question and the last.
    expect(session.raw().slice(before)).not.toContain('\u001B');
    session.type('screens\r');
    await session.sees('Enter install', patience);
    const screens = session.raw().slice(session.raw().lastIndexOf('\u001B[?1049h'));
    expect(screens).not.toMatch(/\u001B\[(?:0;)?(?:1;)?3[0-7]m/);
    session.type('qy');
    expect(await session.ended(patience)).toBe(130);
  }, 120_000);
});
