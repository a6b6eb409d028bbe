/** The forms in which a text may stand on a disk. Pure. */
import type { PatternEncoding } from '../../model/audit.ts';
import { shortestPattern } from './matcher.ts';

/** Takes a form: `buffer[start, end)`, which is good until it returns. */
export type TakeForm = (encoding: PatternEncoding, buffer: Uint8Array, start: number, end: number) => void;

const base64Alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const urlAlphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const hexDigits = [Buffer.from('0123456789abcdef'), Buffer.from('0123456789ABCDEF')] as const;

/**
 * Writes the characters of a base64 text that depend on `bytes[0, length)` alone, when they begin `phase` bytes (0, 1 or 2) after a multiple
 * of three: what a base64 text contains whatever stands before and behind. Returns how many.
 */
const writeInnerBase64 = (bytes: Uint8Array, length: number, phase: 0 | 1 | 2, alphabet: Uint8Array, out: Uint8Array): number => {
  const first = Math.ceil((phase * 8) / 6);
  const end = Math.floor(((phase + length) * 8) / 6);
  for (let index = first; index < end; index += 1) {
    const bit = index * 6;
    const at = (bit >>> 3) - phase;
    const pair = (bytes[at]! << 8) | (at + 1 < length ? bytes[at + 1]! : 0);
    out[index - first] = alphabet[(pair >>> (10 - (bit & 7))) & 63]!;
  }
  return Math.max(0, end - first);
};

/** Characters; of a shorter text a half would say too little to be told from chance: secrets of less than 16 bytes are found unbroken only. */
const shortestBroken = 20;

/** Characters; lines of a base64 text have 64 or more. */
const longestUnbroken = 32;

/**
 * base64 texts are broken into lines (64, 70 or 76 characters): in pieces of half a line at most, there is always one that stands
 * unbroken, wherever the breaks are.
 */
const takeUnbroken = (buffer: Uint8Array, length: number, take: TakeForm): void => {
  const count = length < shortestBroken ? 1 : Math.max(2, Math.ceil(length / longestUnbroken));
  for (let index = 0; index < count; index += 1) take('base64', buffer, Math.round((index * length) / count), Math.round(((index + 1) * length) / count));
};

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** As JSON writers do: plainly, with `<`, `>`, `&` escaped (Go), in ASCII only (Python), with `\/` (PHP). */
const jsonForms = (text: string): readonly string[] => {
  const plain = JSON.stringify(text).slice(1, -1);
  const html = plain.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
  return [plain, html, plain.replace(/[\u0080-\uffff]/g, unicodeEscape), plain.replaceAll('/', '\\/')];
};

/** As YAML writers do: single quotes doubled; in double quotes with `\t`, `\x` and `\u` escapes. */
const yamlForms = (text: string): readonly string[] => {
  const escaped = JSON.stringify(text).slice(1, -1);
  const narrow = (character: string): string => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character);
  };
  const wide = (character: string): string => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
  return [
    text.replaceAll("'", "''"),
    escaped,
    escaped.replace(/[\u{10000}-\u{10ffff}]/gu, (c) => wide(c)).replace(/[\u0080-\uffff]/g, narrow),
    escaped.replace(/[\u{10000}-\u{10ffff}]/gu, (c) => wide(c).toUpperCase().replace('\\U', '\\U')).replace(/[\u0080-\uffff]/g, (c) => narrow(c).replace(/[a-f]/g, (d) => d.toUpperCase())),
  ];
};

/** What no writer of JSON or YAML would write otherwise. */
// oxlint-disable-next-line no-control-regex
const needsNoEscape = /^[^\u0000-\u001f"'\\/<>&\u007f-\uffff]*$/;

/**
 * Makes a function that gives every form of a text; some may be equal. It keeps memory of its own to write them in: a form costs no more
 * than its bytes, of which there may be millions. The text must have 8 bytes or more in UTF-8.
 */
export const createEncoder = (): ((text: string, take: TakeForm) => void) => {
  const encoder = new TextEncoder();
  let plain = new Uint8Array(4096);
  let out = new Uint8Array(8192);
  const takeText = (encoding: PatternEncoding, text: string, take: TakeForm): void => {
    if (text.length * 3 > out.length) out = new Uint8Array(text.length * 6);
    take(encoding, out, 0, encoder.encodeInto(text, out).written);
  };
  return (text, takeAny) => {
    const take: TakeForm = (encoding, buffer, start, end) => {
      if (end - start >= shortestPattern) takeAny(encoding, buffer, start, end);
    };
    if (text.length * 3 > plain.length) plain = new Uint8Array(text.length * 3);
    if (text.length * 6 > out.length) out = new Uint8Array(text.length * 6);
    const length = encoder.encodeInto(text, plain).written;
    take('plain', plain, 0, length);
    for (const phase of [0, 1, 2] as const) {
      const size = writeInnerBase64(plain, length, phase, base64Alphabet, out);
      const made = out.subarray(0, size);
    const isPlain = !made.includes(0x2b) && !made.includes(0x2f);
      takeUnbroken(out, size, take);
      if (!isPlain) takeUnbroken(out, writeInnerBase64(plain, length, phase, urlAlphabet, out), take);
    }
    for (const digits of hexDigits) {
      for (let at = 0; at < length; at += 1) {
        out[at * 2] = digits[plain[at]! >>> 4]!;
        out[at * 2 + 1] = digits[plain[at]! & 15]!;
      }
      take('hex', out, 0, length * 2);
    }
    for (const [encoding, low, high] of [['utf-16le', 0, 1], ['utf-16be', 1, 0]] as const) {
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        out[at * 2 + low] = code & 255;
        out[at * 2 + high] = code >>> 8;
      }
      take(encoding, out, 0, text.length * 2);
    }
    if (needsNoEscape.test(text)) return;
    for (const form of jsonForms(text)) takeText('json-escaped', form, take);
    for (const form of yamlForms(text)) takeText('yaml-escaped', form, take);
  };
};
