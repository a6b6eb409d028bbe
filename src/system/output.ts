/**
 * Standard output and error, written straight to their descriptors: the streams of `process`, and `node:tty` with them, cost several times
 * the start of the whole program. A closed pipe (`slipway probe | head`) is not an error.
 */
import { writeSync } from 'node:fs';

export interface Output {
  /** Never throws: an install does not stop half-way for a log that is full. */
  print(text: string): void;
  error(text: string): void;
  /** Something of what was printed could not be written (a full disk); it was said on standard error. */
  readonly isLost: boolean;
  /** Standard input and output are a terminal. */
  readonly isTerminal: boolean;
  /** Width for tables; 80 where it isn't known. */
  readonly columns: number;
}

/** Loaded when it is asked for. */
const isatty = (descriptor: number): boolean => process.getBuiltinModule('node:tty').isatty(descriptor);

const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

/** ms between two tries on a pipe that is full */
const pause = 5;

/**
 * Writes before anything else may run, as no stream does. Waits while the other end takes nothing, at most `patience` ms; what is not
 * taken by then, or by a line that is gone, is lost.
 */
export const writeNow = (descriptor: number, text: string, patience = Infinity): void => {
  let rest = Buffer.from(text, 'utf8');
  let waited = 0;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE' || code === 'EIO' || waited >= patience) return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
      waited += pause;
    }
  }
};

const writeLine = (descriptor: number, text: string): void => writeNow(descriptor, withNewline(text));

const complain = (text: string): void => {
  try {
    writeLine(2, text);
  } catch {
    // There is nowhere left to say it.
  }
};

export const createOutput = (): Output => {
  let lost = false;
  return {
    print(text) {
      if (lost) return;
      try {
        writeLine(1, text);
      } catch (error) {
        lost = true;
        complain(`slipway: standard output cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)}); what follows is lost`);
      }
    },
    error: complain,
    get isLost() {
      return lost;
    },
    get isTerminal() {
      return isatty(0) && isatty(1);
    },
    get columns() {
      // A serial line says 0.
      return isatty(1) ? process.stdout.columns || 80 : 80;
    },
  };
};
