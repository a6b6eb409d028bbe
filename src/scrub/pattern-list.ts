/**
 * The patterns of an audit, in columns: a script of 1 MiB comes to hundreds of thousands of them, and an object for each would take many
 * times what it says. Pure.
 */
import type { PatternEncoding } from '../model/audit.ts';
import { patternEncodings } from '../model/audit.ts';
import { ByteStrings } from './search/byte-strings.ts';
import type { ByteSource } from './search/byte-strings.ts';

export interface Pattern {
  /** What is searched for. Secret. */
  readonly bytes: Uint8Array;
  readonly encoding: PatternEncoding;
  /** The text it is a form of. Secret. */
  readonly needle: string;
  /** `installer-data: stages.before-install[0].commands[1]` */
  readonly from: string;
}

interface Columns {
  readonly strings: ByteStrings;
  /** By string: its encoding's place in `patternEncodings`. */
  readonly encodings: number[];
  /** By string: the text it is a form of. */
  readonly texts: number[];
  readonly needles: string[];
  /** By text. */
  readonly from: string[];
}

/** A choice among the patterns of one set. */
export class PatternList implements Iterable<Pattern> {
  readonly #columns: Columns;
  /** Strings, in order. */
  readonly #chosen: Int32Array;

  constructor(columns: Columns, chosen: Int32Array) {
    this.#columns = columns;
    this.#chosen = chosen;
  }

  get length(): number {
    return this.#chosen.length;
  }

  /** Undefined for an index that is not there. */
  at(index: number): Pattern | undefined {
    const string = this.#chosen[index];
    if (string === undefined) return undefined;
    const { strings, texts, from } = this.#columns;
    return { bytes: strings.at(string) ?? new Uint8Array(), encoding: this.encodingAt(index), needle: this.needleAt(index), from: from[texts[string] ?? -1] ?? '' };
  }

  *[Symbol.iterator](): Generator<Pattern> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index)!;
  }

  encodingAt(index: number): PatternEncoding {
    return patternEncodings[this.#columns.encodings[this.#chosen[index] ?? -1] ?? 0] ?? 'plain';
  }

  needleAt(index: number): string {
    return this.#columns.needles[this.#columns.texts[this.#chosen[index] ?? -1] ?? -1] ?? '';
  }

  /** Those whose index `holds`, in the same order. */
  pick(holds: (index: number) => boolean): PatternList {
    return new PatternList(this.#columns, this.#chosen.filter((_, index) => holds(index)));
  }

  /** Their bytes, for a matcher. */
  get bytes(): ByteSource {
    const { strings } = this.#columns;
    return {
      length: this.length,
      sizeOf: (index) => strings.sizeOf(this.#chosen[index] ?? -1),
      copyTo: (index, target, position) => strings.copyTo(this.#chosen[index] ?? -1, target, position),
    };
  }
}

/** Collects patterns, each once, under the first text that it is a form of. */
export class PatternCollector {
  readonly #columns: Columns = { strings: new ByteStrings(), encodings: [], texts: [], needles: [], from: [] };

  /** The forms that are added from now on are this text's. */
  startText(needle: string, from: string): void {
    this.#columns.needles.push(needle);
    this.#columns.from.push(from);
  }

  /** Takes `buffer[start, end)`. */
  add(encoding: PatternEncoding, buffer: Uint8Array, start: number, end: number): void {
    const { strings, encodings, texts, needles } = this.#columns;
    if (strings.add(buffer, start, end) === -1) return;
    encodings.push(patternEncodings.indexOf(encoding));
    texts.push(needles.length - 1);
  }

  list(): PatternList {
    return new PatternList(this.#columns, Int32Array.from({ length: this.#columns.strings.length }, (_, index) => index));
  }
}
