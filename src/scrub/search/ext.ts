/** Reads where the files of an ext2, ext3 or ext4 file system lie. Nothing is mounted. */
import type { ByteSource, Extent } from './source.ts';
import { joined, readAt } from './source.ts';

export interface ExtFile {
  readonly inode: number;
  /** bytes */
  readonly size: number;
  /** In the order of the file, in bytes from the start of the file system; whole blocks, holes included. */
  readonly extents: readonly Extent[];
}

export interface ExtFileSystem {
  /** bytes */
  readonly size: number;
  files(): AsyncGenerator<ExtFile>;
  /** The regular file at a path from the root, links on the way followed; null where there is none that lies in blocks of its own. */
  find(path: string): Promise<ExtFile | null>;
}

const u16 = (bytes: DataView, at: number): number => bytes.getUint16(at, true);
const u32 = (bytes: DataView, at: number): number => bytes.getUint32(at, true);
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** bytes of a file; `at` is its inode's place in `view` */
const sizeOf = (view: DataView, at: number): number => u32(view, at + 4) + u32(view, at + 108) * 2 ** 32;

const rootInode = 2;

/** Folders and links on the way to a file; a circle of links ends here. */
const mostSteps = 40;

/** bytes */
const largestFolder = 4 * 1024 * 1024;

const extentsFlag = 0x80000;
const inlineFlag = 0x10000000;

interface Run {
  /** block of the file */
  readonly logical: number;
  /** block of the file system, -1 for one that was never written */
  readonly physical: number;
  readonly count: number;
}

/** Joins runs that touch and fills the holes between them and behind them, up to the file's size in bytes. */
const extentsOf = (runs: readonly Run[], blockSize: number, fileSize: number): readonly Extent[] => {
  const out: { start: number; size: number }[] = [];
  let next = 0;
  const add = (start: number, size: number): void => {
    const last = out.at(-1);
    if (last !== undefined && (start < 0 ? last.start < 0 : last.start >= 0 && last.start + last.size === start)) last.size += size;
    else out.push({ start, size });
  };
  for (const run of runs.toSorted((a, b) => a.logical - b.logical)) {
    if (run.logical < next) continue;
    if (run.logical > next) add(-1, (run.logical - next) * blockSize);
    add(run.physical < 0 ? -1 : run.physical * blockSize, run.count * blockSize);
    next = run.logical + run.count;
  }
  if (next * blockSize < fileSize) add(-1, fileSize - next * blockSize);
  return out;
};

/**
 * Opens the file system that starts at `start`. Null when there is none, or a copy of a superblock only: it has its root folder where it says.
 * @throws what the source throws
 */
