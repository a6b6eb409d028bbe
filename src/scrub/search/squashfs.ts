/**
 * Reads squashfs images in place, wherever they lie: every file as a source of its own, so that nothing is unpacked to
 * a disk or into memory. Knows gzip, xz, lz4 and zstd.
 */
import { inflateSync, zstdDecompressSync } from 'node:zlib';
import { unpackLz4Block } from './lz4.ts';
import { createWorkspace } from './lzma2.ts';
import type { Workspace } from './lzma2.ts';
import type { ByteSource } from './source.ts';
import { inMemory, partOf, readAt, readFully } from './source.ts';
import { unpackXz } from './xz.ts';

export interface SquashfsFile {
  readonly path: string;
  readonly source: ByteSource;
}

export interface Squashfs {
  /** bytes of the image */
  readonly size: number;
  /** Names, link targets and the other tables, unpacked, one piece after the other. */
  tables(): AsyncGenerator<Uint8Array>;
  /** The regular files in the order of the image. */
  files(): AsyncGenerator<SquashfsFile>;
}

const none = 0xffffffff;
const compressions: Readonly<Record<number, string>> = { 1: 'gzip', 2: 'lzma', 3: 'lzo', 4: 'xz', 5: 'lz4', 6: 'zstd' };

const decompress = async (compression: string, bytes: Uint8Array, limit: number, workspace: Workspace): Promise<Uint8Array> => {
  if (compression === 'gzip') return inflateSync(bytes, { maxOutputLength: limit, chunkSize: limit });
  if (compression === 'zstd') return zstdDecompressSync(bytes, { maxOutputLength: limit, chunkSize: limit });
  if (compression === 'lz4') return unpackLz4Block(bytes, limit);
  const parts: Buffer[] = [];
  await unpackXz(inMemory(bytes), 0, (part) => parts.push(Buffer.from(part)), workspace);
  return Buffer.concat(parts);
};

interface Inode {
  readonly number: number;
  readonly start: number;
  readonly fragment: number;
  readonly offset: number;
  readonly size: number;
  readonly blocks: readonly number[];
}

interface Directory {
  readonly number: number;
  readonly block: number;
  readonly offset: number;
  readonly size: number;
}

