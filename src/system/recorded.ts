/**
 * Plays a recorded machine. Nothing real is touched: what the recording lacks does not exist, and what is
 * written goes into memory and is forgotten.
 */
import { dirname, resolve } from 'node:path';
import { SlipwayError } from '../model/problem.ts';
import { createCleanup } from './cleanup.ts';
import { indexFolders } from './folder-index.ts';
import type { CommandResult, FileStat, System } from './port.ts';
import { addressCommand, decodeContent, parseRecording, stateAt } from './recording.ts';
import type { RecordedState, Recording } from './recording.ts';

const fail = (id: string, what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id, severity: 'error', what, where, hint });

const notInstalled: CommandResult = { stdout: '', stderr: '', exitCode: null, missing: true, timedOut: false, truncated: false };
const done: CommandResult = { ...notInstalled, exitCode: 0, missing: false };

export interface RecordedOptions {
  /** ms since the epoch; tests turn the clock themselves */
  readonly now?: () => number;
  readonly randomBytes?: (count: number) => Uint8Array;
}

const parentOf = (path: string): string => dirname(path);

/** The paths that a recording names. */
const recordedPaths = ({ files, links, directories }: RecordedState): readonly string[] => [
  ...Object.keys(files),
  ...Object.keys(links),
  ...Object.entries(directories).flatMap(([folder, names]) => [folder, ...names.map((name) => `${folder === '/' ? '' : folder}/${name}`)]),
];