export const openExt = async (source: ByteSource, start: number): Promise<ExtFileSystem | null> => {
  const head = viewOf(await readAt(source, start + 1024, 1024));
  if (head.byteLength < 1024 || u16(head, 56) !== 0xef53 || u16(head, 90) !== 0 || u32(head, 24) > 6) return null;
  const blockSize = 1024 * 2 ** u32(head, 24);
  const blocksPerGroup = u32(head, 32);
  const inodesPerGroup = u32(head, 40);
  const incompatible = u32(head, 96);
  const blocks = u32(head, 4) + ((incompatible & 0x80) !== 0 ? u32(head, 336) * 2 ** 32 : 0);
  const inodeSize = u32(head, 76) === 0 ? 128 : u16(head, 88);
  const descriptorSize = (incompatible & 0x80) !== 0 ? Math.max(32, u16(head, 254)) : 32;
  if (blocksPerGroup === 0 || inodesPerGroup === 0 || inodeSize < 128 || inodeSize > blockSize || blocks === 0 || (incompatible & 0x10) !== 0) return null;
  const firstDataBlock = u32(head, 20);
  // What comes before belongs to the file system itself: the journal, the room to grow.
  const firstInode = u32(head, 76) === 0 ? 11 : u32(head, 84);
  const groups = Math.ceil((blocks - firstDataBlock) / blocksPerGroup);
  if (groups > 1_000_000) return null;
  const block = (number: number): Promise<Uint8Array> => readAt(source, start + number * blockSize, blockSize);
  const inRange = (number: number): boolean => number > 0 && number < blocks;

  const extentTree = async (node: DataView, runs: Run[], depth: number): Promise<void> => {
    if (node.byteLength < 12 || u16(node, 0) !== 0xf30a || depth > 5) return;
    const count = Math.min(u16(node, 2), Math.floor((node.byteLength - 12) / 12));
    for (let i = 0; i < count; i += 1) {
      const at = 12 + i * 12;
      if (u16(node, 6) === 0) {
        const length = u16(node, at + 4);
        const physical = u32(node, at + 8) + u16(node, at + 6) * 2 ** 32;
        // Allocated but never written: it reads as zero through the file, whatever the blocks hold.
        const written = length <= 32_768;
        if (inRange(physical)) runs.push({ logical: u32(node, at), physical: written ? physical : -1, count: written ? length : length - 32_768 });
      } else {
        const child = u32(node, at + 4) + u16(node, at + 8) * 2 ** 32;
        if (inRange(child)) await extentTree(viewOf(await block(child)), runs, depth + 1);
      }
    }
  };
  const indirect = async (number: number, level: number, logical: number, runs: Run[], last: number): Promise<void> => {
    if (!inRange(number) || logical > last) return;
    if (level === 0) {
      const before = runs.at(-1);
      if (before !== undefined && before.logical + before.count === logical && before.physical + before.count === number) {
        runs[runs.length - 1] = { ...before, count: before.count + 1 };
      } else runs.push({ logical, physical: number, count: 1 });
      return;
    }
    const view = viewOf(await block(number));
    const pointers = blockSize / 4;
    for (let i = 0; i < pointers && (i + 1) * 4 <= view.byteLength; i += 1) {
      await indirect(u32(view, i * 4), level - 1, logical + i * pointers ** (level - 1), runs, last);
    }
  };

  /** Where a file's blocks are; `at` is the inode's place in `view`. */
  const runsOf = async (view: DataView, at: number): Promise<readonly Run[]> => {
    const runs: Run[] = [];
    const size = sizeOf(view, at);
    if ((u32(view, at + 32) & extentsFlag) !== 0) await extentTree(new DataView(view.buffer, view.byteOffset + at + 40, 60), runs, 0);
    else {
      const pointers = blockSize / 4;
      const last = Math.ceil(size / blockSize) - 1;
      for (let i = 0; i < 12; i += 1) await indirect(u32(view, at + 40 + i * 4), 0, i, runs, last);
      await indirect(u32(view, at + 88), 1, 12, runs, last);
      await indirect(u32(view, at + 92), 2, 12 + pointers, runs, last);
      await indirect(u32(view, at + 96), 3, 12 + pointers + pointers ** 2, runs, last);
    }
    return runs;
  };

  /** Byte where a group's inodes begin; null for a group without. */
  const tableOf = async (group: number): Promise<number | null> => {
    const descriptor = viewOf(await readAt(source, start + (firstDataBlock + 1) * blockSize + group * descriptorSize, descriptorSize));
    if (descriptor.byteLength < 32) return null;
    const table = u32(descriptor, 8) + (descriptorSize >= 64 ? u32(descriptor, 40) * 2 ** 32 : 0);
    return inRange(table) ? start + table * blockSize : null;
  };

  const inodeOf = async (number: number): Promise<DataView | null> => {
    const table = number < 1 ? null : await tableOf(Math.floor((number - 1) / inodesPerGroup));
    if (table === null) return null;
    const view = viewOf(await readAt(source, table + ((number - 1) % inodesPerGroup) * inodeSize, inodeSize));
    return view.byteLength === inodeSize ? view : null;
  };

  const contentOf = async (view: DataView, limit: number): Promise<Uint8Array> => {
    const size = sizeOf(view, 0);
    return size > limit ? new Uint8Array() : readAt(joined(source, extentsOf(await runsOf(view, 0), blockSize, size).map((run) => (run.start < 0 ? run : { ...run, start: start + run.start }))), 0, size);
  };

  /** Number of the inode that a folder has under a name; 0 when there is none. */
  const entryOf = async (folder: DataView, name: string): Promise<number> => {
    const bytes = await contentOf(folder, largestFolder);
    const view = viewOf(bytes);
    for (let at = 0; at + 8 <= view.byteLength; ) {
      const [inode, length, nameLength] = [u32(view, at), u16(view, at + 4), bytes[at + 6] ?? 0];
      if (length < 8) return 0;
      if (inode !== 0 && Buffer.from(bytes.subarray(at + 8, at + 8 + nameLength)).toString('utf8') === name) return inode;
      at += length;
    }
    return 0;
  };

  const linkOf = async (view: DataView): Promise<string> => {
    const size = sizeOf(view, 0);
    const short = size < 60 && (u32(view, 32) & extentsFlag) === 0;
    return Buffer.from(short ? new Uint8Array(view.buffer, view.byteOffset + 40, size) : await contentOf(view, 4096)).toString('utf8');
  };

  // A journal holds copies of the superblock with its own number, 0: what would follow them is other metadata, no root.
  const root = await inodeOf(rootInode);
  if (root === null || (u16(root, 0) & 0xf000) !== 0x4000) return null;
  if ((u32(root, 32) & inlineFlag) === 0 && (await entryOf(root, '.')) !== rootInode) return null;

  return {
    size: blocks * blockSize,
    async find(path) {
      let parts = path.split('/').filter((part) => part !== '');
      let folders: number[] = [rootInode];
      for (let step = 0; step < mostSteps; step += 1) {
        const [name, ...rest] = parts;
        if (name === undefined) return null;
        const folder = await inodeOf(folders.at(-1) ?? rootInode);
        if (folder === null || (u32(folder, 32) & inlineFlag) !== 0) return null;
        parts = rest;
        if (name === '..') folders = folders.length > 1 ? folders.slice(0, -1) : folders;
        if (name === '.' || name === '..') continue;
        const inode = await entryOf(folder, name);
        const view = inode === 0 ? null : await inodeOf(inode);
        if (view === null) return null;
        const kind = u16(view, 0) & 0xf000;
        if (kind === 0xa000) {
          const link = await linkOf(view);
          if (link.startsWith('/')) folders = [rootInode];
          parts = [...link.split('/').filter((part) => part !== ''), ...rest];
        } else if (kind === 0x4000) folders.push(inode);
        else if (kind !== 0x8000 || rest.length > 0 || (u32(view, 32) & inlineFlag) !== 0) return null;
        else return { inode, size: sizeOf(view, 0), extents: extentsOf(await runsOf(view, 0), blockSize, sizeOf(view, 0)) };
      }
      return null;
    },
    async *files() {
      const perBlock = Math.floor((64 * 1024) / inodeSize);
      for (let group = 0; group < groups; group += 1) {
        const descriptor = viewOf(await readAt(source, start + (firstDataBlock + 1) * blockSize + group * descriptorSize, descriptorSize));
        if (descriptor.byteLength < 32) return;
        // Never used: the table was not even written.
        if ((u16(descriptor, 18) & 1) !== 0 && (u32(head, 100) & 0x410) !== 0) continue;
        const table = u32(descriptor, 8) + (descriptorSize >= 64 ? u32(descriptor, 40) * 2 ** 32 : 0);
        if (!inRange(table)) continue;
        for (let first = 0; first < inodesPerGroup; first += perBlock) {
          const count = Math.min(perBlock, inodesPerGroup - first);
          const view = viewOf(await readAt(source, start + table * blockSize + first * inodeSize, count * inodeSize));
          for (let at = 0; at + inodeSize <= view.byteLength; at += inodeSize) {
            const inode = group * inodesPerGroup + first + at / inodeSize + 1;
            if (inode < firstInode || (u16(view, at) & 0xf000) !== 0x8000) continue;
            const flags = u32(view, at + 32);
            const size = sizeOf(view, at);
            if ((flags & inlineFlag) !== 0 || size === 0) continue;
            yield { inode, size, extents: extentsOf(await runsOf(view, at), blockSize, size) };
          }
        }
      }
    },
  };
};