const u16 = (bytes: DataView, at: number): number => bytes.getUint16(at, true);
const u32 = (bytes: DataView, at: number): number => bytes.getUint32(at, true);
const u64 = (bytes: DataView, at: number): number => Number(bytes.getBigUint64(at, true));
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** What the inode table says, in its order. Stops at what it does not know. */
const parseInodes = (table: Uint8Array, blockSize: number): { files: Inode[]; directories: Directory[]; whole: boolean } => {
  const view = viewOf(table);
  const files: Inode[] = [];
  const directories: Directory[] = [];
  let at = 0;
  try {
    while (at + 16 <= table.length) {
      const type = u16(view, at);
      const number = u32(view, at + 12);
      if (type === 1) {
        directories.push({ number, block: u32(view, at + 16), size: u16(view, at + 24), offset: u16(view, at + 26) });
        at += 32;
      } else if (type === 8) {
        directories.push({ number, size: u32(view, at + 20), block: u32(view, at + 24), offset: u16(view, at + 34) });
        const count = u16(view, at + 32);
        at += 40;
        for (let i = 0; i < count; i += 1) at += 12 + u32(view, at + 8) + 1;
      } else if (type === 2 || type === 9) {
        const extended = type === 9;
        const start = extended ? u64(view, at + 16) : u32(view, at + 16);
        const size = extended ? u64(view, at + 24) : u32(view, at + 28);
        const fragment = u32(view, at + (extended ? 44 : 20));
        const offset = u32(view, at + (extended ? 48 : 24));
        at += extended ? 56 : 32;
        const count = fragment === none ? Math.ceil(size / blockSize) : Math.floor(size / blockSize);
        const blocks: number[] = [];
        for (let i = 0; i < count; i += 1) blocks.push(u32(view, at + i * 4));
        at += count * 4;
        files.push({ number, start, size, fragment, offset, blocks });
      } else if (type === 3 || type === 10) at += 24 + u32(view, at + 20) + (type === 10 ? 4 : 0);
      else if (type === 4 || type === 5) at += 24;
      else if (type === 6 || type === 7) at += 20;
      else if (type === 11 || type === 12) at += 28;
      else if (type === 13 || type === 14) at += 24;
      else return { files, directories, whole: false };
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { files, directories, whole: false };
  }
  return { files, directories, whole: true };
};

/** Names of inodes: number to parent and name. */
const parseNames = (table: Uint8Array, starts: ReadonlyMap<number, number>, directories: readonly Directory[]): Map<number, { parent: number; name: string }> => {
  const view = viewOf(table);
  const names = new Map<number, { parent: number; name: string }>();
  for (const directory of directories) {
    const base = starts.get(directory.block);
    if (base === undefined || directory.size <= 3) continue;
    let at = base + directory.offset;
    const end = Math.min(table.length, at + directory.size - 3);
    while (at + 12 <= end) {
      const count = u32(view, at) + 1;
      const first = u32(view, at + 8);
      at += 12;
      for (let i = 0; i < count && at + 8 <= end; i += 1) {
        const length = u16(view, at + 6) + 1;
        const name = Buffer.from(table.subarray(at + 8, at + 8 + length)).toString();
        names.set(first + view.getInt16(at + 2, true), { parent: directory.number, name });
        at += 8 + length;
      }
    }
  }
  return names;
};

const pathOf = (number: number, names: ReadonlyMap<number, { parent: number; name: string }>): string => {
  const parts: string[] = [];
  let entry = names.get(number);
  for (let depth = 0; entry !== undefined && depth < 64; depth += 1) {
    parts.unshift(entry.name);
    entry = names.get(entry.parent);
  }
  return parts.length === 0 ? `inode ${number}` : `/${parts.join('/')}`;
};

/**
 * Opens the image that starts at `start` of `outer`. Gives null when there is none, or in words why it cannot be unpacked.
 * @param released told how many bytes were unpacked into memory of their own
 * @throws what the source throws
 */
export const openSquashfs = async (outer: ByteSource, start: number, released: (bytes: number) => void = () => undefined): Promise<Squashfs | string | null> => {
  const bytes = await readAt(outer, start, 96);
  if (bytes.length < 96 || u32(viewOf(bytes), 0) !== 0x73717368) return null;
  const head = viewOf(bytes);
  const blockSize = u32(head, 12);
  const fragmentCount = u32(head, 16);
  const size = u64(head, 40);
  if (u16(head, 28) !== 4 || blockSize !== 2 ** u16(head, 22) || blockSize > 1024 * 1024 || size < 96) return null;
  if (start + size > outer.size) return 'a squashfs image that is cut';
  const compression = compressions[u16(head, 20)] ?? 'unknown';
  if (!['gzip', 'xz', 'lz4', 'zstd'].includes(compression)) return `a squashfs image with ${compression} compression`;
  const image = partOf(outer, start, size);
  const tableAt = { xattr: u64(head, 56), inodes: u64(head, 64), directories: u64(head, 72), fragments: u64(head, 80) };

  const workspace = createWorkspace();
  // What is packed is never longer than what it was made of.
  const packed = new Uint8Array(Math.max(blockSize, 8192));
  const unpackBlock = async (at: number, word: number, limit: number): Promise<Uint8Array> => {
    const length = Math.min(word & 0xffffff, packed.length);
    if ((word & 0x1000000) !== 0) return readAt(image, at, length);
    const count = await readFully(image, packed.subarray(0, length), at);
    try {
      const bytes = await decompress(compression, packed.subarray(0, count), limit, workspace);
      released(limit);
      return bytes;
    } catch {
      return new Uint8Array(0);
    }
  };
  /** One metadata block: its bytes and where the next starts. */
  const metadata = async (at: number): Promise<{ bytes: Uint8Array; next: number } | null> => {
    const header = await readAt(image, at, 2);
    if (header.length < 2) return null;
    const word = u16(viewOf(header), 0);
    const stored = (word & 0x8000) !== 0;
    return { bytes: await unpackBlock(at + 2, (word & 0x7fff) | (stored ? 0x1000000 : 0), 8192), next: at + 2 + (word & 0x7fff) };
  };
  /** A run of metadata blocks, joined, with where each starts in the image and in the result. */
  const table = async (from: number, to: number): Promise<{ bytes: Uint8Array; starts: Map<number, number> }> => {
    const parts: Uint8Array[] = [];
    const starts = new Map<number, number>();
    let length = 0;
    for (let at = from; at < to; ) {
      const block = await metadata(at);
      if (block === null || block.next <= at) break;
      starts.set(at - from, length);
      parts.push(block.bytes);
      length += block.bytes.length;
      at = block.next;
    }
    return { bytes: Buffer.concat(parts), starts };
  };

  const firstOf = async (index: number): Promise<number> => {
    const pointer = await readAt(image, index, 8);
    return pointer.length < 8 ? size : u64(viewOf(pointer), 0);
  };
  const directoriesEnd = async (): Promise<number> => (fragmentCount > 0 ? firstOf(tableAt.fragments) : Math.min(tableAt.fragments, size));

  const fragmentTable = async (): Promise<readonly { start: number; word: number }[]> => {
    const rows: { start: number; word: number }[] = [];
    for (let block = 0; block * 512 < fragmentCount; block += 1) {
      const piece = await metadata(await firstOf(tableAt.fragments + block * 8));
      if (piece === null) break;
      const view = viewOf(piece.bytes);
      for (let at = 0; at + 16 <= view.byteLength && rows.length < fragmentCount; at += 16) rows.push({ start: u64(view, at), word: u32(view, at + 8) });
    }
    return rows;
  };

  return {
    size,
    async *tables() {
      yield (await table(tableAt.inodes, tableAt.directories)).bytes;
      yield (await table(tableAt.directories, await directoriesEnd())).bytes;
      if (tableAt.xattr > 0 && tableAt.xattr < size) yield (await table(await firstOf(tableAt.xattr), tableAt.xattr)).bytes;
    },
    async *files() {
      const inodes = parseInodes((await table(tableAt.inodes, tableAt.directories)).bytes, blockSize);
      const directories = await table(tableAt.directories, await directoriesEnd());
      const names = parseNames(directories.bytes, directories.starts, inodes.directories);
      const fragments = await fragmentTable();
      // The last unpacked block and the last fragment block: files are read from front to back, in the image's order.
      const cache = { block: { at: -1, bytes: new Uint8Array(0) as Uint8Array }, fragment: { at: -1, bytes: new Uint8Array(0) as Uint8Array } };
      const cached = async (kind: 'block' | 'fragment', at: number, word: number): Promise<Uint8Array> => {
        if (cache[kind].at !== at) cache[kind] = { at, bytes: await unpackBlock(at, word, blockSize) };
        return cache[kind].bytes;
      };
      for (const inode of inodes.files) {
        const starts: number[] = [];
        let next = inode.start;
        for (const word of inode.blocks) {
          starts.push(next);
          next += word & 0xffffff;
        }
        const source: ByteSource = {
          size: inode.size,
          async read(buffer, position) {
            if (position >= inode.size) return 0;
            const index = Math.floor(position / blockSize);
            const within = position % blockSize;
            const word = inode.blocks[index];
            const count = Math.min(buffer.length, blockSize - within, inode.size - position);
            let piece: Uint8Array;
            if (word === undefined) {
              const fragment = fragments[inode.fragment];
              if (fragment === undefined) return 0;
              piece = (await cached('fragment', fragment.start, fragment.word)).subarray(inode.offset + within);
            } else {
              piece = (word & 0xffffff) === 0 ? new Uint8Array(0) : (await cached('block', starts[index] ?? 0, word)).subarray(within);
            }
            // What is sparse or damaged reads as zero.
            const available = piece.subarray(0, count);
            buffer.set(available);
            buffer.fill(0, available.length, count);
            return count;
          },
        };
        yield { path: pathOf(inode.number, names), source };
      }
      if (!inodes.whole) throw new RangeError('the inode table is damaged');
    },
  };
};
