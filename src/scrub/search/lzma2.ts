/**
 * LZMA2, as in .xz files: decoded in memory so that no secret passes through a temporary file, and so that a damaged or
 * cut stream gives what stands before the damage. Pure.
 *
 * Why not somebody else's: zlib of Node and bun knows no LZMA. `@napi-rs/lzma` takes and gives whole buffers, nothing of
 * a damaged one, and like `lzma-native` and `node-liblzma` is machine code that one file for glibc and musl cannot
 * carry. `xz-decompress` (WebAssembly) ends a stream with an error without what it had decoded of the last piece, does
 * not tell how much it consumed, and its memory never shrinks. The tool `xz` gives as much of a damaged stream as this
 * does, but it may not be on the live system, is a process for each of thousands of magic numbers on a disk, and does not
 * tell where a stream ended either.
 */

const states = 12;
const posStates = 16;

/** Probabilities of one length coder: choice, choice 2, low and mid per position state, high. */
const lengthSize = 2 + posStates * 8 * 2 + 256;

const layout = (() => {
  let at = 0;
  const take = (size: number): number => {
    const start = at;
    at += size;
    return start;
  };
  return {
    isMatch: take(states * posStates),
    isRep: take(states),
    isRepG0: take(states),
    isRepG1: take(states),
    isRepG2: take(states),
    isRep0Long: take(states * posStates),
    posSlot: take(4 * 64),
    posSpecial: take(128),
    align: take(16),
    matchLength: take(lengthSize),
    repLength: take(lengthSize),
    literal: take(0x300 << 4),
    size: at,
  };
})();

export interface Lzma2 {
  /**
   * Decodes the data of one chunk behind its header.
   * @param control the chunk's first byte
   * @param properties the byte of lc, lp and pb when the chunk has one
   * @returns the decoded bytes; valid until the next call
   * @throws RangeError when the data is damaged; `partial()` then gives what was decoded before
   */
  chunk(control: number, properties: number | null, data: Uint8Array, uncompressed: number): Uint8Array;
  /** What the chunk that failed had given. */
  partial(): Uint8Array;
}

/** Memory that is used for one stream after the other; never for two at a time. */
export interface Workspace {
  window: Uint8Array<ArrayBuffer>;
  /** Called before a window of that many bytes is made. */
  readonly onGrow: (bytes: number) => void;
}

export const createWorkspace = (onGrow: (bytes: number) => void = () => undefined): Workspace => ({ window: new Uint8Array(0), onGrow });

/** No chunk is longer. */
const largestChunk = 2 * 1024 * 1024;

