/**
 * From install-only material to what the audit searches for. Pure. Patterns are secrets: they are held in memory only,
 * and whatever leaves this module names the key path a pattern came from, never the value.
 */
import type { MaterialItem, NotSearchable, PatternEncoding } from '../model/audit.ts';
import { formatKeyPath } from '../model/problem.ts';
import { fixedVocabulary } from '../sources/vocabulary.ts';
import { encodedForms } from './search/encodings.ts';
import { byteLength, needlesOf, shortestNeedle } from './search/needles.ts';

export interface Pattern {
  /** What is searched for. Secret. */
  readonly bytes: Uint8Array;
  readonly encoding: PatternEncoding;
  /** The text it is a form of. Secret. */
  readonly needle: string;
  /** `installer-data: stages.before-install[0].commands[1]` */
  readonly from: string;
}

export interface PatternSet {
  readonly patterns: readonly Pattern[];
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

const reasonAgainst = (needle: string, keptTexts: readonly string[], vocabulary: ReadonlySet<string>): Reason | null => {
  if (vocabulary.has(needle)) return 'fixed vocabulary';
  const lines = needle.split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== '');
  // A text of several lines is indented anew wherever it stands: it is kept when all its lines are.
  if (keptTexts.some((text) => text.includes(needle) || (lines.length > 1 && lines.every((line) => text.includes(line))))) {
    return 'also in the kept configuration';
  }
  return null;
};

/**
 * Turns material into patterns: each searched scalar, each line of it and the tokens in them, of 8 bytes or more, in
 * every encoding, without what is known to stay. Equal patterns are searched once, under the first key path.
 */
export const buildPatterns = (items: readonly MaterialItem[], known: Known): PatternSet => {
  const vocabulary = known.vocabulary ?? fixedVocabulary;
  // What is stripped but meant to take effect (`install.device`, a partition's label) may be found, too.
  const keptTexts = [...known.keptTexts, ...items.filter((item) => !item.searched).map((item) => item.value)];
  const patterns: Pattern[] = [];
  const seenNeedles = new Set<string>();
  const seenBytes = new Set<string>();
  const notSearchable = new Map<string, NotSearchable>();
  const values = new Set<string>();
  const leaveOut = (from: string, reason: Reason): void => {
    notSearchable.set(`${from}\n${reason}`, { from, reason });
  };

  for (const item of items) {
    if (!item.searched || item.value.trim() === '') continue;
    const from = describeItem(item);
    if (byteLength(item.value.trim()) < shortestNeedle) leaveOut(from, vocabulary.has(item.value.trim()) ? 'fixed vocabulary' : 'shorter than 8 bytes');
    else values.add(item.value);
    for (const { text, kind } of needlesOf(item.value)) {
      const reason = known.inPristine?.has(text) === true ? 'also in the pristine source' : reasonAgainst(text, keptTexts, vocabulary);
      if (reason !== null) {
        // Of a token or piece nothing is lost: the line it stands in has its own row or is searched for.
        if (kind === 'scalar' || kind === 'line') leaveOut(from, reason);
        continue;
      }
      if (seenNeedles.has(text)) continue;
      seenNeedles.add(text);
      for (const form of encodedForms(text)) {
        const key = Buffer.from(form.bytes).toString('latin1');
        if (seenBytes.has(key)) continue;
        seenBytes.add(key);
        if (form.encoding !== 'plain' && keptTexts.some((kept) => kept.includes(key))) continue;
        patterns.push({ bytes: form.bytes, encoding: form.encoding, needle: text, from });
      }
    }
  }
  return { patterns, notSearchable: [...notSearchable.values()], values: [...values] };
};

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
  return { ...set, patterns: set.patterns.filter((pattern) => !found.has(pattern.needle)), notSearchable };
};
