/** Hands our terminal to a program and waits for its end. */
import { spawn } from 'node:child_process';
import { childEnvironment } from './run-command.ts';
import type { System } from './port.ts';

/** What a program at a terminal needs to know of it. */
const ofTheTerminal = ['TERM', 'COLORTERM', 'LANG', 'LC_ALL', 'LC_CTYPE', 'HOME', 'USER', 'SHELL'] as const;

export const attach: System['attach'] = (command, signal) =>
  new Promise((resolve) => {
    const [file = '', ...args] = command;
    if (signal?.aborted === true) return resolve({ exitCode: null, missing: false });
    const own = Object.fromEntries(ofTheTerminal.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
    // Not in a session of its own: it has to get at the terminal, and what is typed there must not reach us.
    const child = spawn(file, args, { stdio: 'inherit', env: { ...childEnvironment, ...own } });
    // An interactive shell takes no SIGTERM; a hang-up ends it and what it has started.
    const stop = (): void => void child.kill('SIGHUP');
    const end = (exitCode: number | null, missing: boolean): void => {
      signal?.removeEventListener('abort', stop);
      resolve({ exitCode, missing });
    };
    signal?.addEventListener('abort', stop, { once: true });
    child.once('error', (error: NodeJS.ErrnoException) => end(null, error.code === 'ENOENT'));
    child.once('exit', (code) => end(code, false));
  });
