/** Bytes that can be read at positions, wherever they come from. */

export interface ByteSource {
  /** bytes */
  readonly size: number;
  /** Fills `buffer` from `position`; returns how many bytes were read, less than asked for at the end only. */
  read(buffer: Uint8Array, position: number): Promise<number>;
}

/** A run of bytes of a source. */
export interface Extent {
  /** bytes from the start of the source; -1 for a hole, which reads as zero */
  readonly start: number;
  /** bytes */
  readonly size: number;
}

/** Reads until the buffer is full or the source ends; a single read may give less. */
export const readFully = async (source: Pick<ByteSource, 'read'>, buffer: Uint8Array, position: number): Promise<number> => {
  let length = 0;
  while (length < buffer.length) {
    const count = await source.read(buffer.subarray(length), position + length);
    if (count === 0) break;
    length += count;
  }
  return length;
};

/** A new array with up to `size` bytes from `position`; shorter at the end of the source. */
export const readAt = async (source: ByteSource, position: number, size: number): Promise<Uint8Array> => {
  const buffer = new Uint8Array(Math.max(0, Math.min(size, source.size - position)));
  return buffer.subarray(0, await readFully(source, buffer, position));
};

/** A part of a source as a source of its own. */
export const partOf = (source: ByteSource, start: number, size: number): ByteSource => ({
  size,
  read: (buffer, position) => source.read(buffer.subarray(0, Math.max(0, Math.min(buffer.length, size - position))), start + position),
});

/** Extents one behind the other, as a fragmented file is read. */
export const joined = (source: ByteSource, extents: readonly Extent[]): ByteSource => {
  const ends: number[] = [];
  let size = 0;
  for (const extent of extents) {
    size += extent.size;
    ends.push(size);
  }
  return {
    size,
    async read(buffer, position) {
      // The first extent that ends behind `position`.
      let low = 0;
      let high = ends.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((ends[middle] ?? 0) > position) high = middle;
        else low = middle + 1;
      }
      const extent = extents[low];
      if (extent === undefined) return 0;
      const within = position - ((ends[low] ?? 0) - extent.size);
      const count = Math.min(buffer.length, extent.size - within);
      if (extent.start < 0) {
        buffer.fill(0, 0, count);
        return count;
      }
      return source.read(buffer.subarray(0, count), extent.start + within);
    },
  };
};

/** Bytes in memory as a source. */
export const inMemory = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (buffer, position) => {
    const piece = bytes.subarray(position, position + buffer.length);
    buffer.set(piece);
    return Promise.resolve(piece.length);
  },
});
