/**
 * From install-only material to what the audit searches for. Pure. Patterns are secrets: they are held in memory only,
 * and whatever leaves this module names the key path a pattern came from, never the value.
 */
import type { MaterialItem, NotSearchable } from '../model/audit.ts';
import { formatKeyPath } from '../model/problem.ts';
import { fixedVocabulary } from '../sources/vocabulary.ts';
import { PatternCollector } from './pattern-list.ts';
import type { PatternList } from './pattern-list.ts';
import type { ByteSource } from './search/byte-strings.ts';
import { createEncoder } from './search/encodings.ts';
import { matcherInSlices, shortestPattern } from './search/matcher.ts';
import { byteLength, needlesInSlices, shortestNeedle } from './search/needles.ts';
import type { NeedleKind } from './search/needles.ts';
import { atOnce } from './slices.ts';
import type { Slices } from './slices.ts';

export interface PatternSet {
  readonly patterns: PatternList;
  /** What cannot be searched for, one row a key path and reason. */
  readonly notSearchable: readonly NotSearchable[];
  /** Every value that the patterns come from, whole. Secret; for redaction. */
  readonly values: readonly string[];
}

export interface Known {
  /** What legitimately stays: the kept configuration's text, and anything else that is written on purpose. */
  readonly keptTexts: readonly string[];
  /** Words that say nothing; by default the fixed vocabulary of keys, stage names and enum values. */
  readonly vocabulary?: ReadonlySet<string>;
  /** Needles that the pristine source contains, from a search of it. */
  readonly inPristine?: ReadonlySet<string>;
}

/** `installer-data: stages.before-install[0]`, as reports name an item. */
export const describeItem = (item: Pick<MaterialItem, 'file' | 'keyPath'>): string => {
  const path = formatKeyPath(item.keyPath);
  return path === '' ? item.file : `${item.file}: ${path}`;
};

type Reason = NotSearchable['reason'];

/** Needles or forms between two slices. */
const slice = 500;

const linesOf = (text: string): readonly string[] => text.split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== '');

/** Byte strings that are looked for in one pass: the tables of more would be the biggest thing in memory. */
const together = 32_768;

/** Which of many byte strings stand in any of the texts: a few passes over each, however many they are. */
function* foundIn(texts: readonly string[], wanted: ByteSource): Slices<ReadonlySet<number>> {
  const found = new Set<number>();
  const whole = texts.filter((text) => text.length >= shortestPattern);
  if (whole.length === 0) return found;
  for (let first = 0; first < wanted.length; first += together) {
    const matcher = yield* matcherInSlices({
      length: Math.min(together, wanted.length - first),
      sizeOf: (index) => wanted.sizeOf(first + index),
      copyTo: (index, target, position) => wanted.copyTo(first + index, target, position),
    });
    for (const text of whole) {
      const length = byteLength(text);
      const bytes = new Uint8Array(Math.ceil(length / 4) * 4);
      bytes.set(Buffer.from(text));
      matcher.scan(bytes, 0, length, (pattern) => found.add(first + pattern));
      yield;
    }
  }
  return found;
}

interface Wanted {
  readonly text: string;
  readonly kind: NeedleKind;
  readonly from: string;
}

/** Which needles legitimately stay: they, or all lines of them, stand in a kept text. */
function* staying(needles: readonly Wanted[], keptTexts: readonly string[]): Slices<(needle: string) => boolean> {
  const texts = [...new Set(needles.flatMap(({ text }) => (text.includes('\n') || text.includes('\r') ? [text, ...linesOf(text)] : [text])))];
  const long = texts.filter((text) => byteLength(text) >= shortestPattern);
  const found = yield* foundIn(keptTexts, {
    length: long.length,
    sizeOf: (index) => byteLength(long[index] ?? ''),
    copyTo: (index, target, position) => void new TextEncoder().encodeInto(long[index] ?? '', target.subarray(position)),
  });
  const known = new Map(long.map((text, index) => [text, found.has(index)]));
  const stands = (text: string): boolean => {
    const answer = known.get(text) ?? keptTexts.some((kept) => kept.includes(text));
    known.set(text, answer);
    return answer;
  };
  // A text of several lines is indented anew wherever it stands: it is kept when all its lines are.
  return (needle) => {
    if (stands(needle)) return true;
    const lines = /[\r\n]/.test(needle) ? linesOf(needle) : [];
    return (lines.length > 1 && lines.every(stands) && keptTexts.some((kept) => lines.every((line) => kept.includes(line))));
  };
}

