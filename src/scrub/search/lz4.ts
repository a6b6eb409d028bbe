/**
 * LZ4 blocks. Pure. A journal stores them without a frame, which the tool `lz4` does not read, and of a block that is cut
 * or partly overwritten libraries give an error and nothing; this gives what stands before the damage.
 */

/**
 * Unpacks one block, as far as it is whole; at most `limit` bytes come out. `before`: bytes that the block may refer to.
 */
export const unpackLz4Block = (input: Uint8Array, limit: number, before: Uint8Array = new Uint8Array(0)): Uint8Array => {
  let out = new Uint8Array(Math.min(limit, Math.max(1024, input.length * 4)));
  let at = 0;
  let size = 0;
  const reserve = (count: number): boolean => {
    if (size + count > limit) return false;
    if (size + count > out.length) {
      const bigger = new Uint8Array(Math.min(limit, Math.max(out.length * 2, size + count)));
      bigger.set(out.subarray(0, size));
      out = bigger;
    }
    return true;
  };
  const length = (nibble: number): number => {
    let count = nibble;
    if (nibble !== 15) return count;
    for (let byte = 255; byte === 255 && at < input.length; at += 1) {
      byte = input[at] ?? 0;
      count += byte;
    }
    return count;
  };
  while (at < input.length) {
    const token = input[at] ?? 0;
    at += 1;
    const literals = Math.min(length(token >>> 4), input.length - at);
    if (!reserve(literals)) break;
    out.set(input.subarray(at, at + literals), size);
    size += literals;
    at += literals;
    if (at + 2 > input.length) break;
    const distance = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
    at += 2;
    const count = length(token & 15) + 4;
    if (distance === 0 || distance > size + before.length || !reserve(count)) break;
    for (let i = 0; i < count; i += 1) {
      const from = size + i - distance;
      out[size + i] = from < 0 ? before[before.length + from]! : out[from]!;
    }
    size += count;
  }
  return out.subarray(0, size);
};
