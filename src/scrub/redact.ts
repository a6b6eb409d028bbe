/** Takes install-only material out of texts before they are shown or written. Pure. */
import type { AuditReport, MaterialItem } from '../model/audit.ts';
import { ByteStrings } from './search/byte-strings.ts';
import { createEncoder } from './search/encodings.ts';
import { matcherInSlices } from './search/matcher.ts';
import { byteLength, needlesInSlices, shortestNeedle } from './search/needles.ts';
import type { PatternSet } from './patterns.ts';
import { atOnce } from './slices.ts';
import type { Slices } from './slices.ts';
import { fixedVocabulary } from '../sources/vocabulary.ts';

export const redacted = '[redacted]';

/** Shorter values than can be searched for are taken out as whole words when their key says that they are secret. */
const secretKey = /pass|secret|token|key|psk|pin|credential|auth/i;

const isSet = (from: PatternSet | readonly MaterialItem[]): from is PatternSet => 'patterns' in from;

const shortSecrets = (items: readonly MaterialItem[]): readonly string[] =>
  items
    .filter((item) => item.searched && secretKey.test(String(item.keyPath.at(-1) ?? '')))
    .map((item) => item.value.trim())
    .filter((value) => value.length >= 4 && byteLength(value) < shortestNeedle && !fixedVocabulary.has(value));

const escapeForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Characters; a shorter text without the mark of a cut was not cut by us. */
const shortestCut = 200;

/**
 * A text that was cut before it came here may end in the middle of a value, which no pattern matches whole: gives where such a beginning of 8
 * bytes or more stands at the end, or -1.
 */
const createTailFinder = (texts: Iterable<string>): ((text: string) => number) => {
  // Sorted, what begins with a text stands right behind where the text itself would stand.
  const sorted = [...texts].sort();
  const longest = sorted.reduce((most, text) => Math.max(most, text.length), 0);
  const begins = (rest: string): boolean => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? '') < rest) low = middle + 1;
      else high = middle;
    }
    return sorted[low]?.startsWith(rest) === true;
  };
  return (text) => {
    const marked = text.endsWith('...');
    if (!marked && text.length < shortestCut) return -1;
    const end = marked ? text.length - 3 : text.length;
    for (let at = Math.max(0, end - longest); at + shortestNeedle <= end; at += 1) {
      if (begins(text.slice(at, end))) return at;
    }
    return -1;
  };
};

/**
 * Characters. Of a longer text of several lines each line is taken out, encoded too, and the text as a whole is not looked for; a longer
 * line is taken out as it stands, and encoded by its pieces.
 */
const longestWhole = 4096;

/** Texts between two slices. */
const slice = 100;

/** The texts that a value may be printed as. */
function* textsOf(value: string): Slices<ReadonlySet<string>> {
  // Whole lines, however long: the audit's pieces would leave the rest of a long line readable.
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
  const whole = value.trim();
  const texts = new Set([...(lines.length > 1 && whole.length > longestWhole ? [] : [whole]), ...lines, ...(yield* needlesInSlices(value)).map((needle) => needle.text)]);
  // What a program printed was made one line, with single blanks, before it comes here.
  for (const text of [...texts]) texts.add(text.replace(/\s+/gu, ' ').trim());
  yield;
  return texts;
}

/**
 * Makes a function that replaces install-only material in a text by `[redacted]`: every value, each of its lines, and
 * their encoded forms, with the patterns of the audit. A value that a program prints line by line is caught line by
 * line, one that was cut off in its middle by its beginning. Words of the fixed vocabulary stay readable.
 */
export const createRedactor = (from: PatternSet | readonly MaterialItem[]): Redactor => atOnce(redactorInSlices(from));

export type Redactor = (text: string) => string;

/** {@link createRedactor} for a lot of material, in slices. */
export function* redactorInSlices(from: PatternSet | readonly MaterialItem[]): Slices<Redactor> {
  const values = isSet(from) ? from.values : from.filter((item) => item.searched).map((item) => item.value);
  const forms = new ByteStrings();
  const plain = new Set<string>();
  const encode = createEncoder();
  const add = (bytes: Uint8Array): void => void forms.add(bytes);
  let done = 0;
  for (const value of values) {
    for (const text of yield* textsOf(value)) {
      done += 1;
      if (done % slice === 0) yield;
      if (byteLength(text) < shortestNeedle || fixedVocabulary.has(text) || plain.has(text)) continue;
      plain.add(text);
      if (text.length > longestWhole) add(new Uint8Array(Buffer.from(text)));
      else encode(text, (_encoding, buffer, start, end) => void forms.add(buffer, start, end));
    }
  }
  if (isSet(from)) for (const pattern of from.patterns) add(pattern.bytes);
  yield;
  const matcher = yield* matcherInSlices(forms);
  const short = isSet(from) ? [] : shortSecrets(from);
  const shortWords = short.length === 0 ? null : new RegExp(`(?<![\\w])(?:${short.map(escapeForRegExp).join('|')})(?![\\w])`, 'g');
  yield;
  const cutTail = createTailFinder(plain);
  return (text) => {
    const tail = cutTail(text);
    const whole = tail === -1 ? text : `${text.slice(0, tail)}${redacted}`;
    const out = shortWords === null ? whole : whole.replace(shortWords, redacted);
    const length = byteLength(out);
    if (length < shortestNeedle) return out;
    const bytes = new Uint8Array(length);
    bytes.set(Buffer.from(out, 'utf8'));
    const ranges: [number, number][] = [];
    matcher.scan(bytes, 0, length, (pattern, start) => ranges.push([start, start + forms.sizeOf(pattern)]));
    if (ranges.length === 0) return out;
    ranges.sort((a, b) => a[0] - b[0]);
    const parts: string[] = [];
    let end = 0;
    for (const [first, last] of ranges) {
      if (first > end || parts.length === 0) parts.push(Buffer.from(bytes.buffer, end, first - end).toString('utf8'), redacted);
      end = Math.max(end, last);
    }
    parts.push(Buffer.from(bytes.buffer, end, length - end).toString('utf8'));
    return parts.join('');
  };
}

/** A report in which no name of a file, on the target or packed in it, tells what was searched for. */
export const redactReport = (report: AuditReport, redact: Redactor): AuditReport => ({
  ...report,
  hits: report.hits.map((hit) => ({ ...hit, place: redact(hit.place), ...(hit.inside === undefined ? {} : { inside: redact(hit.inside) }) })),
  ...(report.notes === undefined ? {} : { notes: report.notes.map(redact) }),
});
