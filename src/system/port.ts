/**
 * How Slipway touches the world. Everything with an effect goes through this interface; `real.ts` does it,
 * `recorded.ts` plays a recorded machine. Commands are argument lists, never shell text.
 */

import type { HardwareSummary } from './summary.ts';

export interface RunOptions {
  /** Written to standard input, which is then closed. Secrets go here, never into the arguments. */
  readonly input?: string | Uint8Array;
  /** ms; default 10 000. `0` means none. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  /** Added to the short fixed environment. Never a secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Keep at most this many bytes of each stream; default 16 MiB. What comes after is dropped and `truncated` is set. */
  readonly maxBytes?: number;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** null: it could not be started (`missing`), was killed by a signal or by the time-out */
  readonly exitCode: number | null;
  /** The program is not installed. */
  readonly missing: boolean;
  readonly timedOut: boolean;
  readonly truncated: boolean;
}

export interface StreamOptions extends Omit<RunOptions, 'maxBytes'> {
  /** Called with every line of standard output and standard error; lines over 64 KiB are cut. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'block' | 'character' | 'other';
  /** bytes; 0 for block devices */
  readonly size: number;
  /** permission bits */
  readonly mode: number;
  /** bytes really allocated */
  readonly allocated: number;
  readonly modified: number;
  /** `major:minor` of a device node; absent for everything else. */
  readonly device?: string;
}

/** An open file or block device, read at positions. Close it. */
export interface OpenFile {
  /** Fills `buffer` from `position` (bytes); returns how many bytes were read, 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

export interface FetchResult {
  readonly status: number;
  /** The body as it was sent: what has to be exact is decoded by whoever asked. */
  readonly bytes: Uint8Array;
  /** The body read as UTF-8; what is none is replaced. */
  readonly text: string;
}

/** A way out that must be taken on every end of the run: unmount, close, delete. */
export interface Cleanup {
  /** Registers `undo`; the returned function runs it now and takes it off the list. Later ones run first. */
  add(what: string, undo: () => Promise<void>): () => Promise<void>;
  /** Runs everything that is left, in reverse order; errors are collected, never thrown. Returns what failed. */
  run(): Promise<readonly string[]>;
}

/** Our terminal, for a program that a person works in: bytes in both directions, nothing drawn or echoed by us. */
export interface Line {
  readonly input: NodeJS.ReadableStream;
  write(data: string | Uint8Array): void;
  size(): { readonly columns: number; readonly rows: number };
  /** Returns how to hear no more of it. */
  onResize(listener: (size: { readonly columns: number; readonly rows: number }) => void): () => void;
}

export interface System {
  /** False for a recorded machine: nothing real is touched. */
  readonly real: boolean;
  /** A recorded machine's install run, as its file says it, to be played in place of an engine's. */
  readonly scriptedRun?: unknown;
  /** Runs to the end; never throws for exit codes, missing programs or time-outs. */
  run(command: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Like `run`, for long commands: lines as they come, output not kept. Its own process group; ended whole on abort. */
  stream(command: readonly string[], options?: StreamOptions): Promise<Omit<CommandResult, 'stdout' | 'stderr' | 'truncated'>>;
  /** Joins a program to our terminal, for a person to work in, until it ends or is hung up by the signal. Never throws. */
  attach(command: readonly string[], line: Line, signal?: AbortSignal): Promise<Pick<CommandResult, 'exitCode' | 'missing'>>;
  /** Text of a file, or null when it isn't there or can't be read. At most `maxBytes` (default 1 MiB); bigger gives null. */
  readText(path: string, maxBytes?: number): Promise<string | null>;
  readBytes(path: string, maxBytes?: number): Promise<Uint8Array | null>;
  /** Names in a directory, sorted; null when it isn't there. */
  list(path: string): Promise<readonly string[] | null>;
  /** Where a symbolic link leads (made absolute), or null. */
  readLink(path: string): Promise<string | null>;
  /** Not following a final link; null when nothing is there. */
  stat(path: string): Promise<FileStat | null>;
  /** Canonical path, links resolved; null when it does not exist. */
  realPath(path: string): Promise<string | null>;
  /** Opens for reading. Throws SlipwayError. */
  open(path: string): Promise<OpenFile>;
  /**
   * Whole file, atomically (temporary name, fsync, rename); a link at `path` is replaced, not followed. With `replaces` the file that is
   * there gives owner and extended attributes, and its old content is overwritten where nothing else holds it. Throws SlipwayError.
   */
  writeFile(path: string, data: string | Uint8Array, options: { readonly mode: number; readonly exclusive?: boolean; readonly replaces?: boolean }): Promise<void>;
  /** Adds to the end of a file (made 0600 when it isn't there). Returns false when that fails: a log must not end an install. */
  append(path: string, text: string): Promise<boolean>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Removes a file or tree; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Makes a directory in memory-backed storage (tmpfs), 0700, named after this process and `purpose`, registered with the clean-up list. Throws SlipwayError when there is none. */
  memoryDirectory(purpose: string): Promise<string>;
  /** GET or POST with a time-out (ms) and a cap on the body (bytes). Throws SlipwayError. */
  fetch(url: string, options: { readonly timeout: number; readonly maxBytes: number; readonly method?: 'GET' | 'POST'; readonly body?: string; readonly signal?: AbortSignal }): Promise<FetchResult>;
  /** ms since the epoch */
  now(): number;
  randomBytes(count: number): Uint8Array;
  environment(name: string): string | undefined;
  /** ms */
  sleep(duration: number, signal?: AbortSignal): Promise<void>;
  isRoot(): boolean;
  /** Addresses of the network interfaces, from the kernel, in the form that `ip -j addr` prints (which is how a recording keeps them); null where they cannot be had. */
  addresses(): Promise<string | null>;
  /** For show only (welcome screen, receipt), never for a decision; null when it is not known. */
  summary(): Promise<HardwareSummary | null>;
  readonly cleanup: Cleanup;
}
