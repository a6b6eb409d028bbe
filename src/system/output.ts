/**
 * Standard output and error, written straight to their descriptors: the streams of `process` cost several times the start of
 * the whole program. A closed pipe (`slipway probe | head`) is not an error.
 */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

export interface Output {
  print(text: string): void;
  error(text: string): void;
  /** Standard input and output are a terminal. */
  readonly isTerminal: boolean;
  /** Width for tables; 80 where it isn't known. */
  readonly columns: number;
}

const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

/** ms between two tries on a pipe that is full */
const pause = 5;

const writeAll = (descriptor: number, text: string): void => {
  let rest = Buffer.from(withNewline(text), 'utf8');
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE' || code === 'EIO') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
};

export const createOutput = (): Output => ({
  print: (text) => writeAll(1, text),
  error: (text) => writeAll(2, text),
  get isTerminal() {
    return isatty(0) && isatty(1);
  },
  get columns() {
    return isatty(1) ? (process.stdout.columns ?? 80) : 80;
  },
});
