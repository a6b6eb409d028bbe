/**
 * Finds thousands of byte strings in one pass. Pure.
 *
 * The buffer is read as aligned 32-bit words. Every pattern has a window of 7 bytes, and whatever its position in
 * the buffer, exactly one aligned word lies wholly inside that window: the four words that this can be (one per
 * position modulo 4) go into a bitmap, and only words that are in it are looked up and compared in full. There is no
 * dependency from one word to the next, so the loop runs at several GB/s and does not slow down with the number of
 * patterns; blocks of zeros are skipped with one comparison.
 */

import { atOnce } from '../slices.ts';
import type { Slices } from '../slices.ts';
import type { ByteSource } from './byte-strings.ts';

/** Shortest pattern that can be searched, in bytes. */
export const shortestPattern = 7;

const windowSize = 7;
const zeroBlock = 4096;
const multiplier = 0x9e3779b1 | 0;
const zeros = Buffer.alloc(zeroBlock);

/** A 32-bit little-endian word that is reported at every position that is a multiple of 4: a file format's magic number. */
export interface Mark {
  readonly word: number;
  readonly id: number;
}

export interface Matcher {
  /** Bytes of one buffer that must stand in front of the next one so that nothing on the border is missed; a multiple of 4. */
  readonly overlap: number;
  /** How many patterns. */
  readonly count: number;
  /**
   * Searches `buffer[0, length)` and calls `onMatch` for each match that ends after `from` (what ends before was
   * reported with the buffer before). `buffer` must start at a multiple of 4 in its memory.
   */
  scan(buffer: Uint8Array, from: number, length: number, onMatch: (pattern: number, start: number) => void, onMark?: (id: number, position: number) => void): void;
}

/** How rare each byte is in what disks hold: zeros, spaces and small letters say little. */
const rarity = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0 || byte === 0xff || byte === 0x20) return 0;
  if ('etaoinsrl'.includes(String.fromCodePoint(byte))) return 1;
  return byte >= 0x61 && byte <= 0x7a ? 2 : 3;
});

/** Of a longer pattern its beginning gives the window. */
const farthestWindow = 256;

/** A word that this many patterns use is as bad as one that more use. */
const mostUses = 8;

/** How many different bytes a word has. */
const distinctBytes = (word: number): number => {
  const [a, b, c, d] = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
  return 1 + (b === a ? 0 : 1) + (c === a || c === b ? 0 : 1) + (d === a || d === b || d === c ? 0 : 1);
};

/** Patterns between two slices. */
const slice = 2000;

/**
 * Makes a matcher.
 * @throws RangeError for a pattern under {@link shortestPattern} bytes.
 */
export const createMatcher = (patterns: ByteSource, marks: readonly Mark[] = []): Matcher => atOnce(matcherInSlices(patterns, marks));

