/** Takes install-only material out of texts before they are shown or written. Pure. */
import type { MaterialItem } from '../model/audit.ts';
import { encodedForms } from './search/encodings.ts';
import { createMatcher } from './search/matcher.ts';
import { byteLength, needlesOf, shortestNeedle } from './search/needles.ts';
import type { PatternSet } from './patterns.ts';
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
  const byHead = new Map<string, string[]>();
  let longest = 0;
  for (const text of texts) {
    const head = text.slice(0, shortestNeedle);
    byHead.set(head, [...(byHead.get(head) ?? []), text]);
    longest = Math.max(longest, text.length);
  }
  return (text) => {
    const marked = text.endsWith('...');
    if (!marked && text.length < shortestCut) return -1;
    const end = marked ? text.length - 3 : text.length;
    for (let at = Math.max(0, end - longest); at + shortestNeedle <= end; at += 1) {
      const rest = text.slice(at, end);
      if (byHead.get(rest.slice(0, shortestNeedle))?.some((whole) => whole.startsWith(rest)) === true) return at;
    }
    return -1;
  };
};

/**
 * Makes a function that replaces install-only material in a text by `[redacted]`: every value, each of its lines, and
 * their encoded forms, with the patterns of the audit. A value that a program prints line by line is caught line by
 * line, one that was cut off in its middle by its beginning. Words of the fixed vocabulary stay readable.
 */
export const createRedactor = (from: PatternSet | readonly MaterialItem[]): ((text: string) => string) => {
  const values = isSet(from) ? from.values : from.filter((item) => item.searched).map((item) => item.value);
  const forms = new Map<string, Uint8Array>();
  const plain = new Set<string>();
  const add = (bytes: Uint8Array): void => void forms.set(Buffer.from(bytes).toString('latin1'), bytes);
  for (const value of values) {
    // Whole lines, however long: the audit's pieces would leave the rest of a long line readable.
    const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
    const texts = new Set([value.trim(), ...lines, ...needlesOf(value).map((needle) => needle.text)]);
    // What a program printed was made one line, with single blanks, before it comes here.
    for (const text of [...texts]) texts.add(text.replace(/\s+/gu, ' ').trim());
    for (const text of texts) {
      if (byteLength(text) < shortestNeedle || fixedVocabulary.has(text)) continue;
      plain.add(text);
      for (const form of encodedForms(text)) add(form.bytes);
    }
  }
  if (isSet(from)) for (const pattern of from.patterns) add(pattern.bytes);
  const matcher = createMatcher([...forms.values()]);
  const sizes = [...forms.values()].map((bytes) => bytes.length);
  const short = isSet(from) ? [] : shortSecrets(from);
  const shortWords = short.length === 0 ? null : new RegExp(`(?<![\\w])(?:${short.map(escapeForRegExp).join('|')})(?![\\w])`, 'g');
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
    matcher.scan(bytes, 0, length, (pattern, start) => ranges.push([start, start + (sizes[pattern] ?? 0)]));
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
};
