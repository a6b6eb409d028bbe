/**
 * A program for a person to work in, on a terminal of its own that is joined to ours. It cannot simply be given ours: the runtime of the
 * executable never quite lets go of its standard input, so that the first keys would be lost and ours would be dead afterwards.
 */
import { childEnvironment } from './run-command.ts';
import type { Line, System } from './port.ts';

/** What a program at a terminal needs to know of it and of the person. */
const ofTheTerminal = ['TERM', 'COLORTERM', 'LANG', 'LC_ALL', 'LC_CTYPE', 'HOME', 'USER', 'SHELL'] as const;

interface OwnTerminal {
  write(data: string | Uint8Array): unknown;
  resize(columns: number, rows: number): void;
  close(): void;
}

/** The part of bun's `spawn` that is used. */
type Spawn = (
  command: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly terminal: { readonly cols: number; readonly rows: number; data(terminal: OwnTerminal, bytes: Uint8Array): void } },
) => { readonly terminal: OwnTerminal; readonly exited: Promise<number>; kill(signal: NodeJS.Signals): void };

const spawnOf = (runtime: typeof globalThis): Spawn | null => {
  const { Bun: bun } = runtime as { readonly Bun?: { readonly spawn?: Spawn; readonly Terminal?: unknown } };
  return bun?.Terminal === undefined ? null : (bun.spawn ?? null);
};

/** Hands what is typed on to `write` until the returned function is called. */
const forward = ({ input }: Line, write: (data: string | Uint8Array) => void): (() => void) => {
  const onReadable = (): void => {
    for (let chunk = input.read(); chunk !== null; chunk = input.read()) write(chunk);
  };
  input.on('readable', onReadable);
  return () => void input.off('readable', onReadable);
};

export const attach: System['attach'] = async (command, line, signal) => {
  const spawn = spawnOf(globalThis);
  if (spawn === null || signal?.aborted === true) return { exitCode: null, missing: true };
  const environment = Object.fromEntries(ofTheTerminal.map((name) => [name, process.env[name]]));
  const { columns, rows } = line.size();
  let child: ReturnType<Spawn>;
  try {
    child = spawn(command, { env: { ...childEnvironment, ...environment }, terminal: { cols: columns, rows, data: (_terminal, bytes) => line.write(bytes) } });
  } catch {
    return { exitCode: null, missing: true };
  }
  // An interactive shell takes no SIGTERM; a hang-up ends it and what it has started.
  const stop = (): void => child.kill('SIGHUP');
  signal?.addEventListener('abort', stop, { once: true });
  const unforward = forward(line, (data) => void child.terminal.write(data));
  const unhear = line.onResize((size) => child.terminal.resize(size.columns, size.rows));
  try {
    return { exitCode: await child.exited, missing: false };
  } finally {
    unforward();
    unhear();
    signal?.removeEventListener('abort', stop);
    child.terminal.close();
  }
};
