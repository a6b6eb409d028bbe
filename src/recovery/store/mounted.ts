/** Files of a partition that this system has mounted. What the initramfs mounted read-only is made writable while something is written. */
import { sha256OfFile } from '../../engine/builtin/sha256.ts';
import { mustRun } from '../../engine/command.ts';
import { cleanText } from '../../model/foreign-text.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import { checkPath } from '../store.ts';
import type { Store, StoredFile } from '../store.ts';
import { countingReads, runCounted } from './counted.ts';
import type { OnBytes } from './counted.ts';

const fail = (what: string, where: string): SlipwayError => new SlipwayError({ id: 'node-write', severity: 'error', what, where, hint: 'check the file system (slipway recovery fsck) and its free space' });

/** Options of the mount at `point`, from the text of /proc/self/mounts; the last one counts. */
export const mountOptions = (mounts: string, point: string): readonly string[] =>
  mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((words) => words[1] === point)
    .at(-1)?.[3]
    ?.split(',') ?? [];

export const createMountedStore = (system: System, root: string, label: string): Store => {
  const at = (path: string): string => `${root.replace(/\/$/, '')}${checkPath(path)}`;

  const describe = async (path: string, name: string): Promise<StoredFile | null> => {
    const stat = await system.stat(path);
    if (stat === null) return null;
    return { name, kind: stat.kind === 'file' || stat.kind === 'directory' ? stat.kind : 'other', size: stat.size, mode: stat.mode };
  };

  const writable = async <T>(work: () => Promise<T>): Promise<T> => {
    const options = mountOptions((await system.readText('/proc/self/mounts')) ?? '', root);
    if (!options.includes('ro')) return work();
    await mustRun(system, `make ${label} writable`, ['mount', '-o', 'remount,rw', root], { timeout: 30_000 });
    const undo = system.cleanup.add(`make ${root} read-only again`, () => mustRun(system, `make ${label} read-only again`, ['mount', '-o', 'remount,ro', root], { timeout: 60_000 }).then(() => undefined));
    try {
      return await work();
    } finally {
      await undo();
    }
  };

  /** Runs a command that must succeed; one that moves much is counted. */
  const run = async (what: string, command: readonly string[], onBytes: OnBytes | undefined): Promise<void> => {
    if (onBytes === undefined) return void (await mustRun(system, what, command));
    const { exitCode, stderr } = await runCounted(system, command, onBytes);
    if (exitCode !== 0) throw fail(`could not ${what}: ${cleanText(stderr, 300)}`, label);
  };

  const store: Store = {
    async list(path) {
      const folder = at(path);
      const names = await system.list(folder);
      if (names === null) return null;
      const rows = await Promise.all(names.map((name) => describe(`${folder.replace(/\/$/, '')}/${name}`, name)));
      return rows.filter((row) => row !== null);
    },
    stat: (path) => describe(at(path), path.split('/').at(-1) ?? ''),
    async readText(path, maxBytes) {
      return (await store.stat(path))?.kind === 'file' ? system.readText(at(path), maxBytes) : null;
    },
    take: async (path) => ({ file: at(path), isCopy: false }),
    writeText: (path, text, options) =>
      writable(async () => {
        // The new one first: a power cut or a full partition leaves the old one as it is, not a file of zeros.
        const replaces = options.erase === true && (await store.stat(path))?.kind === 'file';
        await system.writeFile(at(path), text, { mode: options.mode, replaces });
        if ((await system.readText(at(path), 4 * 1024 * 1024)) !== text) throw fail('does not read back as it was written', `${label} ${path}`);
      }),
    put: (file, path, onBytes) =>
      writable(async () => {
        await run(`write ${path}`, ['cp', '--sparse=never', file, at(path)], onBytes);
        await run(`bring ${path} to the disk`, ['sync', at(path)], onBytes);
        const counted = countingReads(system, (more) => onBytes?.(more));
        // What is read back shall come from the disk, not from memory, where dd can do that.
        await system.run(['dd', `if=${at(path)}`, 'iflag=nocache', 'count=0', 'status=none'], { timeout: 60_000 });
        const never = new AbortController().signal;
        if ((await sha256OfFile(counted, at(path), never)) !== (await sha256OfFile(counted, file, never))) throw fail('does not read back as it was written', `${label} ${path}`);
      }),
    rename: (from, to) => writable(async () => void (await mustRun(system, `put ${to} in place`, ['mv', '-f', at(from), at(to)]))),
    makeDirectory: (path) => writable(() => system.makeDirectory(at(path), 0o755)),
    remove: (path) => writable(() => system.remove(at(path))),
    async freeSpace() {
      // Free blocks and their size; root may use the reserved ones, too.
      const { stdout } = await mustRun(system, `look at the free space of ${label}`, ['stat', '--file-system', '--format=%f %S', root], { timeout: 10_000 });
      const [blocks = 0, size = 0] = stdout.trim().split(' ').map(Number);
      return blocks * size || 0;
    },
    place: async (path) => ((await store.stat(path)) === null ? null : { device: at(path), offset: 0 }),
    flush: async () => void (await mustRun(system, `bring ${label} to the disk`, ['sync', '-f', root])),
  };
  return store;
};
