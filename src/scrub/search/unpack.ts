/**
 * Unpacks a compressed stream from anywhere in a source: what is whole of a stream that was cut or overwritten comes
 * out, what stands behind it is left alone.
 */
import { constants, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { InflateRaw, ZstdDecompress } from 'node:zlib';
import { unpackLz4Block } from './lz4.ts';
import { createWorkspace } from './lzma2.ts';
import type { Workspace } from './lzma2.ts';
import type { ByteSource } from './source.ts';
import { readAt, readFully } from './source.ts';
import type { Unpacked } from './xz.ts';
import { unpackXz } from './xz.ts';

export type PackedFormat = 'gzip' | 'xz' | 'zstd' | 'lz4' | 'zip' | 'zlib';

/** A decompressor loses what it made of the piece in which it finds damage: small pieces lose little. */
const piece = 4096;
const batch = 64 * 1024;

/** More output is not looked at: a bomb. */
const largestOutput = 8 * 1024 ** 3;

/** Bigger windows of zstd (2^25 bytes; `zstd -19` uses 2^23) are not unpacked. */
const largestWindow = 25;

type Output = (bytes: Uint8Array) => void;

const feed = async (stream: InflateRaw | ZstdDecompress, source: ByteSource, start: number, output: Output): Promise<Unpacked> => {
  let over = false;
  let whole = false;
  let size = 0;
  const ended = new Promise<void>((resolve) => {
    stream.on('data', (bytes: Uint8Array) => {
      size += bytes.length;
      output(bytes);
      if (size > largestOutput) {
        over = true;
        resolve();
      }
    });
    stream.on('error', () => {
      over = true;
      resolve();
    });
    stream.on('end', () => {
      whole = !over;
      over = true;
      resolve();
    });
  });
  const buffer = new Uint8Array(batch);
  let filled = 0;
  let base = start;
  for (let at = start; !over; ) {
    if (at >= base + filled) {
      filled = await readFully(source, buffer, at);
      base = at;
    }
    const bytes = buffer.subarray(at - base, Math.min(filled, at - base + piece));
    if (bytes.length === 0) {
      stream.end();
      await ended;
      break;
    }
    at += bytes.length;
    await Promise.race([ended, new Promise<void>((resolve) => void stream.write(bytes, () => resolve()))]);
    // The end of the stream is told after the piece that holds it.
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  const consumed = stream.bytesWritten;
  stream.destroy();
  return { consumed, whole };
};

/** Where the deflate data of a gzip member starts, from its start; null when it is none. */
const gzipHeader = (bytes: Uint8Array): number | null => {
  const flags = bytes[3] ?? 0xff;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || flags > 31) return null;
  // How hard it was tried, and on which system.
  if (![0, 2, 4].includes(bytes[8] ?? 1) || ((bytes[9] ?? 0) > 13 && bytes[9] !== 255)) return null;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[10] ?? 0) + ((bytes[11] ?? 0) << 8);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end === -1) return null;
    at = end + 1;
  }
  return (flags & 2) !== 0 ? at + 2 : at;
};

const unpackGzip = async (source: ByteSource, start: number, output: Output): Promise<Unpacked> => {
  let at = start;
  for (;;) {
    const header = gzipHeader(await readAt(source, at, 2048));
    // Members may follow each other; anything else ends it.
    if (header === null) return { consumed: at - start, whole: at > start };
    const result = await feed(createInflateRaw(), source, at + header, output);
    at += header + result.consumed;
    if (!result.whole) return { consumed: at - start, whole: false };
    at += 8;
  }
};

/** Whether a frame may start there: the reserved bit is not set and the first block is of a known type and size. */
const isZstdFrame = (bytes: Uint8Array): boolean => {
  const descriptor = bytes[4] ?? 0xff;
  const single = (descriptor & 0x20) !== 0;
  if (bytes.length < 9 || Buffer.from(bytes).readUInt32LE() !== 0xfd2fb528 || (descriptor & 8) !== 0) return false;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + sizeBytes;
  const block = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  const type = (block >>> 1) & 3;
  return type !== 3 && (type === 1 || block >>> 3 <= 128 * 1024);
};

/** log2 of the window (bytes) that a frame declares, rounded up; 0 for one whose window is its content. */
const windowLogOf = (bytes: Uint8Array): number => {
  if (((bytes[4] ?? 0) & 0x20) !== 0) return 0;
  const descriptor = bytes[5] ?? 0;
  return 10 + (descriptor >>> 3) + ((descriptor & 7) > 0 ? 1 : 0);
};

