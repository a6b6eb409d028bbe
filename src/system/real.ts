/**
 * The world as it is. This file and `run-command.ts` are the only ones that start programs and touch files: whoever wants to know what
 * Slipway can do to a machine reads them.
 */
import { constants, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SlipwayError } from '../model/problem.ts';
import { shownUrl } from '../model/shown-url.ts';
import { attach } from './attach.ts';
import { createCleanup } from './cleanup.ts';
import { writeWholeFile } from './write-file.ts';
import type { FileStat, RunOptions, System } from './port.ts';
import { childEnvironment, runToEnd } from './run-command.ts';

const MiB = 1024 * 1024;

/** After a polite signal, this long (ms) until the impolite one. */
const killDelay = 3000;
/** ms after which the output of a program that was ended is not waited for any more */
const lastWords = 5000;

const fail = (id: string, what: string, where: string, hint: string, cause?: unknown): SlipwayError =>
  new SlipwayError({ id, severity: 'error', what, where, hint }, { cause });

const messageOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== undefined) return code;
  return error instanceof Error ? error.message : String(error);
};

const commandOptions = (options: RunOptions) =>
  ({
    reject: false,
    extendEnv: false,
    env: { ...childEnvironment, ...options.environment },
    timeout: options.timeout ?? 10_000,
    killDescendants: true,
    forceKillAfterDelay: killDelay,
    stripFinalNewline: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  }) as const;

const run: System['run'] = async (command, options = {}) => {
  if (command[0] === undefined) throw new Error('empty command');
  return runToEnd(command, options);
};

const longestLine = 64 * 1024;

const stream: System['stream'] = async (command, options = {}) => {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('empty command');
  const { execa } = await import('execa');
  const child = execa(file, args, { ...commandOptions({ timeout: 0, ...options }), buffer: false });
  const drain = async (from: 'stdout' | 'stderr'): Promise<void> => {
    const source = child[from];
    if (source === null) return;
    let rest = '';
    source.setEncoding('utf8');
    // A program that could not be started closes its pipes before their end; the result says that it is missing.
    const chunks = async function* (): AsyncGenerator<string> {
      try {
        yield* source as AsyncIterable<string>;
      } catch {
        // the result tells
      }
    };
    for await (const chunk of chunks()) {
      rest += chunk;
      let end = rest.indexOf('\n');
      while (end !== -1) {
        options.onLine?.(rest.slice(0, Math.min(end, longestLine)), from);
        rest = rest.slice(end + 1);
        end = rest.indexOf('\n');
      }
      // A line without an end must not fill the memory: the head is kept, the tail dropped.
      if (rest.length > longestLine) rest = rest.slice(0, longestLine);
    }
    if (rest !== '') options.onLine?.(rest, from);
  };
  // Whoever was started by it and left its group may hold its output open for ever: after an abort that is not waited for.
  let patience: NodeJS.Timeout | undefined;
  const letGo = (): void => {
    patience = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, killDelay + lastWords);
  };
  options.signal?.addEventListener('abort', letGo, { once: true });
  const [result] = await Promise.all([child, drain('stdout'), drain('stderr')]);
  options.signal?.removeEventListener('abort', letGo);
  clearTimeout(patience);
  return {
    exitCode: result.exitCode ?? null,
    missing: result.code === 'ENOENT',
    timedOut: result.timedOut === true,
  };
};

/** From the kernel. At most 65536 at a time (Web Crypto), which is more than anybody asks for. */
const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

/** Files that the kernel makes up as they are read: always there to be read, never a pipe, never of a size that is known before. */
const isKernelFile = (path: string): boolean => path.startsWith('/sys/') || path.startsWith('/proc/');

/**
 * Attributes of block devices and of the machine, links and udev's own files: the kernel answers these from memory, without a lock or a
 * device, so they are read on the spot. Handing each of them to a thread costs more than all of them, a machine under load most.
 */
const answersAtOnce = /^\/(?:sys\/block(?:\/[^/]+\/(?:diskseq|removable|ro|hidden|size|holders))?|sys\/class\/dmi\/id\/\w+|proc\/(?:cmdline|meminfo)|dev\/disk(?:\/.*)?|run\/(?:udev|cos)(?:\/queue(?:\.bin)?)?)$/;

