/** Runs a matcher over long streams of bytes with two small buffers; nothing on a border is missed. */
import { findUnaligned } from './marks.ts';
import type { Matcher } from './matcher.ts';
import { chunkSize } from './read-back.ts';
import type { ByteSource, Extent } from './source.ts';
import { readFully } from './source.ts';

export interface StreamOptions {
  readonly matcher: Matcher;
  /** A match; `position` in bytes from the start of the source. */
  readonly onMatch: (pattern: number, position: number) => void;
  readonly onMark?: (id: number, position: number) => void;
  /** After every chunk: bytes read since the call before. */
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

const zeros = Buffer.alloc(chunkSize);

/** Most of a new disk: with one comparison it is known that nothing stands there. */
const isZero = (window: Uint8Array): boolean => {
  for (let at = 0; at < window.length; at += zeros.length) {
    const size = Math.min(zeros.length, window.length - at);
    if (zeros.compare(window, at, at + size, 0, size) !== 0) return false;
  }
  return true;
};

/**
 * Reads an extent from front to end and searches it; the next chunk is read while one is searched. Marks are found at
 * positions that are multiples of 4 from the extent's start, those of gzip anywhere. Returns the bytes that were read: less than asked for when
 * the source ends early.
 * @throws what the source throws; the signal's reason.
 */
export const searchExtent = async (source: ByteSource, extent: Extent, options: StreamOptions, buffers = makeBuffers(options.matcher)): Promise<number> => {
  const { matcher, signal } = options;
  const { overlap } = matcher;
  const end = extent.start + extent.size;
  let [current, other] = buffers;
  let position = extent.start;
  // What of the buffer before stands in front: a multiple of 4, none at the start.
  let carried = 0;
  const read = (buffer: Uint8Array, at: number): Promise<number> =>
    readFully(source, buffer.subarray(overlap, overlap + Math.min(chunkSize, Math.max(0, end - at))), at);
  let pending = read(current, position);
  let finished = false;
  try {
    while (!finished) {
      const count = await pending;
      signal?.throwIfAborted();
      finished = count < chunkSize || position + count >= end;
      if (!finished) pending = read(other, position + count);
      const window = current.subarray(overlap - carried, overlap + count);
      const base = position - carried;
      if (!isZero(window)) {
        matcher.scan(
          window,
          carried,
          window.length,
          (pattern, start) => options.onMatch(pattern, base + start),
          options.onMark === undefined ? undefined : (id, at) => options.onMark?.(id, base + at),
        );
        if (options.onMark !== undefined) findUnaligned(window, carried, window.length, base, options.onMark);
      }
      options.onRead?.(count);
      position += count;
      if (!finished) {
        carried = Math.min(overlap, window.length);
        other.set(window.subarray(window.length - carried), overlap - carried);
        [current, other] = [other, current];
      }
    }
  } finally {
    // A read that is under way writes into the buffer: it must have ended before anybody uses it again.
    await pending.catch(() => 0);
  }
  return position - extent.start;
};

/** Two buffers for {@link searchExtent}; to be used again for many short extents. */
export const makeBuffers = (matcher: Matcher, size = chunkSize): readonly [Uint8Array, Uint8Array] => [
  new Uint8Array(matcher.overlap + size),
  new Uint8Array(matcher.overlap + size),
];

/** Searches bytes that come in pieces of any size, as a decompressor gives them. Marks are found at multiples of 4. */
export interface PieceSearch {
  push(bytes: Uint8Array): void;
  /** Searches what is left. Returns how many bytes went through. */
  end(): number;
}

const pieceBuffer = 256 * 1024;

/** A buffer for {@link searchPieces}; to be used again when a search has ended. */
export const makePieceBuffer = (matcher: Matcher): Uint8Array => new Uint8Array(matcher.overlap + pieceBuffer);

export const searchPieces = (options: Pick<StreamOptions, 'matcher' | 'onMatch' | 'onMark'>, buffer = makePieceBuffer(options.matcher)): PieceSearch => {
  const { matcher } = options;
  let from = 0;
  let filled = 0;
  // Position of buffer[0] in the stream.
  let base = 0;
  const scan = (): void => {
    matcher.scan(
      buffer,
      from,
      filled,
      (pattern, start) => options.onMatch(pattern, base + start),
      options.onMark === undefined ? undefined : (id, at) => options.onMark?.(id, base + at),
    );
    if (options.onMark !== undefined) findUnaligned(buffer, from, filled, base, options.onMark);
  };
  return {
    push(bytes) {
      let taken = 0;
      while (taken < bytes.length) {
        const count = Math.min(bytes.length - taken, buffer.length - filled);
        buffer.set(bytes.subarray(taken, taken + count), filled);
        taken += count;
        filled += count;
        if (filled < buffer.length) continue;
        scan();
        const carried = matcher.overlap;
        buffer.copyWithin(0, filled - carried, filled);
        base += filled - carried;
        from = carried;
        filled = carried;
      }
    },
    end() {
      scan();
      const total = base + filled;
      from = filled;
      return total;
    },
  };
};
