/**
 * Many different byte strings in one piece of memory. A script of 1 MiB comes to hundreds of thousands of them; as arrays of their own, and
 * as keys of a set, each would take many times its length. Pure.
 */

/** What a matcher is made from. It gives bytes without making an object for each string. */
export interface ByteSource {
  readonly length: number;
  /** bytes */
  sizeOf(index: number): number;
  /** Writes a string into `target` from `position` on. */
  copyTo(index: number, target: Uint8Array, position: number): void;
}

/** Byte strings that are at hand as arrays. */
export const byteSource = (arrays: readonly Uint8Array[]): ByteSource => ({
  length: arrays.length,
  sizeOf: (index) => arrays[index]?.length ?? 0,
  copyTo: (index, target, position) => target.set(arrays[index] ?? [], position),
});

const firstBytes = 65_536;
const firstSlots = 4096;

/** FNV-1a, 32 bits. */
const hashOf = (bytes: Uint8Array, start: number, end: number): number => {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
};

export class ByteStrings implements ByteSource {
  /** How many. */
  length = 0;
  #bytes = new Uint8Array(firstBytes);
  #starts = new Int32Array(firstSlots);
  #hashes = new Int32Array(firstSlots);
  /** Open addressing: index + 1 of the string in a slot, 0 where there is none. At most half full. */
  #slots = new Int32Array(firstSlots * 2);

  /** Takes `bytes[from, to)`. Returns its index, or -1 where it is there already. */
  add(bytes: Uint8Array, from = 0, to = bytes.length): number {
    const size = to - from;
    const hash = hashOf(bytes, from, to);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let taken = this.#slots[slot]!; taken !== 0; slot = (slot + 1) & mask, taken = this.#slots[slot]!) {
      if (this.#hashes[taken - 1] === hash && this.#equals(taken - 1, bytes, from, size)) return -1;
    }
    const index = this.length;
    const start = this.#starts[index]!;
    if (start + size > this.#bytes.length) this.#bytes = grown(this.#bytes, start + size);
    if (index + 2 > this.#starts.length) this.#starts = grown(this.#starts, index + 2);
    if (index + 1 > this.#hashes.length) this.#hashes = grown(this.#hashes, index + 1);
    for (let i = 0; i < size; i += 1) this.#bytes[start + i] = bytes[from + i]!;
    this.#starts[index + 1] = start + size;
    this.#hashes[index] = hash;
    this.#slots[slot] = index + 1;
    this.length = index + 1;
    if (this.length * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  /** A string, as a view that is good until the next `add`; undefined for an index that is not there. */
  at(index: number): Uint8Array | undefined {
    return index >= 0 && index < this.length ? this.#bytes.subarray(this.#starts[index], this.#starts[index + 1]) : undefined;
  }

  copyTo(index: number, target: Uint8Array, position: number): void {
    const start = this.#starts[index]!;
    const size = this.sizeOf(index);
    for (let i = 0; i < size; i += 1) target[position + i] = this.#bytes[start + i]!;
  }

  sizeOf(index: number): number {
    return index >= 0 && index < this.length ? this.#starts[index + 1]! - this.#starts[index]! : 0;
  }

  #equals(index: number, bytes: Uint8Array, from: number, size: number): boolean {
    const start = this.#starts[index]!;
    if (this.#starts[index + 1]! - start !== size) return false;
    for (let i = 0; i < size; i += 1) if (this.#bytes[start + i] !== bytes[from + i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.length; index += 1) {
      const hash = this.#hashes[index]!;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index + 1;
    }
  }
}

/** The same numbers with room for `needed`, and half as much again. */
const grown = <T extends Uint8Array | Int32Array>(array: T, needed: number): T => {
  const bigger = new (array.constructor as new (length: number) => T)(Math.max(needed, Math.ceil(array.length * 1.5)));
  bigger.set(array);
  return bigger;
};
