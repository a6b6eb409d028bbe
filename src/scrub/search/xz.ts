/** Unpacks .xz streams from anywhere in a source, as far as they are whole. Checksums are not looked at. */
import { createLzma2, createWorkspace } from './lzma2.ts';
import type { Workspace } from './lzma2.ts';
import type { ByteSource } from './source.ts';
import { readFully } from './source.ts';

/** What lies farther back than this (bytes; `xz -9`) cannot be referred to: it would not fit into memory. */
const largestDictionary = 48 * 1024 * 1024;

/** The longest chunk and some more. */
const readAhead = 128 * 1024;

/** Reads a source from front to back. */
const createReader = (source: ByteSource, start: number) => {
  const buffer = new Uint8Array(readAhead);
  let base = start;
  let filled = 0;
  return {
    /** Up to `size` bytes at `position`, valid until the next call; shorter at the end. */
    async bytes(position: number, size: number): Promise<Uint8Array> {
      if (position < base || position + size > base + filled) {
        base = position;
        filled = await readFully(source, buffer, position);
      }
      return buffer.subarray(position - base, Math.min(filled, position - base + size));
    },
  };
};

/** A number of variable length; null when it goes beyond the end. */
const readNumber = (bytes: Uint8Array, at: number): { value: number; next: number } | null => {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, next: at + i + 1 };
  }
  return null;
};

/** The dictionary's size out of a block header, or null when it is damaged or has no LZMA2 at its end. */
const dictionaryOf = (header: Uint8Array): number | null => {
  const flags = header[1] ?? 0;
  let at = 2;
  for (const present of [0x40, 0x80]) {
    if ((flags & present) === 0) continue;
    const number = readNumber(header, at);
    if (number === null) return null;
    at = number.next;
  }
  for (let filter = 0; filter <= (flags & 3); filter += 1) {
    const id = readNumber(header, at);
    const size = id === null ? null : readNumber(header, id.next);
    if (id === null || size === null) return null;
    if (filter === (flags & 3)) {
      const property = header[size.next] ?? 0xff;
      if (id.value !== 0x21 || property > 39) return null;
      return (2 | (property & 1)) * 2 ** ((property >>> 1) + 11);
    }
    at = size.next + size.value;
  }
  return null;
};

export interface Unpacked {
  /** bytes of the source that were used */
  readonly consumed: number;
  /** False: it was damaged or cut, or is of a kind that is not known. */
  readonly whole: boolean;
  /** Why not all of it was unpacked, although it is of the kind: in words. */
  readonly refused?: string;
}

/**
 * Unpacks the stream that starts at `start`; the pieces given to `output` are valid during the call only. Filters for
 * machine code (BCJ) are not undone: they change branch addresses, not text.
 */
export const unpackXz = async (source: ByteSource, start: number, output: (bytes: Uint8Array) => void, workspace: Workspace = createWorkspace()): Promise<Unpacked> => {
  const reader = createReader(source, start);
  const header = await reader.bytes(start, 12);
  if (header.length < 12 || Buffer.compare(header.subarray(0, 6), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])) !== 0 || header[6] !== 0 || (header[7] ?? 0) > 15) return { consumed: 0, whole: false };
  const checkType = (header[7] ?? 0) & 0x0f;
  const checkSize = checkType === 0 ? 0 : 4 * 2 ** Math.floor((checkType - 1) / 3);
  let at = start + 12;
  const cut = (): Unpacked => ({ consumed: at - start, whole: false });
  for (;;) {
    const size = (await reader.bytes(at, 1))[0];
    if (size === undefined) return cut();
    if (size === 0) return { consumed: at - start, whole: true };
    const block = at;
    const headerSize = (size + 1) * 4;
    const dictionary = dictionaryOf(await reader.bytes(at, headerSize));
    if (dictionary === null) return cut();
    const decoder = createLzma2(Math.min(dictionary, largestDictionary), workspace);
    at += headerSize;
    for (;;) {
      const head = await reader.bytes(at, 6);
      const control = head[0];
      if (control === undefined || (control > 2 && control < 0x80)) return cut();
      if (control === 0) {
        at += 1;
        break;
      }
      const isRaw = control < 0x80;
      const uncompressed = 1 + (isRaw ? 0 : (control & 0x1f) << 16) + ((head[1] ?? 0) << 8) + (head[2] ?? 0);
      const compressed = isRaw ? uncompressed : 1 + ((head[3] ?? 0) << 8) + (head[4] ?? 0);
      const properties = control >= 0xc0 ? (head[5] ?? 0) : null;
      const dataAt = at + (isRaw ? 3 : properties === null ? 5 : 6);
      const data = await reader.bytes(dataAt, compressed);
      try {
        output(decoder.chunk(control, properties, data, Math.min(uncompressed, isRaw ? data.length : uncompressed)));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        output(decoder.partial());
        return dictionary > largestDictionary ? { ...cut(), refused: `a dictionary of ${dictionary / 1024 ** 2} MiB` } : cut();
      }
      at = dataAt + compressed;
    }
    at = block + Math.ceil((at - block) / 4) * 4 + checkSize;
  }
};
