/** A person at a headless terminal: runs the console with fake effects, types, and reads the screen. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import type { Effects } from '../../src/app/effects.ts';
import type { ConsoleOptions, ConsoleResult } from '../../src/app/console.tsx';
import { runConsole } from '../../src/app/console.tsx';
import { watchedScreens } from './layout.ts';
import { fakeEffects } from '../app/fake-effects.ts';
import type { FakeEffects, FakeOptions } from '../app/fake-effects.ts';

/** An output stream that is a terminal of a given size. */
export class FakeScreen extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  bytes = 0;
  /** Every character beyond ASCII that was ever sent. */
  readonly beyondAscii = new Set<string>();
  readonly terminal: xterm.Terminal;

  constructor(columns: number, rows: number) {
    super();
    [this.columns, this.rows] = [columns, rows];
    this.terminal = new xterm.Terminal({ cols: Math.max(2, columns), rows: Math.max(1, rows), allowProposedApi: true, convertEol: true });
  }

  write(text: string, encoding?: unknown, done?: unknown): boolean {
    this.bytes += Buffer.byteLength(text);
    for (const glyph of text.match(/[^\u0000-\u007F]/gu) ?? []) this.beyondAscii.add(glyph);
    const callback = typeof encoding === 'function' ? encoding : done;
    this.terminal.write(text, () => typeof callback === 'function' && void callback());
    return true;
  }

  resize(columns: number, rows: number): void {
    [this.columns, this.rows] = [columns, rows];
    this.terminal.resize(Math.max(2, columns), Math.max(1, rows));
    this.emit('resize');
  }
}

export interface Person {
  readonly effects: FakeEffects;
  /** Lines as they stand on the screen, without trailing blanks. */
  lines(): readonly string[];
  text(): string;
  /** What the view that is shown now loses without a sign, or has no rows for. */
  faults(): readonly string[];
  /** Sends bytes as a keyboard would. */
  type(keys: string): Promise<void>;
  /** Waits until the screen holds this. A plan that asks for consent, and the end of an install, are read before anything is typed. */
  sees(wanted: string | RegExp): Promise<void>;
  /** Looks at what is on the screen, as long as it takes before a key can consent to it: the clock goes on, nobody waits. */
  reads(): Promise<void>;
  /** Takes the hands off the keys until what is told about a highlighted row is there. */
  rests(): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  readonly screen: FakeScreen;
  readonly input: PassThrough;
  readonly result: Promise<ConsoleResult>;
  /** Ends the console. */
  leave(): Promise<ConsoleResult>;
}

export interface PersonOptions extends FakeOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly layers?: ConsoleOptions['layers'];
  readonly presets?: ConsoleOptions['presets'];
  readonly plain?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** Other effects than the fake ones. */
  readonly effects?: Effects;
}

export const keys = {
  up: '\u001B[A',
  down: '\u001B[B',
  right: '\u001B[C',
  left: '\u001B[D',
  pageDown: '\u001B[6~',
  pageUp: '\u001B[5~',
  home: '\u001B[H',
  end: '\u001B[F',
  enter: '\r',
  escape: '\u001B',
  tab: '\t',
  ctrlC: '\u0003',
  ctrlG: '\u0007',
  ctrlL: '\u000C',
  backspace: '\u007F',
} as const;

const soon = (duration = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

export const startPerson = async (options: PersonOptions = {}): Promise<Person> => {
  const screen = new FakeScreen(options.columns ?? 80, options.rows ?? 24);
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {}, ref: () => {}, unref: () => {} });
  const effects = fakeEffects(options);
  const watched = watchedScreens();
  const clock = options.now ?? Date.now;
  /** ms that went by while somebody read. */
  let read = 0;
  const result = runConsole({
    screens: watched.screens,
    effects: options.effects ?? effects,
    layers: options.layers ?? {},
    terminal: {
      stdin: input,
      stdout: screen as unknown as ConsoleOptions['terminal']['stdout'],
      plain: options.plain ?? false,
      color: true,
      environment: { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...options.environment },
    },
    version: '0.1.0',
    ...(options.presets === undefined ? {} : { presets: options.presets }),
    now: () => clock() + read,
    onCrash: (error) => {
      throw error;
    },
  });
  const lines = (): readonly string[] => {
    const { active } = screen.terminal.buffer;
    return Array.from({ length: screen.terminal.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '');
  };
  const text = (): string => lines().join('\n');
  const reads = async (): Promise<void> => {
    // By now it is known that the terminal has taken the picture.
    await soon(20);
    await drawn();
    read += 1000;
  };
  const sees = async (wanted: string | RegExp): Promise<void> => {
    const found = (): boolean => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()));
    for (const until = Date.now() + 25_000; Date.now() < until && !found(); ) await soon();
    await drawn();
    if (!found()) throw new Error(`not on the screen: ${wanted}\n${text()}`);
    if (/ (?:CONFIRM|DONE|FAILED)$/m.test(text())) await reads();
  };
  // The headless terminal works in slices: what was written is on the screen when an empty write came through.
  const drawn = (): Promise<void> => new Promise((resolve) => screen.terminal.write('', resolve));
  const type = async (bytes: string): Promise<void> => {
    input.write(bytes);
    // A lone Escape is told from a sequence by a pause.
    await soon(bytes.endsWith(keys.escape) ? 60 : 12);
    await drawn();
  };
  const person: Person = {
    effects,
    lines,
    text,
    faults: watched.faults,
    sees,
    type,
    screen,
    input,
    result,
    reads,
    rests: async () => {
      await soon(250);
      await drawn();
    },
    resize: async (columns, rows) => {
      screen.resize(columns, rows);
      await soon(12);
      await drawn();
    },
    leave: async () => {
      let ended = false;
      void result.finally(() => (ended = true));
      for (let tries = 0; tries < 20 && !ended; tries++) {
        // A run may have come to its end just now.
        await reads();
        await type(keys.ctrlC);
        await type('y');
        // The keys may have led to plain mode, where a line is needed; a shell that is open ends by itself.
        if (tries > 5) await type('\nquit\n');
        // It may be asking plain questions by now.
        if (tries > 2) await type('\nquit\n');
      }
      if (!ended) throw new Error(`no way out of:\n${text()}`);
      return result;
    },
  };
  await soon();
  return person;
};

/** From the first screen to the disks; a machine whose configuration asks nothing. */
export const toDisk = async (person: Person): Promise<void> => {
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Which disk?');
};

/** From the first screen to the review, with the disk that is highlighted. */
export const toReview = async (person: Person): Promise<void> => {
  await toDisk(person);
  await person.type(keys.enter);
  await person.sees('Enter begins');
};
