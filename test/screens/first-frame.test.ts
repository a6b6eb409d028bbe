/** The frame that is drawn before Ink is loaded: what Ink draws next must be the same, byte for byte. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { firstFrame, firstRecoveryFrame } from '../../screens/first-frame.ts';
import { startConsole } from '../../screens/index.ts';
import { startRecoveryConsole } from '../../screens/recovery/index.ts';
import { abilitiesOf, openTerminal, sizeOf } from '../../src/ui/terminal.ts';
import type { Size, Terminal, TerminalInput, TerminalOutput } from '../../src/ui/terminal.ts';
import { fakeEffects } from '../app/fake-effects.ts';
import { FakeScreen } from './helper.ts';

const never = new Promise<never>(() => {});
const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));
const fail = (error: unknown): never => {
  throw error;
};

/** A terminal that keeps what it was sent. */
class Listening extends FakeScreen {
  sent = '';
  override write(text: string, encoding?: unknown, done?: unknown): boolean {
    this.sent += text;
    return super.write(text, encoding, done);
  }
}

const sizes: readonly (readonly [number, number])[] = [[80, 24], [120, 40], [200, 60], [40, 10], [39, 9], [1, 1]];
const environments = [
  { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  { TERM: 'vt220', LANG: '' },
];

const setUp = (columns: number, rows: number, environment: Readonly<Record<string, string>>, frame: (size: Size) => string) => {
  const screen = new Listening(columns, rows);
  const stdin: TerminalInput = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {}, ref: () => {}, unref: () => {} });
  const stdout = screen as unknown as TerminalOutput;
  const opened: Terminal = openTerminal({ stdin, stdout, abilities: abilitiesOf(environment, true), onCrash: fail });
  opened.show(frame(sizeOf(stdout)));
  return { screen, stdin: stdin as TerminalInput & PassThrough, terminal: { stdin, stdout, plain: false, color: true, environment, opened } };
};

describe.each(sizes)('at %i x %i', (columns, rows) => {
  it.each(environments)('is what the installer goes on with on $TERM', async (environment) => {
    const { screen, stdin, terminal } = setUp(columns, rows, environment, (size) => firstFrame('0.1.0', true, size));
    const first = screen.sent;
    expect(first).toContain('SLIPWAY UNKNOWN WELCOME - - LOOKING'.slice(0, Math.max(0, columns - 1)));
    const effects = { ...fakeEffects({}), gather: () => never };
    const result = startConsole({ effects, layers: {}, terminal, version: '0.1.0', simulated: true, onCrash: fail });
    await pause(30);
    expect(screen.sent.slice(first.length).replaceAll(/\u001B\[\?2004h/g, '')).toBe('');
    // Ctrl-C and y lead out: keys are heard.
    stdin.write('\u0003');
    await pause(30);
    stdin.write('y');
    expect((await result).exitCode).toBe(130);
  });

  it('is what the recovery menu goes on with', async () => {
    const { screen, stdin, terminal } = setUp(columns, rows, { TERM: 'linux' }, (size) => firstRecoveryFrame('0.1.0', size));
    const first = screen.sent;
    const effects = { look: () => never } as unknown as Parameters<typeof startRecoveryConsole>[0]['effects'];
    const result = startRecoveryConsole({ effects, terminal, version: '0.1.0', onCrash: fail });
    await pause(30);
    expect(screen.sent.slice(first.length).replaceAll(/\u001B\[\?2004h/g, '')).toBe('');
    stdin.write('\u0003');
    await pause(30);
    stdin.write('y');
    await result;
  });
});
