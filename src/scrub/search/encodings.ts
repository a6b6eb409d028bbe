/** The forms in which a text may stand on a disk. Pure. */
import type { PatternEncoding } from '../../model/audit.ts';
import { shortestPattern } from './matcher.ts';

export interface EncodedForm {
  readonly encoding: PatternEncoding;
  readonly bytes: Uint8Array;
}

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/**
 * The characters of a base64 text that depend on `bytes` alone, when `bytes` begin `phase` bytes (0, 1 or 2) after a
 * multiple of three: what a base64 text contains whatever stands before and behind.
 */
export const innerBase64 = (bytes: Uint8Array, phase: 0 | 1 | 2): string => {
  const padded = new Uint8Array(phase + bytes.length);
  padded.set(bytes, phase);
  const first = Math.ceil((phase * 8) / 6);
  const end = Math.floor((padded.length * 8) / 6);
  return Buffer.from(padded).toString('base64').slice(first, end);
};

/** base64 texts are broken into lines (64 or 76 characters): either half of a pattern stands unbroken. */
const halves = (text: string): readonly string[] =>
  text.length < 24 ? [text] : [text.slice(0, Math.ceil(text.length / 2)), text.slice(Math.ceil(text.length / 2))];

const base64Forms = (bytes: Uint8Array): readonly string[] => {
  const standard = ([0, 1, 2] as const).flatMap((phase) => halves(innerBase64(bytes, phase)));
  const forUrls = standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...standard, ...forUrls];
};

const swapped = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    out[i] = bytes[i + 1] ?? 0;
    out[i + 1] = bytes[i] ?? 0;
  }
  return out;
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

/**
 * Every form of a text that differs from those before it. The text must have 8 bytes or more in UTF-8.
 */
export const encodedForms = (text: string): readonly EncodedForm[] => {
  const bytes = new Uint8Array(Buffer.from(text, 'utf8'));
  const utf16 = new Uint8Array(Buffer.from(text, 'utf16le'));
  const hex = Buffer.from(bytes).toString('hex');
  const all: EncodedForm[] = [
    { encoding: 'plain', bytes },
    ...base64Forms(bytes).map((form) => ({ encoding: 'base64', bytes: latin(form) }) as const),
    { encoding: 'hex', bytes: latin(hex) },
    { encoding: 'hex', bytes: latin(hex.toUpperCase()) },
    { encoding: 'utf-16le', bytes: utf16 },
    { encoding: 'utf-16be', bytes: swapped(utf16) },
    ...jsonForms(text).map((form) => ({ encoding: 'json-escaped', bytes: new Uint8Array(Buffer.from(form)) }) as const),
    ...yamlForms(text).map((form) => ({ encoding: 'yaml-escaped', bytes: new Uint8Array(Buffer.from(form)) }) as const),
  ];
  const seen = new Set<string>();
  return all.filter((form) => {
    const key = Buffer.from(form.bytes).toString('latin1');
    if (form.bytes.length < shortestPattern || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};
