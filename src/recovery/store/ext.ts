/** Files of an ext file system that nobody has mounted, through debugfs at an offset. */
import { mustRun } from '../../engine/command.ts';
import { sha256OfFile } from '../../engine/builtin/sha256.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import { cleanText } from '../../model/foreign-text.ts';
import { checkPath, isUsablePath } from '../store.ts';
import type { Store, StoredFile } from '../store.ts';
import { countingReads, runCounted } from './counted.ts';
import type { OnBytes } from './counted.ts';

export interface ExtPlace {
  readonly path: string;
  /** bytes */
  readonly offset: number;
  /** For messages. */
  readonly label: string;
}

/** A path as one word of a debugfs command. */
const quoted = (path: string): string => `"${checkPath(path)}"`;

const fail = (what: string, where: string): SlipwayError => new SlipwayError({ id: 'node-write', severity: 'error', what, where, hint: 'check the file system (slipway recovery fsck) and its free space' });

/** How the e2fsprogs name it. */
export const extName = ({ path, offset }: Pick<ExtPlace, 'path' | 'offset'>): string => (offset === 0 ? path : `${path}?offset=${offset}`);

/** A line of `ls -p`: `/inode/mode/uid/gid/name/size/`. */
const parseEntry = (line: string): StoredFile | null => {
  const match = /^\/\d+\/(\d{6})\/\d+\/\d+\/(.*)\/(\d*)\/$/.exec(line);
  const [, mode = '', name = '', size = ''] = match ?? [];
  if (match === null || name === '.' || name === '..' || name === '') return null;
  const kind = mode.startsWith('10') ? 'file' : mode.startsWith('04') ? 'directory' : 'other';
  return { name, kind, size: Number(size || 0), mode: Number.parseInt(mode.slice(2), 8) & 0o7777 };
};

export const parseListing = (text: string): readonly StoredFile[] => text.split('\n').map(parseEntry).filter((row) => row !== null);

/** Physical first block of a file in one piece; null when it is in several, or has none. From `ex FILE`. */
export const parseOnePiece = (text: string): number | null => {
  //  Level Entries       Logical        Physical Length Flags
  //  0/ 0   1/  1     0 -  4298   5747 -  10045   4299
  const leaves = [...text.matchAll(/^ *(\d+)\/ *(\d+) +\d+\/ *\d+ +(\d+) *- *(\d+) +(\d+) *- *(\d+) +(\d+)/gm)].filter(([, level, depth]) => level === depth);
  let next: { logical: number; physical: number } | null = null;
  let first: number | null = null;
  for (const [, , , logical, , physical, , length] of leaves) {
    const [from, at, count] = [Number(logical), Number(physical), Number(length)];
    if (next !== null && (from !== next.logical || at !== next.physical)) return null;
    if (first === null && from !== 0) return null;
    first ??= at;
    next = { logical: from + count, physical: at + count };
  }
  return first;
};

const patience = 60_000;

