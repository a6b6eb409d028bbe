/**
 * Runs a short command to its end, with the limits of the port. The start of most runs of slipway is a few of these: `execa`, which drives
 * the long commands (`real.ts`), takes longer to load than all of them to run.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { CommandResult, RunOptions } from './port.ts';

const MiB = 1024 * 1024;

/** Children get this and nothing else of our environment: what isn't there cannot leak. */
export const childEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  LANG: 'C',
  HOME: '/root',
};

/** ms after the polite signal until the other one, and after that until it is left to itself: a process that waits for a dead disk dies never. */
const killDelay = 1000;
const unkillable = 500;

/** Process groups that are running: nothing outlives us. */
const running = new Set<number>();
let watching = false;

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    // Each command leads a group of its own: what it started goes with it.
    process.kill(-pid, signal);
  } catch {
    // gone already
  }
};

const endWithUs = (pid: number): void => {
  running.add(pid);
  if (watching) return;
  watching = true;
  process.once('exit', () => {
    for (const each of running) signalGroup(each, 'SIGKILL');
  });
};

/** Collects a stream up to a limit; `full` is called once there is more. */
const collect = (stream: NodeJS.ReadableStream, limit: number, full: () => void): (() => string) => {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    if (length + chunk.length > limit) full();
    if (length < limit) chunks.push(chunk.subarray(0, limit - length));
    length += chunk.length;
  });
  stream.on('error', () => undefined);
  return () => Buffer.concat(chunks).toString('utf8');
};

const nothing: CommandResult = { stdout: '', stderr: '', exitCode: null, missing: false, timedOut: false, truncated: false };

/** Never throws: what went wrong is in the result. `command` holds at least the program. */
export const runToEnd = (command: readonly string[], options: RunOptions = {}): Promise<CommandResult> =>
  new Promise((resolve) => {
    const [file = '', ...args] = command;
    if (options.signal?.aborted === true) return resolve(nothing);
    let child: ChildProcess;
    try {
      child = spawn(file, args, {
        env: { ...childEnvironment, ...options.environment },
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        detached: true,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
    } catch (error) {
      return resolve({ ...nothing, missing: (error as NodeJS.ErrnoException).code === 'ENOENT' });
    }
    const { pid } = child;
    if (pid !== undefined) endWithUs(pid);
    let timedOut = false;
    let truncated = false;
    const timers: NodeJS.Timeout[] = [];
    const later = (duration: number, then: () => void): void => void timers.push(setTimeout(then, duration));
    const end = (exitCode: number | null, missing = false): void => {
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
      if (pid !== undefined) running.delete(pid);
      resolve({ stdout: stdout(), stderr: stderr(), exitCode, missing, timedOut, truncated });
    };
    let stopping = false;
    const stop = (): void => {
      if (stopping || pid === undefined) return;
      stopping = true;
      signalGroup(pid, 'SIGTERM');
      later(killDelay, () => {
        signalGroup(pid, 'SIGKILL');
        later(unkillable, () => end(null));
      });
    };
    const full = (): void => {
      truncated = true;
      stop();
    };
    const limit = options.maxBytes ?? 16 * MiB;
    const stdout = child.stdout === null ? () => '' : collect(child.stdout, limit, full);
    const stderr = child.stderr === null ? () => '' : collect(child.stderr, limit, full);
    child.once('error', (error: NodeJS.ErrnoException) => end(null, error.code === 'ENOENT'));
    child.once('close', (code) => end(code));
    options.signal?.addEventListener('abort', stop, { once: true });
    const timeout = options.timeout ?? 10_000;
    if (timeout > 0) {
      later(timeout, () => {
        timedOut = true;
        stop();
      });
    }
    if (child.stdin !== null) {
      // A program that reads nothing closes its end.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input);
    }
  });