/** {@link createMatcher} for many patterns, in slices. */
export function* matcherInSlices(patterns: ByteSource, marks: readonly Mark[] = []): Slices<Matcher> {
  let longest = 0;
  let total = 0;
  for (let index = 0; index < patterns.length; index += 1) {
    const size = patterns.sizeOf(index);
    if (size < shortestPattern) throw new RangeError(`a pattern must have ${shortestPattern} bytes or more`);
    longest = Math.max(longest, size);
    total += size;
  }
  const all = new Uint8Array(total);
  const starts = new Int32Array(patterns.length + 1);

  // One entry per word: entryPattern < 0 is a mark. `next` chains entries of the same slot.
  const entries = patterns.length * 4 + marks.length;
  const tableBits = Math.max(8, Math.ceil(Math.log2(entries * 2 + 1)));
  const tableShift = 32 - tableBits;
  const heads = new Int32Array(1 << tableBits).fill(-1);
  const next = new Int32Array(entries);
  const words = new Int32Array(entries);
  const entryPattern = new Int32Array(entries);
  const entryOffset = new Int32Array(entries);
  // About one bit in 64 set: a word that is in no pattern is let through that often.
  const filterBits = Math.min(21, Math.max(13, Math.ceil(Math.log2(entries * 64 + 1))));
  const filterShift = 32 - filterBits;
  const filter = new Int32Array(1 << (filterBits - 5));

  let entry = 0;
  // By the slot of the table, which is near enough: how often a word is used already.
  const used = new Uint8Array(heads.length);
  const enter = (word: number, pattern: number, offset: number): void => {
    const hash = Math.imul(word, multiplier);
    const slot = hash >>> tableShift;
    words[entry] = word;
    entryPattern[entry] = pattern;
    entryOffset[entry] = offset;
    next[entry] = heads[slot] ?? -1;
    heads[slot] = entry;
    entry += 1;
    const bit = hash >>> filterShift;
    filter[bit >>> 5] = (filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
    used[slot] = Math.min(mostUses, (used[slot] ?? 0) + 1);
  };
  const wordAt = (at: number): number => (all[at] ?? 0) | ((all[at + 1] ?? 0) << 8) | ((all[at + 2] ?? 0) << 16) | ((all[at + 3] ?? 0) << 24);
  const scoreAt = (at: number): number => {
    const word = wordAt(at);
    return distinctBytes(word) - 2 * (used[Math.imul(word, multiplier) >>> tableShift] ?? 0);
  };
  const scores = new Int8Array(farthestWindow + 4);
  /** Where in a pattern the window lies: the rarest bytes, with words that few other patterns use. */
  const chooseWindow = (first: number, size: number): number => {
    const count = Math.min(size - windowSize + 1, farthestWindow);
    let [rare, words, best, bestScore] = [0, 0, 0, -Infinity];
    for (let at = 0; at < windowSize - 1; at += 1) rare += rarity[all[first + at] ?? 0] ?? 0;
    for (let at = 0; at < count + 3; at += 1) scores[at] = scoreAt(first + at);
    for (let phase = 0; phase < 3; phase += 1) words += scores[phase] ?? 0;
    for (let start = 0; start < count; start += 1) {
      rare += rarity[all[first + start + windowSize - 1] ?? 0] ?? 0;
      words += scores[start + 3] ?? 0;
      if (rare + words > bestScore) [best, bestScore] = [start, rare + words];
      rare -= rarity[all[first + start] ?? 0] ?? 0;
      words -= scores[start] ?? 0;
    }
    return best;
  };
  let position = 0;
  for (let index = 0; index < patterns.length; index += 1) {
    const size = patterns.sizeOf(index);
    starts[index] = position;
    patterns.copyTo(index, all, position);
    const window = chooseWindow(position, size);
    for (let phase = 0; phase < 4; phase += 1) enter(wordAt(position + window + phase), index, window + phase);
    position += size;
    if (index % slice === slice - 1) yield;
  }
  starts[patterns.length] = position;
  for (const mark of marks) enter(mark.word | 0, -1 - mark.id, 0);

  const lookUp: (
    buffer: Uint8Array,
    word: number,
    at: number,
    from: number,
    length: number,
    onMatch: (pattern: number, start: number) => void,
    onMark: ((id: number, position: number) => void) | undefined,
  ) => void = (buffer, word, at, from, length, onMatch, onMark) => {
    let e = heads[Math.imul(word, multiplier) >>> tableShift]!;
    for (; e !== -1; e = next[e]!) {
      if (words[e] !== word) continue;
      const pattern = entryPattern[e]!;
      if (pattern < 0) {
        if (at >= from) onMark?.(-1 - pattern, at);
        continue;
      }
      const first = starts[pattern]!;
      const size = starts[pattern + 1]! - first;
      const start = at - entryOffset[e]!;
      if (start < 0 || start + size > length || start + size <= from) continue;
      let i = 0;
      while (i < size && buffer[start + i] === all[first + i]) i += 1;
      if (i === size) onMatch(pattern, start);
    }
  };

  const wordsPerBlock = zeroBlock / 4;
  return {
    overlap: Math.max(4, Math.ceil((longest - 1) / 4) * 4),
    count: patterns.length,
    scan(buffer, from, length, onMatch, onMark) {
      const view = new Int32Array(buffer.buffer, buffer.byteOffset, length >>> 2);
      const end = view.length;
      const check = (i: number, hash: number): void => {
        if (((filter[hash >>> 5]! >>> hash) & 1) !== 0) lookUp(buffer, view[i]!, i * 4, from, length, onMatch, onMark);
      };
      let i = 0;
      while (i < end) {
        const stop = Math.min(end, i + wordsPerBlock);
        if (view[i] === 0 && view[stop - 1] === 0 && stop - i === wordsPerBlock && zeros.compare(buffer, i * 4, stop * 4) === 0) {
          i = stop;
          continue;
        }
        // Four words a turn: with one test for all of them this is twice as fast as word by word.
        for (; i + 4 <= stop; i += 4) {
          const a = Math.imul(view[i]!, multiplier) >>> filterShift;
          const b = Math.imul(view[i + 1]!, multiplier) >>> filterShift;
          const c = Math.imul(view[i + 2]!, multiplier) >>> filterShift;
          const d = Math.imul(view[i + 3]!, multiplier) >>> filterShift;
          if ((((filter[a >>> 5]! >>> a) | (filter[b >>> 5]! >>> b) | (filter[c >>> 5]! >>> c) | (filter[d >>> 5]! >>> d)) & 1) === 0) continue;
          check(i, a);
          check(i + 1, b);
          check(i + 2, c);
          check(i + 3, d);
        }
        for (; i < stop; i += 1) check(i, Math.imul(view[i]!, multiplier) >>> filterShift);
      }
    },
  };
}
