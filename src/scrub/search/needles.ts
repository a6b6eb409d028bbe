/** From install-only values to the texts that are searched for. Pure. */

import { atOnce } from '../slices.ts';
import type { Slices } from '../slices.ts';

/** Shortest text that is searched for, in UTF-8 bytes. */
export const shortestNeedle = 8;

/** Longer texts are searched for by pieces of this many characters, so that one buffer hardly overlaps the next. */
export const longestNeedle = 256;

/** Lines between two slices. */
const slice = 500;

const pieceSize = 64;

/** Characters of a single line for one piece: whatever block of a disk holds more of it than that and a piece holds a piece. */
const pieceDistance = 512;

/** Of a text of several lines each line is searched for by itself. */
const mostPiecesOfLines = 16;

/** Tokens are looked for in this many characters at a time, each time beginning within what was looked at before. */
const segment = 16_384;
const segmentOverlap = 512;

export type NeedleKind = 'scalar' | 'line' | 'piece' | 'token';

export interface Needle {
  /** Secret. */
  readonly text: string;
  readonly kind: NeedleKind;
}

export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Characters that end a word in a script, a URL or a configuration. */
const delimiters = /[\s"'`=;,:|&<>(){}[\]$@\\/?#!*%]+/;

const secretName = /(?:pass(?:word|wd|phrase)?|secret|token|(?:api|private|access|shared|signing)?[-_]?key|auth\w*|credential\w*|bearer|psk|pin|cert\w*)$/i;

/**
 * Looks like made by a machine, not a person: 16 characters or more out of one alphabet, letters and digits mixed
 * often. Names such as `x86_64-linux-gnu` do not.
 */
const isOpaque = (word: string): boolean => {
  if (word.length < 16 || !/^[\w+.~-]+$/.test(word)) return false;
  const digits = word.match(/\d/g)?.length ?? 0;
  const letters = word.match(/[a-z]/gi)?.length ?? 0;
  if (digits < 2 || letters < 3) return false;
  const turns = word.match(/[a-z](?=\d)|\d(?=[a-z])|[a-z](?=[A-Z])/gi)?.length ?? 0;
  const longestRun = (word.match(/[a-z]+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
  return turns >= 3 && (longestRun <= 4 || word.length >= 32);
};

/**
 * What in a line somebody would look for by itself: what stands behind a name such as `TOKEN=`, `--password` or
 * `Bearer`, the password of a URL, and words that look random. Each 8 bytes or longer.
 */
export const tokensOf = (line: string): readonly string[] => {
  const found = new Set<string>();
  const words = line.replace(/\$\{?[A-Z_][A-Z0-9_]*\b\}?/g, '$').split(delimiters);
  words.forEach((word, index) => {
    const before = words[index - 1] ?? '';
    if (isOpaque(word) || (index > 0 && secretName.test(before))) found.add(word);
  });
  // A quoted or bare value as a whole, delimiters and all: TOKEN="a b/c", --password 'x=y', https://u:p@host. Names begin where a word
  // does, so that each character is looked at a few times only, however long the line.
  for (const match of line.matchAll(/(?<![\w-])([\w-]+)\s*[=:]\s*(?:"([^"]+)"|'([^']+)'|([^\s"';&|]+))/g)) {
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    if (secretName.test(match[1] ?? '')) found.add(value);
  }
  for (const match of line.matchAll(/(?<![\w-])--?([\w-]+)\s+(?:"([^"]+)"|'([^']+)'|([^\s"';&|-][^\s"';&|]*))/g)) {
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    if (secretName.test(match[1] ?? '')) found.add(value);
  }
  for (const match of line.matchAll(/:\/\/[^\s/:@]*:([^\s/@]+)@/g)) found.add(match[1] ?? '');
  found.delete(line);
  return [...found].filter((word) => byteLength(word) >= shortestNeedle && !word.startsWith('$') && !/^(?:https?|file):\/\/\/?$/.test(word));
};

/** Pieces of a long text: its head, its tail and what lies between, evenly. Cut by characters, never within one. */
const piecesOf = (text: string): readonly string[] => {
  const characters = [...text];
  const short = Math.ceil(characters.length / pieceSize);
  const count = Math.min(short, text.includes('\n') ? mostPiecesOfLines : Math.max(mostPiecesOfLines, Math.ceil(characters.length / pieceDistance)));
  const step = count > 1 ? (characters.length - pieceSize) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index) => {
    const start = Math.round(index * step);
    return characters.slice(start, start + pieceSize).join('').trim();
  });
};

/**
 * The texts to search for a value: the value, each of its lines without the white space around it (lines are indented
 * anew when they are put into another file), tokens in them, and of what is longer than 72 characters also the head
 * and the tail (writers fold long lines, and slack space holds halves).
 * Shorter ones than {@link shortestNeedle} bytes are left out.
 */
export const needlesOf = (value: string): readonly Needle[] => atOnce(needlesInSlices(value));

/** {@link needlesOf} for a long value, in slices. */
export function* needlesInSlices(value: string): Slices<readonly Needle[]> {
  const found = new Map<string, NeedleKind>();
  const add = (text: string, kind: NeedleKind): void => {
    // Characters are counted where there may be too many: UTF-16 has as many units or more.
    const characters = text.length > 72 ? [...text] : [];
    if (characters.length > longestNeedle) {
      for (const piece of piecesOf(text)) if (byteLength(piece) >= shortestNeedle && !found.has(piece)) found.set(piece, 'piece');
      return;
    }
    if (byteLength(text) >= shortestNeedle && !found.has(text)) found.set(text, kind);
    if (characters.length > 72 && !text.includes('\n')) {
      for (const piece of [characters.slice(0, 40).join('').trim(), characters.slice(-40).join('').trim()]) {
        if (byteLength(piece) >= shortestNeedle && !found.has(piece)) found.set(piece, 'piece');
      }
    }
  };
  const whole = value.trim();
  add(whole, 'scalar');
  const lines = whole.split(/\r\n|\r|\n/).map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    if (lines.length > 1) add(line, 'line');
    if (index % slice === slice - 1) yield;
  }
  for (const [index, line] of lines.entries()) {
    for (let start = 0; start === 0 || start < line.length - segmentOverlap; start += segment - segmentOverlap) {
      for (const token of tokensOf(start === 0 && line.length <= segment ? line : line.slice(start, start + segment))) add(token, 'token');
      if (start > 0) yield;
    }
    if (index % slice === slice - 1) yield;
  }
  return [...found].map(([text, kind]) => ({ text, kind }));
}