/** A pipe that somebody put in the place of a kernel's file has nothing to say; without this, opening it would never end, and so the program neither. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;

/** What `ask` gives, or null where the file is not there or not ours to read. */
const orNull = <T>(ask: () => T): T | null => {
  try {
    return ask();
  } catch {
    return null;
  }
};

const readBytes: System['readBytes'] = async (path, maxBytes = MiB) => {
  if (answersAtOnce.test(path)) {
    const bytes = orNull(() => readFileSync(path, { flag: withoutWaiting as unknown as string }));
    return bytes === null || bytes.length > maxBytes ? null : bytes;
  }
  if (isKernelFile(path)) {
    // In one step instead of four: a look at the machine reads hundreds of them.
    const bytes = await fs.readFile(path, { flag: withoutWaiting }).catch(() => null);
    return bytes === null || bytes.length > maxBytes ? null : bytes;
  }
  let handle: fs.FileHandle | undefined;
  try {
    handle = await fs.open(path, withoutWaiting);
    const stat = await handle.stat();
    if (stat.isDirectory() || stat.size > maxBytes) return null;
    // Files of /proc and /sys say size 0: read until the end, one byte over the cap tells that it is too big.
    const buffer = Buffer.allocUnsafe(stat.size === 0 ? Math.min(maxBytes + 1, 256 * 1024) : stat.size + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length > maxBytes ? null : buffer.subarray(0, length);
  } catch {
    return null;
  } finally {
    await handle?.close().catch(() => undefined);
  }
};

const kindOf = (stat: Awaited<ReturnType<typeof fs.lstat>>): FileStat['kind'] => {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'link';
  if (stat.isBlockDevice()) return 'block';
  if (stat.isCharacterDevice()) return 'character';
  return 'other';
};

/** `major:minor` as the kernel writes it, from the number that stat(2) gives (glibc `gnu_dev_major`, `gnu_dev_minor`). */
const deviceNumber = (rdev: number): string => {
  const low = rdev % 2 ** 32;
  const major = ((low >>> 8) & 0xfff) + Math.floor(rdev / 2 ** 44) * 2 ** 12;
  const minor = (low & 0xff) + (low >>> 20) * 2 ** 8;
  return `${major}:${minor}`;
};

const writeFile: System['writeFile'] = (path, data, options) => writeWholeFile(path, data, options, (error) => fail('write-failed', `cannot write the file (${messageOf(error)})`, path, 'check the folder, its permissions and the free space', error));

const fetchText: System['fetch'] = async (url, options) => {
  const signals = [AbortSignal.timeout(options.timeout), ...(options.signal === undefined ? [] : [options.signal])];
  try {
    const response = await fetch(url, {
      method: options.method ?? 'GET',
      // Sent on, a POST would become a GET that delivers nothing and may well be answered with 200.
      redirect: options.method === 'POST' ? 'manual' : 'follow',
      signal: AbortSignal.any(signals),
      ...(options.body === undefined ? {} : { body: options.body, headers: { 'content-type': 'application/json' } }),
    });
    const chunks: Uint8Array[] = [];
    let length = 0;
    if (response.body !== null) {
      for await (const chunk of response.body) {
        length += chunk.length;
        if (length > options.maxBytes) {
          throw fail('url-too-big', `the answer is bigger than ${options.maxBytes} bytes`, shownUrl(url), 'check the address');
        }
        chunks.push(chunk);
      }
    }
    const bytes = Buffer.concat(chunks);
    return { status: response.status, bytes, text: bytes.toString('utf8') };
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    // A library's own words may quote the whole address, which may hold a password: only a code is passed on.
    const code = ((error as { cause?: { code?: unknown } }).cause?.code ?? (error as { code?: unknown }).code) as unknown;
    const cause = typeof code === 'string' && /^[A-Za-z_]{1,40}$/.test(code) ? ` (${code})` : '';
    const what = timedOut ? `no answer within ${options.timeout / 1000} s` : `cannot be reached${cause}`;
    throw fail('url-unreachable', what, shownUrl(url), 'check the address, the network and its proxy', error);
  }
};

/** Where memory-backed files may live, best first; each is checked to be a tmpfs. */
const memoryPlaces = ['/run', '/dev/shm'];

const tmpfsMagic = 0x01021994;

/** The real machine. One per process: it owns the clean-up list. */
export const createRealSystem = (): System => {
  const cleanup = createCleanup();
  const system: System = {
    real: true,
    run,
    stream,
    attach,
    readBytes,
    async readText(path, maxBytes) {
      const bytes = await readBytes(path, maxBytes);
      return bytes === null ? null : Buffer.from(bytes).toString('utf8');
    },
    async list(path) {
      if (answersAtOnce.test(path)) return orNull(() => readdirSync(path))?.sort() ?? null;
      try {
        return (await fs.readdir(path)).sort();
      } catch {
        return null;
      }
    },
    async readLink(path) {
      if (answersAtOnce.test(path)) return orNull(() => resolve(dirname(path), readlinkSync(path)));
      try {
        return resolve(dirname(path), await fs.readlink(path));
      } catch {
        return null;
      }
    },
    async stat(path) {
      try {
        const stat = answersAtOnce.test(path) ? lstatSync(path) : await fs.lstat(path);
        const kind = kindOf(stat);
        return { kind, size: stat.size, mode: stat.mode & 0o7777, allocated: stat.blocks * 512, modified: stat.mtimeMs, ...(kind === 'block' || kind === 'character' ? { device: deviceNumber(stat.rdev) } : {}) };
      } catch {
        return null;
      }
    },
    async realPath(path) {
      try {
        return await fs.realpath(path);
      } catch {
        return null;
      }
    },
    async open(path) {
      try {
        const handle = await fs.open(path, 'r');
        return {
          read: async (buffer, position) => (await handle.read(buffer, 0, buffer.length, position)).bytesRead,
          close: () => handle.close(),
        };
      } catch (error) {
        throw fail('open-failed', `cannot be opened for reading (${messageOf(error)})`, path, 'check that it exists and that you are root', error);
      }
    },
    writeFile,
    async append(path, text) {
      try {
        await fs.appendFile(path, text, { mode: 0o600 });
        return true;
      } catch {
        return false;
      }
    },
    async makeDirectory(path, mode) {
      try {
        // mkdir's mode goes through the umask; the one asked for is meant.
        if ((await fs.mkdir(path, { recursive: true, mode })) !== undefined) await fs.chmod(path, mode);
      } catch (error) {
        throw fail('write-failed', `cannot make the folder (${messageOf(error)})`, path, 'check the path and its permissions', error);
      }
    },
    async remove(path) {
      await fs.rm(path, { recursive: true, force: true });
    },
    async memoryDirectory(purpose) {
      for (const place of memoryPlaces) {
        try {
          if ((await fs.statfs(place)).type !== tmpfsMagic) continue;
          // One parent a user: another's would not let us in.
          const uid = process.getuid?.() ?? 0;
          const parent = join(place, uid === 0 ? 'slipway' : `slipway-${uid}`);
          await fs.mkdir(parent, { recursive: true, mode: 0o700 });
          const path = await fs.mkdtemp(join(parent, `${process.pid}-${purpose}-`));
          cleanup.add(`remove ${path}`, () => fs.rm(path, { recursive: true, force: true }));
          return path;
        } catch {
          // not writable or not there: the next place
        }
      }
      throw fail('no-memory-storage', 'no memory-backed storage for files that hold secrets', memoryPlaces.join(', '), 'run as root where /run or /dev/shm is a tmpfs');
    },
    fetch: fetchText,
    now: () => Date.now(),
    randomBytes,
    environment: (name) => process.env[name],
    async sleep(duration, signal) {
      await delay(duration, undefined, signal === undefined ? {} : { signal });
    },
    isRoot: () => process.getuid?.() === 0,
    async addresses() {
      const rows = orNull(() => Object.entries(process.getBuiltinModule('node:os').networkInterfaces()));
      if (rows === null) return null;
      const split = (cidr: string | null): readonly { local: string; prefixlen: number }[] => (cidr === null ? [] : [{ local: cidr.split('/')[0] ?? '', prefixlen: Number(cidr.split('/')[1]) }]);
      return JSON.stringify(rows.map(([ifname, list]) => ({ ifname, addr_info: (list ?? []).flatMap(({ cidr }) => split(cidr)) })));
    },
    summary: async () => (await import('./summary.ts')).hardwareSummary(),
    cleanup,
  };
  return system;
};
