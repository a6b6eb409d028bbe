/**
 * Where the pieces of fragmented files lie on a source, and which runs of it are known and need not be unpacked. A
 * search of raw blocks misses what stands on the border of two pieces; this is what the pieces are put together with.
 */
import type { ByteSource, Extent } from './source.ts';
import { joined } from './source.ts';

/** A position of the source seen as a position of the file that it belongs to. */
export interface Located {
  readonly source: ByteSource;
  readonly position: number;
  /** Extents of `source`, as extents of the source below. */
  toBase(extents: readonly Extent[]): readonly Extent[];
}

/** Translates extents of a file into extents of what the file lies on. Pure. */
export const translate = (outer: readonly Extent[], inner: readonly Extent[]): readonly Extent[] => {
  const out: Extent[] = [];
  for (const extent of inner) {
    if (extent.start < 0) {
      out.push(extent);
      continue;
    }
    let logical = 0;
    for (const piece of outer) {
      const from = Math.max(extent.start, logical);
      const to = Math.min(extent.start + extent.size, logical + piece.size);
      if (to > from) out.push({ start: piece.start < 0 ? -1 : piece.start + from - logical, size: to - from });
      logical += piece.size;
    }
  }
  return out;
};

export interface Layout {
  /** Remembers a file in pieces. */
  addFile(extents: readonly Extent[]): void;
  /** Remembers runs that need not be unpacked. */
  skip(extents: readonly Extent[]): void;
  isSkipped(position: number): boolean;
  locate(position: number): Located;
}

interface Piece {
  readonly start: number;
  readonly size: number;
  readonly logical: number;
  readonly extents: readonly Extent[];
}

/** bytes of the source that share a list of pieces, so that a position is not looked for among all of a disk's */
const stretch = 1024 * 1024;

export const createLayout = (source: ByteSource): Layout => {
  const pieces = new Map<number, Piece[]>();
  const remember = (piece: Piece): void => {
    for (let at = Math.floor(piece.start / stretch); at * stretch < piece.start + piece.size; at += 1) {
      const known = pieces.get(at);
      if (known === undefined) pieces.set(at, [piece]);
      else known.push(piece);
    }
  };
  const skipped: Extent[] = [];
  return {
    addFile(extents) {
      let logical = 0;
      for (const { start, size } of extents) {
        if (start >= 0) remember({ start, size, logical, extents });
        logical += size;
      }
    },
    skip(extents) {
      skipped.push(...extents.filter((extent) => extent.start >= 0));
    },
    isSkipped: (position) => skipped.some(({ start, size }) => position >= start && position < start + size),
    locate(position) {
      // The innermost file was added last.
      const piece = pieces.get(Math.floor(position / stretch))?.findLast(({ start, size }) => position >= start && position < start + size);
      if (piece === undefined) return { source, position, toBase: (extents) => extents };
      return {
        source: joined(source, piece.extents),
        position: piece.logical + position - piece.start,
        toBase: (extents) => translate(piece.extents, extents),
      };
    },
  };
};
