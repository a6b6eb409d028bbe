/** Programs in a real pseudo-terminal, with a headless terminal at the other end. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** bun, whose runtime the shipped executable has. */
export const bunPath = ['x64', 'aarch64'].map((arch) => join(root, `node_modules/@oven/bun-linux-${arch}/bin/bun`)).find(existsSync) ?? null;

/** The shipped executable, when it was built. */
export const slipwayPath = join(root, 'dist/slipway');

/** Bundles the console over fake effects as the build bundles the real one; returns the file. */
export const bundleFakeConsole = async (): Promise<string> => {
  const outfile = join(mkdtempSync(join(tmpdir(), 'slipway-terminal-')), 'fake-console.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['test/terminal/fake-console.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    plugins: [
      {
        name: 'no-devtools',
        setup(plugin) {
          plugin.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'empty', namespace: 'empty' }));
          plugin.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {}' }));
        },
      },
    ],
    banner: { js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  return outfile;
};

export interface Session {
  readonly pid: number;
  type(keys: string): void;
  lines(): readonly string[];
  text(): string;
  /** Waits until the screen holds this. A plan that asks for consent, and the end of an install, are read before anything is typed. */
  sees(wanted: string | RegExp, patience?: number): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Exit code, or null for a signal; fails when the program does not end in time. */
  ended(patience?: number): Promise<number | null>;
  kill(signal: string): void;
  /** The terminal takes nothing until `read`. */
  stopReading(): void;
  read(): void;
  /** Is the second screen, which full-screen programs use, on? */
  onSecondScreen(): boolean;
  /** Everything that was received. */
  raw(): string;
}

export interface SessionOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Bytes a second that the line takes; as fast as it goes when left out. */
  readonly speed?: number;
}

export const startSession = (command: readonly string[], options: SessionOptions = {}): Session => {
  const [columns, rows] = [options.columns ?? 80, options.rows ?? 24];
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const [program = '', ...args] = command;
  const pty = spawn(program, [...args], {
    cols: columns,
    rows,
    name: options.environment?.['TERM'] ?? 'xterm-256color',
    env: { PATH: process.env['PATH'] ?? '', HOME: '/tmp', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...options.environment },
  });
  let received = '';
  let code: number | null | undefined;
  let ready = Promise.resolve();
  pty.onData((data) => {
    received += data;
    if (options.speed === undefined) {
      terminal.write(data);
      return;
    }
    // A slow line: what was sent arrives in time, and the sender has to wait for it.
    const duration = (Buffer.byteLength(data) / options.speed) * 1000;
    pty.pause();
    ready = ready.then(
      () =>
        new Promise((resolve) => {
          setTimeout(() => {
            terminal.write(data);
            pty.resume();
            resolve();
          }, duration);
        }),
    );
  });
  pty.onExit(({ exitCode, signal }) => {
    code = signal !== undefined && signal !== 0 ? null : exitCode;
  });
  const lines = (): readonly string[] => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '');
  };
  const text = (): string => lines().join('\n');
  const waitFor = async (what: string, patience: number, holds: () => boolean): Promise<void> => {
    const until = Date.now() + patience;
    while (!holds()) {
      if (Date.now() > until) throw new Error(`waited ${patience} ms for: ${what}\n${text()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    pid: pty.pid,
    type: (keys) => pty.write(keys),
    lines,
    text,
    sees: async (wanted, patience = 10_000) => {
      await waitFor(String(wanted), patience, () => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text())));
      if (/ (?:CONFIRM|DONE|FAILED)\s*$/.test(text())) await new Promise((resolve) => setTimeout(resolve, 1200));
    },
    resize: (newColumns, newRows) => {
      try {
        // The library refuses what a serial line reports; it is set from the program's side then.
        if (newColumns > 0 && newRows > 0) pty.resize(newColumns, newRows);
        else execFileSync('stty', ['-F', readlinkSync(`/proc/${pty.pid}/fd/0`), 'cols', String(newColumns), 'rows', String(newRows)]);
      } catch {
        // The program has just ended.
        return;
      }
      terminal.resize(Math.max(2, newColumns), Math.max(1, newRows));
    },
    ended: async (patience = 10_000) => {
      await waitFor('the end of the program', patience, () => code !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return code ?? null;
    },
    kill: (signal) => pty.kill(signal),
    stopReading: () => pty.pause(),
    read: () => pty.resume(),
    onSecondScreen: () => terminal.buffer.active.type === 'alternate',
    raw: () => received,
  };
};
