/**
 * The terminal's life: taken once, given back on every way out. Neither Node nor bun restores a terminal after an
 * uncaught error or a signal, so it is done here.
 */
import { EventEmitter } from 'node:events';
import { writeNow } from '../system/output.ts';
import { createPainter } from './painter.ts';
import type { Abilities, Painter, Palette } from './painter.ts';

/** What is used of a terminal's input; `process.stdin` fits. */
export interface TerminalInput extends NodeJS.ReadableStream {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  ref?(): unknown;
}

/** What is used of a terminal's output; `process.stdout` fits. */
export interface TerminalOutput extends NodeJS.WritableStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  readonly fd?: number;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const sane = (value: number | undefined, fallback: number): number =>
  value === undefined || value <= 0 ? fallback : Math.min(value, 500);

/** A serial line reports 0x0; that is drawn as 80x24. */
export const sizeOf = (output: TerminalOutput): Size => ({
  columns: sane(output.columns, 80),
  rows: sane(output.rows, 24),
});

/** What can be shown, from the names a terminal goes by. */
export const abilitiesOf = (environment: Readonly<Record<string, string | undefined>>, color: boolean): Abilities => {
  const term = environment['TERM'] ?? '';
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  // The Linux console is in UTF-8 mode and its fonts have the single-line boxes, but little else; elsewhere the locale tells.
  const consoleFont = term === 'linux';
  const unicode = consoleFont || (/utf-?8/i.test(locale) && !/^(?:vt|ansi|dumb)/.test(term));
  return { color: color && !environment['NO_COLOR'] && term !== 'dumb' && !term.startsWith('vt'), unicode, consoleFont, slow: term.startsWith('vt') };
};

/** Ink's way to the terminal: it hands over whole frames, the painter does the rest. */
export class FrameStream extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  readonly #painter: Painter;
  readonly #say: (text: string) => void;

  constructor(size: Size, painter: Painter, say: (text: string) => void) {
    super();
    this.columns = size.columns;
    this.rows = size.rows;
    this.#painter = painter;
    this.#say = say;
    this.setMaxListeners(0);
  }

  write(frame: string, encoding?: unknown, done?: unknown): boolean {
    // Modes that Ink switches by itself (bracketed paste) are no frame.
    if (frame.startsWith('\u001B[?')) this.#say(frame);
    else if (frame !== '' && frame !== '\n') this.#painter.paint(frame);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') queueMicrotask(() => void callback());
    return true;
  }

  setSize(size: Size): void {
    this.columns = size.columns;
    this.rows = size.rows;
    this.#painter.resize(size.columns, size.rows);
    this.emit('resize');
  }
}

export type EndSignal = 'SIGTERM' | 'SIGHUP' | 'SIGINT';

/** Hears signals and bugs until the returned function is called. */
export const hearEnds = (onSignal: (signal: EndSignal) => void, onCrash: (error: unknown) => void): (() => void) => {
  const signals = (['SIGTERM', 'SIGHUP', 'SIGINT'] as const).map((signal) => ({ signal, handler: () => onSignal(signal) }));
  for (const { signal, handler } of signals) process.on(signal, handler);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  return () => {
    for (const { signal, handler } of signals) process.off(signal, handler);
    process.off('uncaughtException', onCrash);
    process.off('unhandledRejection', onCrash);
  };
};

export interface Terminal {
  readonly input: TerminalInput;
  /** For Ink. */
  readonly frames: FrameStream;
  /** Paints a frame now, before anything else may run. */
  show(frame: string): void;
  /** Calls once, when what is drawn by now was written; in place of what was to be called before. Null calls nothing. */
  whenPainted(done: (() => void) | null): void;
  /** From now on signals go there; one that came before goes there at once. */
  hear(onSignal: (signal: EndSignal) => void): void;
  /** Paints everything anew. */
  redraw(): void;
  /** Colours on or off. */
  switchColor(): void;
  /** Other colours for headings and bars. */
  setPalette(palette: Palette): void;
  /** Somebody else has the terminal until it is taken back: nothing is drawn, and it is as it was found. */
  lend(): void;
  takeBack(): void;
  /** Gives the terminal back; safe to call twice. */
  restore(): void;
}

export interface TerminalOptions {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly abilities: Abilities;
  /** A bug: called after the terminal was given back. Ends the process. */
  readonly onCrash: (error: unknown) => void;
}