/**
 * Turns material into patterns: each searched scalar, each line of it and the tokens in them, of 8 bytes or more, in
 * every encoding, without what is known to stay. Equal patterns are searched once, under the first key path.
 */
export const buildPatterns = (items: readonly MaterialItem[], known: Known): PatternSet => atOnce(patternsInSlices(items, known));

/** {@link buildPatterns} for a lot of material, in slices. */
export function* patternsInSlices(items: readonly MaterialItem[], known: Known): Slices<PatternSet> {
  const vocabulary = known.vocabulary ?? fixedVocabulary;
  // What is stripped but meant to take effect (`install.device`, a partition's label) may be found, too.
  const keptTexts = [...known.keptTexts, ...new Set(items.filter((item) => !item.searched).map((item) => item.value))];
  const notSearchable = new Map<string, NotSearchable>();
  const values = new Set<string>();
  const leaveOut = (from: string, reason: Reason): void => {
    notSearchable.set(`${from}\n${reason}`, { from, reason });
  };

  const wanted: Wanted[] = [];
  let done = 0;
  for (const item of items) {
    if (!item.searched) continue;
    const from = describeItem(item);
    if (item.unreadable !== undefined) leaveOut(from, item.unreadable);
    if (item.value.trim() === '') continue;
    if (byteLength(item.value.trim()) < shortestNeedle) leaveOut(from, vocabulary.has(item.value.trim()) ? 'fixed vocabulary' : 'shorter than 8 bytes');
    else values.add(item.value);
    for (const { text, kind } of yield* needlesInSlices(item.value)) wanted.push({ text, kind, from });
    done += 1;
    if (done % slice === 0) yield;
  }
  const stays = yield* staying(wanted, keptTexts);
  const reasonAgainst = (needle: string): Reason | null => {
    if (known.inPristine?.has(needle) === true) return 'also in the pristine source';
    if (vocabulary.has(needle)) return 'fixed vocabulary';
    return stays(needle) ? 'also in the kept configuration' : null;
  };

  const collected = new PatternCollector();
  const seenNeedles = new Set<string>();
  const encode = createEncoder();
  for (const [index, { text, kind, from }] of wanted.entries()) {
    if (index % slice === slice - 1) yield;
    const reason = reasonAgainst(text);
    if (reason !== null) {
      // Of a token or piece nothing is lost: the line it stands in has its own row or is searched for.
      if (kind === 'scalar' || kind === 'line') leaveOut(from, reason);
      continue;
    }
    if (seenNeedles.has(text)) continue;
    seenNeedles.add(text);
    collected.startText(text, from);
    encode(text, (encoding, buffer, start, end) => collected.add(encoding, buffer, start, end));
  }
  const patterns = collected.list();
  const kept = yield* foundIn(keptTexts, patterns.bytes);
  return { patterns: patterns.pick((index) => patterns.encodingAt(index) === 'plain' || !kept.has(index)), notSearchable: [...notSearchable.values()], values: [...values] };
}

/**
 * Takes out the needles that the pristine source contains, in all their forms, and counts them as not searchable.
 * @param found needles, as a search of the source found them
 */
export const withoutPristine = (set: PatternSet, found: ReadonlySet<string>): PatternSet => {
  if (found.size === 0) return set;
  const notSearchable = [...set.notSearchable];
  const named = new Set<string>();
  for (const pattern of set.patterns) {
    if (!found.has(pattern.needle) || named.has(pattern.from)) continue;
    named.add(pattern.from);
    notSearchable.push({ from: pattern.from, reason: 'also in the pristine source' });
  }
  return { ...set, patterns: set.patterns.pick((index) => !found.has(set.patterns.needleAt(index))), notSearchable };
};