/** A recorded machine as a system. */
export const createRecordedSystem = (recording: Recording, options: RecordedOptions = {}): System => {
  const now = options.now ?? (() => Date.now());
  const opened = now();
  /** What was written meanwhile; null: removed. */
  const written = new Map<string, Uint8Array | null>();
  const made = new Set<string>();
  /** Mount point to the device of a recorded volume. */
  const mounted = new Map<string, string>();
  let cached: { readonly changes: number; readonly state: RecordedState; readonly folders: ReturnType<typeof indexFolders> } | undefined;

  const current = (): NonNullable<typeof cached> => {
    const elapsed = now() - opened;
    const changes = (recording.changes ?? []).filter((change) => change.after <= elapsed).length;
    if (cached?.changes !== changes) {
      const at = stateAt(recording, elapsed);
      cached = { changes, state: at, folders: indexFolders(recordedPaths(at)) };
    }
    return cached;
  };
  const state = (): RecordedState => current().state;

  /** Where a path leads through recorded links; a link to itself leads nowhere. */
  const follow = (path: string): string | null => {
    let at = resolve(path);
    for (let count = 0; count < 40; count += 1) {
      const target = state().links[at];
      if (target === undefined) return at;
      at = resolve(parentOf(at), target);
    }
    return null;
  };

  const onVolume = (path: string): Uint8Array | undefined => {
    for (const [point, device] of mounted) {
      if (!path.startsWith(`${point}/`)) continue;
      const content = state().volumes[device]?.[path.slice(point.length + 1)];
      if (content !== undefined) return decodeContent(content);
    }
    return undefined;
  };

  const contentOf = (path: string): Uint8Array | null => {
    const at = follow(path);
    if (at === null) return null;
    const own = written.get(at);
    if (own !== undefined) return own;
    const recorded = state().files[at];
    return recorded === undefined ? (onVolume(at) ?? null) : decodeContent(recorded);
  };

  /** What came since the recording was opened: volumes that were mounted, what was written or made. */
  const laterPaths = (): readonly string[] => {
    const inVolumes = [...mounted].flatMap(([point, device]) => [point, ...Object.keys(state().volumes[device] ?? {}).map((name) => `${point}/${name}`)]);
    const own = [...written].flatMap(([path, content]) => (content === null ? [] : [path]));
    return [...inVolumes, ...own, ...made];
  };

  /** Every path that is known to exist, without folders that only follow from them. */
  const allPaths = (): readonly string[] => [...recordedPaths(state()), ...laterPaths()].filter((path) => written.get(path) !== null);

  const namesIn = (folder: string): readonly string[] | null => {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    // The index knows nothing of what was removed.
    const isIndexed = [...written.values()].every((content) => content !== null);
    const names = new Set(isIndexed ? current().folders.get(folder) : []);
    let known = names.size > 0 || made.has(folder) || state().directories[folder] !== undefined;
    for (const path of isIndexed ? laterPaths() : allPaths()) {
      if (path === folder || !path.startsWith(prefix)) continue;
      known = true;
      names.add(path.slice(prefix.length).split('/')[0] ?? '');
    }
    return known ? [...names].toSorted() : null;
  };

  const deviceNames = (): ReadonlySet<string> => new Set([...Object.values(state().links).filter((target) => target.startsWith('/dev/')), ...Object.keys(state().volumes)]);

  const stat = (path: string, followLink: boolean): FileStat | null => {
    const at = followLink ? follow(path) : resolve(path);
    if (at === null) return null;
    const row = (kind: FileStat['kind'], size: number): FileStat => ({ kind, size, mode: kind === 'directory' ? 0o755 : 0o644, allocated: size, modified: opened });
    if (state().links[at] !== undefined) return row('link', 0);
    const content = contentOf(at);
    if (content !== null) return row('file', content.length);
    const names = namesIn(at);
    if (names !== null && (names.length > 0 || state().directories[at] !== undefined || made.has(at))) return row('directory', 0);
    if (deviceNames().has(at)) return row('block', 0);
    return (namesIn(parentOf(at)) ?? []).includes(at.split('/').at(-1) ?? '') ? row('other', 0) : null;
  };

  /** Mounting is played for recorded volumes; every other command only says what was recorded. */
  const playMount = (command: readonly string[]): CommandResult | null => {
    const [program] = command;
    const place = command.at(-1) ?? '';
    if (program === 'umount' && mounted.delete(resolve(place))) return done;
    if (program !== 'mount') return null;
    const device = follow(command.at(-2) ?? '');
    if (device === null || state().volumes[device] === undefined) return null;
    mounted.set(resolve(place), device);
    return done;
  };

  const run: System['run'] = async (command, { signal, maxBytes = 16 * 1024 * 1024 } = {}) => {
    if (signal?.aborted === true) return { ...done, exitCode: null };
    const recorded = state().commands[command.join(' ')];
    if (recorded === undefined) return playMount(command) ?? notInstalled;
    const { stdout, stderr, exitCode } = recorded;
    const tooLong = stdout.length > maxBytes || stderr.length > maxBytes;
    // A recording knows its ending, not its duration: a command that never answered is out of time at once.
    return { stdout: stdout.slice(0, maxBytes), stderr: stderr.slice(0, maxBytes), exitCode, missing: false, timedOut: exitCode === null, truncated: tooLong };
  };

  const readBytes: System['readBytes'] = async (path, maxBytes = 1024 * 1024) => {
    const content = contentOf(path);
    return content === null || content.length > maxBytes ? null : content;
  };

  const cleanup = createCleanup();
  let folders = 0;
  return {
    real: false,
    ...(recording.engine === undefined ? {} : { scriptedRun: recording.engine }),
    run,
    async stream(command, streamOptions = {}) {
      const { stdout, stderr, ...result } = await run(command, streamOptions);
      const say = (text: string, from: 'stdout' | 'stderr'): void => {
        for (const line of text.split('\n')) if (line !== '') streamOptions.onLine?.(line, from);
      };
      say(stdout, 'stdout');
      say(stderr, 'stderr');
      return result;
    },
    readBytes,
    async readText(path, maxBytes) {
      const bytes = await readBytes(path, maxBytes);
      return bytes === null ? null : Buffer.from(bytes).toString('utf8');
    },
    async list(path) {
      const at = follow(path);
      return at === null ? null : namesIn(at);
    },
    async readLink(path) {
      const target = state().links[resolve(path)];
      return target === undefined ? null : resolve(parentOf(resolve(path)), target);
    },
    async stat(path) {
      return stat(path, false);
    },
    async realPath(path) {
      const at = follow(path);
      return at === null || stat(at, true) === null ? null : at;
    },
    async open(path) {
      const content = contentOf(path);
      if (content === null) throw fail('open-failed', 'is not part of the recorded machine', path, 'a recorded machine holds only what the probe reads');
      return {
        async read(buffer, position) {
          const part = content.subarray(position, position + buffer.length);
          buffer.set(part);
          return part.length;
        },
        async close() {},
      };
    },
    async writeFile(path, data, { exclusive }) {
      const at = resolve(path);
      if (exclusive === true && contentOf(at) !== null) throw fail('write-failed', 'is there already', path, 'choose another name');
      written.set(at, typeof data === 'string' ? Buffer.from(data, 'utf8') : Uint8Array.from(data));
    },
    async append(path, text) {
      const at = resolve(path);
      written.set(at, Buffer.concat([contentOf(at) ?? new Uint8Array(), Buffer.from(text, 'utf8')]));
      return true;
    },
    async makeDirectory(path) {
      made.add(resolve(path));
    },
    async remove(path) {
      const at = resolve(path);
      for (const known of allPaths()) if (known === at || known.startsWith(`${at}/`)) written.set(known, null);
      for (const folder of made) if (folder === at || folder.startsWith(`${at}/`)) made.delete(folder);
    },
    async memoryDirectory(purpose) {
      folders += 1;
      const path = `/run/slipway/${purpose}-${folders}`;
      made.add(path);
      return path;
    },
    async fetch(url) {
      throw fail('url-unreachable', 'a recorded machine has no network', url, 'run on the machine itself');
    },
    now,
    randomBytes: options.randomBytes ?? ((count) => crypto.getRandomValues(new Uint8Array(count))),
    environment: () => undefined,
    sleep: (duration, signal) =>
      new Promise((fulfil, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', stop);
          fulfil();
        }, duration);
        const stop = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', stop, { once: true });
      }),
    isRoot: () => true,
    attach: () => Promise.resolve({ exitCode: null, missing: true }),
    async addresses() {
      const { stdout, exitCode } = await run(addressCommand.split(' '));
      return exitCode === 0 ? stdout : null;
    },
    summary: () => Promise.resolve(null),
    cleanup,
  };
};

/** Bytes. A machine with thousands of disks records to a few MiB. */
const largestRecording = 64 * 1024 * 1024;

/** Opens a recording with the real system's eyes. Throws SlipwayError when it can't be read or isn't one. */
export const openRecordedMachine = async (real: System, path: string): Promise<System> => {
  const text = await real.readText(path, largestRecording);
  if (text === null) throw fail('recording-missing', 'cannot be read', path, 'check the path; make one with: slipway probe --record FILE');
  const reading = parseRecording(text, path);
  if ('problem' in reading) throw new SlipwayError(reading.problem);
  return createRecordedSystem(reading.recording);
};
