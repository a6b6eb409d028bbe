/** Where text goes. A closed pipe (`slipway probe | head`) is not an error. */
export interface Output {
  print(text: string): void;
  error(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

export const createOutput = (): Output => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    print: (text) => void process.stdout.write(withNewline(text)),
    error: (text) => void process.stderr.write(withNewline(text)),
    isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 80,
  };
};
