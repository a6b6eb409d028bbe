/**
 * Standard output and error, written straight to their descriptors: the streams of `process`, and `node:tty` with them, cost several times
 * the start of the whole program. A closed pipe (`slipway probe | head`) is not an error.
 */
import { writeSync } from 'node:fs';

export interface Output {
  print(text: string): void;
  error(text: string): void;
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

export const createOutput = (): Output => ({
  print: (text) => writeLine(1, text),
  error: (text) => writeLine(2, text),
  get isTerminal() {
    return isatty(0) && isatty(1);
  },
  get columns() {
    // A serial line says 0.
    return isatty(1) ? process.stdout.columns || 80 : 80;
  },
});