/** @param dictionarySize in bytes; a match from farther back counts as damage */
export const createLzma2 = (dictionarySize: number, workspace: Workspace): Lzma2 => {
  const probabilities = new Uint16Array(layout.size);
  // All at once: the system gives memory to the pages that are written to, and growing would leave copies behind.
  const size = dictionarySize + largestChunk;
  if (workspace.window.length < size) {
    workspace.window = new Uint8Array(0);
    workspace.onGrow(size);
    workspace.window = new Uint8Array(size);
  }
  const { window } = workspace;
  // Next byte to be written; bytes before `valid` bytes back are unknown.
  let position = 0;
  let valid = 0;
  let began = 0;
  let lc = 3;
  let lp = 0;
  let pb = 2;
  let state = 0;
  let rep0 = 0;
  let rep1 = 0;
  let rep2 = 0;
  let rep3 = 0;
  // Range decoder.
  let input = new Uint8Array(0);
  let at = 0;
  // Range and code. In an array they stay plain 32-bit numbers; as variables, each change would make an object.
  const coder = new Uint32Array(2);
  // Bytes since the dictionary was reset: position states count from there.
  let processed = 0;

  const reserve = (size: number): void => {
    if (position + size > dictionarySize + largestChunk) {
      const keep = Math.min(position, dictionarySize);
      window.copyWithin(0, position - keep, position);
      position = keep;
    }
    began = position;
  };

  const refill = (range: number): void => {
    if (at >= input.length) throw new RangeError('the data ends early');
    coder[0] = range << 8;
    coder[1] = (coder[1]! << 8) | input[at]!;
    at += 1;
  };
  const bit = (index: number): number => {
    if (coder[0]! < 0x1000000) refill(coder[0]!);
    const range = coder[0]!;
    const code = coder[1]!;
    const probability = probabilities[index]!;
    const bound = Math.imul(range >>> 11, probability) >>> 0;
    if (code < bound) {
      coder[0] = bound;
      probabilities[index] = probability + ((2048 - probability) >>> 5);
      return 0;
    }
    coder[0] = range - bound;
    coder[1] = code - bound;
    probabilities[index] = probability - (probability >>> 5);
    return 1;
  };
  /** Most bits are read here: as `bit`, with range and code in variables of its own. */
  const tree = (base: number, bits: number): number => {
    let range = coder[0]!;
    let code = coder[1]!;
    let symbol = 1;
    const end = 1 << bits;
    while (symbol < end) {
      if (range < 0x1000000) {
        if (at >= input.length) throw new RangeError('the data ends early');
        range = (range << 8) >>> 0;
        code = ((code << 8) | input[at]!) >>> 0;
        at += 1;
      }
      const probability = probabilities[base + symbol]!;
      const bound = Math.imul(range >>> 11, probability) >>> 0;
      if (code < bound) {
        range = bound;
        probabilities[base + symbol] = probability + ((2048 - probability) >>> 5);
        symbol <<= 1;
      } else {
        range = (range - bound) >>> 0;
        code = (code - bound) >>> 0;
        probabilities[base + symbol] = probability - (probability >>> 5);
        symbol = (symbol << 1) | 1;
      }
    }
    coder[0] = range;
    coder[1] = code;
    return symbol - end;
  };
  const reverseTree = (base: number, bits: number): number => {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i += 1) {
      const b = bit(base + symbol);
      symbol = (symbol << 1) | b;
      value |= b << i;
    }
    return value;
  };
  const direct = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i += 1) {
      if (coder[0]! < 0x1000000) refill(coder[0]!);
      coder[0] = coder[0]! >>> 1;
      const one = coder[1]! >= coder[0]! ? 1 : 0;
      if (one === 1) coder[1] = coder[1]! - coder[0]!;
      value = (value << 1) | one;
    }
    return value;
  };
  const lengthOf = (base: number, posState: number): number => {
    if (bit(base) === 0) return 2 + tree(base + 2 + posState * 8, 3);
    if (bit(base + 1) === 0) return 10 + tree(base + 2 + posStates * 8 + posState * 8, 3);
    return 18 + tree(base + 2 + posStates * 16, 8);
  };
  const literalAfterMatch = (base: number): number => {
    let matched = window[position - rep0 - 1]!;
    let symbol = 1;
    while (symbol < 0x100) {
      const expected = (matched >>> 7) & 1;
      matched = (matched << 1) & 0xff;
      const b = bit(base + ((1 + expected) << 8) + symbol);
      symbol = (symbol << 1) | b;
      if (b !== expected) break;
    }
    while (symbol < 0x100) symbol = (symbol << 1) | bit(base + symbol);
    return symbol & 0xff;
  };
  const literal = (): void => {
    const previous = valid > 0 ? window[position - 1]! : 0;
    const context = ((processed & ((1 << lp) - 1)) << lc) | (previous >>> (8 - lc));
    const base = layout.literal + 0x300 * context;
    window[position] = state < 7 ? tree(base, 8) : literalAfterMatch(base);
    position += 1;
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  };
  const distanceOf = (length: number): number => {
    const slot = tree(layout.posSlot + Math.min(length - 2, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const high = (2 | (slot & 1)) << bits;
    if (slot < 14) return high + reverseTree(layout.posSpecial + high - slot, bits);
    return ((high >>> 0) + direct(bits - 4) * 16 + reverseTree(layout.align, 4)) >>> 0;
  };
  const swapReps = (which: 1 | 2 | 3): void => {
    const distance = which === 1 ? rep1 : which === 2 ? rep2 : rep3;
    if (which === 3) rep3 = rep2;
    if (which >= 2) rep2 = rep1;
    rep1 = rep0;
    rep0 = distance;
  };
  const copy = (length: number, end: number): void => {
    if (rep0 >= valid) throw new RangeError('a match before the start');
    const count = Math.min(length, end - position);
    const from = position - rep0 - 1;
    for (let i = 0; i < count; i += 1) window[position + i] = window[from + i]!;
    position += count;
    if (count < length) throw new RangeError('a match beyond the chunk');
  };
  const match = (end: number): void => {
    const posState = processed & ((1 << pb) - 1);
    let length: number;
    if (bit(layout.isRep + state) === 0) {
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      length = lengthOf(layout.matchLength, posState);
      state = state < 7 ? 7 : 10;
      rep0 = distanceOf(length);
    } else {
      if (bit(layout.isRepG0 + state) === 0) {
        if (bit(layout.isRep0Long + state * posStates + posState) === 0) {
          state = state < 7 ? 9 : 11;
          copy(1, end);
          return;
        }
      } else if (bit(layout.isRepG1 + state) === 0) swapReps(1);
      else if (bit(layout.isRepG2 + state) === 0) swapReps(2);
      else swapReps(3);
      length = lengthOf(layout.repLength, posState);
      state = state < 7 ? 8 : 11;
    }
    copy(length, end);
  };
  const resetState = (): void => {
    probabilities.fill(1024);
    state = 0;
    rep0 = 0;
    rep1 = 0;
    rep2 = 0;
    rep3 = 0;
  };

  return {
    chunk(control, properties, data, uncompressed) {
      const isRaw = control < 0x80;
      if (isRaw ? control === 1 : control >= 0xe0) {
        valid = 0;
        processed = 0;
      }
      if (properties !== null) {
        pb = Math.floor(properties / 45);
        lp = Math.floor((properties % 45) / 9);
        lc = properties % 9;
        if (lc + lp > 4 || pb > 4) throw new RangeError('unknown properties');
      }
      reserve(uncompressed);
      if (isRaw) {
        window.set(data.subarray(0, uncompressed), position);
        position += uncompressed;
        valid = Math.min(dictionarySize, valid + uncompressed);
        processed += uncompressed;
        return window.subarray(began, position);
      }
      if (control >= 0xa0) resetState();
      input = data as Uint8Array<ArrayBuffer>;
      coder[0] = 0xffffffff;
      coder[1] = ((data[1] ?? 0) << 24) | ((data[2] ?? 0) << 16) | ((data[3] ?? 0) << 8) | (data[4] ?? 0);
      at = 5;
      const end = position + uncompressed;
      while (position < end) {
        const before = position;
        const posState = processed & ((1 << pb) - 1);
        if (bit(layout.isMatch + state * posStates + posState) === 0) literal();
        else match(end);
        processed += position - before;
        valid += position - before;
        if (valid > dictionarySize) valid = dictionarySize;
      }
      return window.subarray(began, position);
    },
    partial: () => window.subarray(began, position),
  };
};