export const createExtStore = (system: System, place: ExtPlace): Store => {
  const device = extName(place);
  const { label } = place;

  const ask = async (request: string, maxBytes?: number): Promise<string> => {
    const result = await mustRun(system, `read ${label}`, ['debugfs', '-R', request, device], { timeout: patience, ...(maxBytes === undefined ? {} : { maxBytes }) });
    // debugfs ends with 0 whatever happened; a file system that it cannot open is said on the other stream.
    if (/Bad magic number|Superblock checksum does not match|Attempt to read block|corrupt/i.test(result.stderr)) throw new SlipwayError({ id: 'node-damaged', severity: 'error', what: 'its file system cannot be read', where: label, hint: 'check it: slipway recovery fsck' });
    return result.stdout;
  };

  /** Runs a command that must succeed; one that moves much is counted. */
  const run = async (what: string, command: readonly string[], onBytes: OnBytes | undefined): Promise<{ readonly stderr: string }> => {
    if (onBytes === undefined) return mustRun(system, what, command);
    const result = await runCounted(system, command, onBytes);
    if (result.exitCode !== 0) throw fail(`could not ${what}: ${command[0] ?? ''} ${result.missing ? 'is not installed' : `ended with ${result.exitCode ?? 'a signal'}: ${cleanText(result.stderr, 300)}`}`, label);
    return result;
  };

  /** Runs commands in one go; debugfs goes on after an error and says it in words only, so whoever calls this looks at the outcome. */
  const change = async (what: string, commands: readonly string[], onBytes?: OnBytes): Promise<void> => {
    const folder = await system.memoryDirectory('recovery');
    try {
      const file = `${folder}/commands`;
      await system.writeFile(file, `${commands.join('\n')}\n`, { mode: 0o600 });
      const result = await run(what, ['debugfs', '-w', '-f', file, device], onBytes);
      if (/Bad magic number|read-only|needs journal recovery|not open/i.test(result.stderr)) throw fail(`could not ${what}`, label);
    } finally {
      await system.remove(folder);
    }
  };

  const blockSize = async (): Promise<number> => {
    const size = Number(/^Block size:\s+(\d+)/m.exec(await ask('stats -h'))?.[1]);
    if (!Number.isSafeInteger(size) || size < 1024) throw fail('says no block size', label);
    return size;
  };

  const dump = async (path: string, copy: string, onBytes: OnBytes | undefined): Promise<void> => {
    if (onBytes === undefined) await ask(`dump ${quoted(path)} ${copy}`);
    else await run(`read ${path}`, ['debugfs', '-R', `dump ${quoted(path)} ${copy}`, device], onBytes);
  };

  const digestOf = async (path: string, onBytes: OnBytes | undefined): Promise<string> => {
    const folder = await system.memoryDirectory('recovery');
    try {
      await dump(path, `${folder}/copy`, onBytes);
      return await sha256OfFile(countingReads(system, () => onBytes?.(0)), `${folder}/copy`, new AbortController().signal);
    } finally {
      await system.remove(folder);
    }
  };

  const store: Store = {
    async list(path) {
      const text = await ask(`ls -p ${quoted(path)}`);
      return /^\/\d+\/\d{6}\/\d+\/\d+\/\.\//m.test(text) ? parseListing(text) : null;
    },
    async stat(path) {
      const folder = path.slice(0, path.lastIndexOf('/')) || '/';
      const name = path.slice(path.lastIndexOf('/') + 1);
      return (await store.list(folder))?.find((row) => row.name === name) ?? null;
    },
    async readText(path, maxBytes = 1024 * 1024) {
      const stat = await store.stat(path);
      if (stat?.kind !== 'file' || stat.size > maxBytes) return null;
      return stat.size === 0 ? '' : ask(`cat ${quoted(path)}`, maxBytes);
    },
    async take(path, scratch, onBytes) {
      const copy = `${scratch}/${(path.split('/').at(-1) ?? 'file').replaceAll(/[^\w.-]/g, '_')}`;
      await dump(path, copy, onBytes);
      const [there, size] = [(await store.stat(path))?.size, (await system.stat(copy))?.size];
      if (there === undefined || there !== size) throw new SlipwayError({ id: 'node-damaged', severity: 'error', what: 'cannot be read whole', where: `${label} ${path}`, hint: 'check the file system: slipway recovery fsck' });
      return { file: copy, isCopy: true };
    },
    async writeText(path, text, options) {
      checkPath(path);
      const folder = await system.memoryDirectory('recovery');
      try {
        await system.writeFile(`${folder}/text`, text, { mode: 0o600 });
        const old = options.erase === true && (await store.stat(path)) !== null ? (await ask(`blocks ${quoted(path)}`)).trim().split(/\s+/).filter((word) => /^\d+$/.test(word)) : [];
        const [fresh, place] = [`${path}.new`, quoted(path)];
        await change(`write ${path}`, [
          `rm ${quoted(fresh)}`,
          `write ${folder}/text ${quoted(fresh)}`,
          ...[`mode 0100${options.mode.toString(8).padStart(3, '0')}`, 'uid 0', 'gid 0'].map((field) => `sif ${quoted(fresh)} ${field}`),
        ]);
        // debugfs goes on after an error: what is there stays until the new one is known to be whole.
        if ((await store.readText(fresh, 4 * 1024 * 1024)) !== text) {
          await change(`clear up ${path}`, [`rm ${quoted(fresh)}`]);
          throw fail('could not be written whole: is the partition full?', `${label} ${path}`);
        }
        await change(`put ${path} in place`, [...old.map((block) => `zap_block ${block}`), `rm ${place}`, `ln ${quoted(fresh)} ${place}`, `unlink ${quoted(fresh)}`]);
      } finally {
        await system.remove(folder);
      }
      const stat = await store.stat(path);
      if ((await store.readText(path, 4 * 1024 * 1024)) !== text || stat?.mode !== options.mode) throw fail('does not read back as it was written', `${label} ${path}`);
    },
    async put(given, path, onBytes) {
      const file = (await system.realPath(given)) ?? given;
      if (!isUsablePath(file)) throw fail('has a name that cannot be used here', file);
      await change(`write ${path}`, [`rm ${quoted(path)}`, `write "${file}" ${quoted(path)}`, ...['mode 0100644', 'uid 0', 'gid 0'].map((field) => `sif ${quoted(path)} ${field}`)], onBytes);
      if ((await digestOf(path, onBytes)) !== (await sha256OfFile(countingReads(system, (more) => onBytes?.(more)), file, new AbortController().signal))) throw fail('does not read back as it was written', `${label} ${path}`);
    },
    async rename(from, to) {
      const before = await store.stat(checkPath(from));
      if (before === null) throw fail('is not there', `${label} ${from}`);
      await change(`put ${to} in place`, [`rm ${quoted(to)}`, `ln ${quoted(from)} ${quoted(to)}`, `unlink ${quoted(from)}`]);
      if ((await store.stat(to))?.size !== before.size || (await store.stat(from)) !== null) throw fail('could not be put in place', `${label} ${to}`);
    },
    async makeDirectory(path) {
      if ((await store.stat(path))?.kind === 'directory') return;
      await change(`make ${path}`, [`mkdir ${quoted(path)}`]);
      if ((await store.stat(path))?.kind !== 'directory') throw fail('could not be made', `${label} ${path}`);
    },
    async remove(path) {
      if ((await store.stat(path)) === null) return;
      await change(`remove ${path}`, [`rm ${quoted(path)}`]);
      if ((await store.stat(path)) !== null) throw fail('could not be removed', `${label} ${path}`);
    },
    async freeSpace() {
      const text = await ask('stats -h');
      return Number(/^Free blocks:\s+(\d+)/m.exec(text)?.[1] ?? 0) * (await blockSize());
    },
    async place(path) {
      if ((await store.stat(path)) === null) return null;
      const block = parseOnePiece(await ask(`ex ${quoted(path)}`));
      return block === null ? null : { device: place.path, offset: place.offset + block * (await blockSize()) };
    },
    flush: async () => void (await mustRun(system, `bring ${label} to the disk`, ['sync', place.path])),
  };
  return store;
};