const enter = '\u001B[?1049h\u001B[?25l\u001B[H\u001B[2J';
// The Linux console has no second screen: clear what is there before leaving it.
const leave = '\u001B[m\u001B[H\u001B[2J\u001B[?2004l\u001B[?25h\u001B[?1049l';
/**
 * Leaves the second screen once more, and changes nothing where it was left. For a Ctrl-C after the terminal was given back: at that key the
 * kernel throws away what the terminal has not taken yet (`NOFLSH` in termios(3)), which may be the way out.
 */
export const leaveAgain = '\u001B[?2004l\u001B[?25h\u001B[?1047l';

/** ms that a line which takes nothing (flow control, a stopped reader) can hold up the end of the program */
const patience = 2000;

/** Takes the terminal over. */
export const openTerminal = (options: TerminalOptions): Terminal => {
  const { stdin, stdout } = options;
  let state: 'ours' | 'lent' | 'stopped' | 'given back' = 'ours';

  // Written past the stream: on a crash nothing queued is sent any more, and the first frame waits for nothing.
  const say = (text: string): void => {
    try {
      if (stdout.fd === undefined) stdout.write(text);
      else writeNow(stdout.fd, text, patience);
    } catch {
      // The line is gone; there is nobody to tell.
    }
  };

  let atOnce = false;
  const painter = createPainter(
    {
      write: (text, done) => {
        if (!atOnce) return stdout.write(text, () => done());
        say(text);
        done();
        return true;
      },
    },
    options.abilities,
    sizeOf(stdout),
  );
  const frames = new FrameStream(sizeOf(stdout), painter, (text) => {
    if (state === 'ours') say(text);
  });

  const setRaw = (raw: boolean): void => {
    try {
      stdin.setRawMode?.(raw);
    } catch {
      // Already closed.
    }
  };
  const redraw = (): void => {
    painter.forget();
    frames.emit('resize');
  };
  const handOver = (to: 'lent' | 'stopped'): void => {
    if (state !== 'ours') return;
    state = to;
    painter.pause();
    // In this order: from the moment at which keys are the kernel's again, a Ctrl-C throws away what was said and not taken yet.
    say(leave);
    setRaw(false);
  };
  const takeBack = (): void => {
    if (state === 'given back') return;
    state = 'ours';
    setRaw(true);
    say(enter);
    const { columns, rows } = sizeOf(stdout);
    if (columns !== frames.columns || rows !== frames.rows) frames.setSize({ columns, rows });
    painter.resume();
  };

  let onSignal: ((signal: EndSignal) => void) | null = null;
  let early: EndSignal | null = null;
  const signalled = (signal: EndSignal): void => {
    // A Ctrl-C in the shell is the shell's.
    if (state === 'lent' && signal === 'SIGINT') return;
    if (onSignal === null) early = signal;
    else onSignal(signal);
  };

  const onResize = (): void => frames.setSize(sizeOf(stdout));
  const onGone = (): void => signalled('SIGHUP');
  // Job control: the shell that stops us finds its terminal as it was, and we find it changed when we go on.
  const onStop = (): void => {
    handOver('stopped');
    process.kill(process.pid, 'SIGSTOP');
  };
  const onContinue = (): void => {
    if (state !== 'lent') takeBack();
  };

  const restore = (): void => {
    if (state === 'given back') return;
    if (state === 'ours') {
      painter.stop();
      say(leave);
      setRaw(false);
    }
    state = 'given back';
    stdout.off('resize', onResize);
    stdin.off('end', onGone);
    process.off('SIGTSTP', onStop);
    process.off('SIGCONT', onContinue);
    process.off('exit', restore);
    unhear();
    // Error handlers stay: a line that is gone may report so later, and that must not end in a crash.
  };
  const unhear = hearEnds(signalled, (error) => {
    restore();
    options.onCrash(error);
  });

  stdout.on('resize', onResize);
  stdout.on('error', onGone);
  stdin.on('error', onGone);
  stdin.on('end', onGone);
  process.on('SIGTSTP', onStop);
  process.on('SIGCONT', onContinue);
  process.on('exit', restore);
  say(enter);
  let { color } = options.abilities;
  return {
    input: stdin,
    frames,
    show: (frame) => {
      atOnce = true;
      painter.paint(frame);
      atOnce = false;
      // What is typed from now on waits unechoed until somebody listens.
      setRaw(true);
    },
    hear: (listener) => {
      onSignal = listener;
      if (early !== null) listener(early);
      early = null;
    },
    whenPainted: painter.whenPainted,
    redraw,
    switchColor: () => {
      color = !color;
      painter.setColor(color);
      redraw();
    },
    setPalette: (palette) => {
      painter.setPalette(palette);
      redraw();
    },
    lend: () => handOver('lent'),
    takeBack,
    restore,
  };
};