const unpackZstd = async (source: ByteSource, start: number, output: Output): Promise<Unpacked> => {
  let at = start;
  for (;;) {
    const head = await readAt(source, at, 24);
    if (!isZstdFrame(head)) return { consumed: at - start, whole: at > start };
    const windowLog = windowLogOf(head);
    if (windowLog > largestWindow) return { consumed: at - start, whole: false, refused: `a window of ${2 ** (windowLog - 20)} MiB` };
    const result = await feed(createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: largestWindow } }), source, at, output);
    at += result.consumed;
    if (!result.whole || result.consumed === 0) return { consumed: at - start, whole: false };
  }
};

const unpackLz4 = async (source: ByteSource, start: number, output: Output): Promise<Unpacked> => {
  const head = await readAt(source, start, 32);
  const flags = head[4] ?? 0;
  const sizeCode = head[5] ?? 0;
  if (head.length < 15 || flags >>> 6 !== 1 || (flags & 2) !== 0 || (sizeCode & 0x8f) !== 0 || sizeCode >>> 4 < 4) return { consumed: 0, whole: false };
  const linked = (flags & 0x20) === 0;
  let at = start + 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
  // Blocks may refer to 64 KiB before them: those go in front, as literals of a block of their own.
  let before = new Uint8Array(0);
  for (;;) {
    const word = await readAt(source, at, 4);
    if (word.length < 4) return { consumed: at - start, whole: false };
    const value = Buffer.from(word).readUInt32LE();
    if (value === 0) return { consumed: at + 4 - start, whole: true };
    const size = value & 0x7fffffff;
    if (size > 8 * 1024 * 1024) return { consumed: at - start, whole: false };
    const data = await readAt(source, at + 4, size);
    const bytes = value >>> 31 === 1 ? data : unpackLz4Block(data, 8 * 1024 * 1024, before);
    output(bytes);
    if (linked) before = new Uint8Array(Buffer.concat([before, bytes]).subarray(-65_536));
    at += 4 + size + ((flags & 0x10) !== 0 ? 4 : 0);
  }
};

const localHeader = 0x04034b50;
const stored = 0;
const deflated = 8;

/** Where the next member of a zip archive begins behind the data of one: what tells its size may stand between the two. */
const nextMember = async (source: ByteSource, at: number): Promise<number | null> => {
  const bytes = Buffer.from(await readAt(source, at, 28));
  const gap = [0, 12, 16, 20, 24].find((size) => bytes.length >= size + 4 && bytes.readUInt32LE(size) === localHeader);
  return gap === undefined ? null : at + gap;
};

/** A member and those that follow it. What is not compressed was found already; what is encrypted cannot be read. */
const unpackZip = async (source: ByteSource, start: number, output: Output): Promise<Unpacked> => {
  let at = start;
  for (;;) {
    const head = Buffer.from(await readAt(source, at, 30));
    if (head.length < 30 || head.readUInt32LE() !== localHeader || head.readUInt16LE(4) > 63) return { consumed: at - start, whole: at > start };
    const [flags, method, packed] = [head.readUInt16LE(6), head.readUInt16LE(8), head.readUInt32LE(18)];
    const data = at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    if ((flags & 1) !== 0) return { consumed: at - start, whole: false, refused: 'encryption' };
    if (method !== deflated && method !== stored) return { consumed: at - start, whole: false, refused: `the method ${method} of zip` };
    let end = data + packed;
    if (method === deflated) {
      const result = await feed(createInflateRaw(), source, data, output);
      if (!result.whole) return { consumed: data + result.consumed - start, whole: false };
      end = data + result.consumed;
    }
    const next = await nextMember(source, end);
    if (next === null) return { consumed: end - start, whole: true };
    at = next;
  }
};

/** Two bytes, data as in gzip, and a checksum: an object of git, a part of a PDF. A dictionary of somebody else's cannot be had. */
const unpackZlib = async (source: ByteSource, start: number, output: Output): Promise<Unpacked> => {
  const head = Buffer.from(await readAt(source, start, 2));
  if (head.length < 2 || head[0] !== 0x78 || head.readUInt16BE() % 31 !== 0 || ((head[1] ?? 0) & 0x20) !== 0) return { consumed: 0, whole: false };
  const result = await feed(createInflateRaw(), source, start + 2, output);
  return { consumed: result.consumed + (result.whole ? 6 : 2), whole: result.whole };
};

const unpackers = { gzip: unpackGzip, zstd: unpackZstd, lz4: unpackLz4, zip: unpackZip, zlib: unpackZlib } as const;

/**
 * Unpacks what starts at `start`. `output` is called with pieces that are valid during the call only; never throws for
 * damaged data.
 * @throws what the source throws
 */
export const unpack = (format: PackedFormat, source: ByteSource, start: number, output: Output, workspace: Workspace = createWorkspace()): Promise<Unpacked> =>
  format === 'xz' ? unpackXz(source, start, output, workspace) : unpackers[format](source, start, output);
