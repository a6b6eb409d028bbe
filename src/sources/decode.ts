/** From bytes to text: size, encoding and control characters, checked before anything parses. */
import type { Problem } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';
import { keyPathNear } from './key-path-near.ts';

/** bytes; Kairos skips bigger files too (sdk `collector`). */
export const maxDocumentBytes = 1024 * 1024;

/** Line and column (from 1) of an offset in a text. Linear: for error paths. */
export const placeOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next !== -1 && next < offset; next = text.indexOf('\n', next + 1)) {
    line += 1;
    start = next + 1;
  }
  return { line, column: offset - start + 1 };
};

const problem = (file: string, text: string, offset: number, id: string, what: string, hint: string): Problem =>
  problemAt({ file, ...placeOf(text, offset), keyPath: keyPathNear(text, offset) }, { id, severity: 'error', what, hint });

/** A problem of the file as a whole lies at its beginning. */
const ofWholeFile = (file: string, id: string, what: string, hint: string): Problem => problemAt({ file, line: 1, column: 1, keyPath: [] }, { id, severity: 'error', what, hint });

const tooLarge = (file: string, bytes: number): Problem =>
  ofWholeFile(file, 'document-too-large', `the file has ${bytes} bytes; at most ${maxDocumentBytes} (1 MiB) are read`, 'fetch large content from a stage, or put it into the image');

const encodingHint = 'save it as UTF-8 text';

// Everything that YAML forbids in a stream (YAML 1.2, 5.1) and that a terminal would act on. DEL and C1 included.
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Checks a text that is already decoded. Returns what is wrong, at most one problem. */
export const checkText = (text: string, file: string): readonly Problem[] => {
  if (text.length > maxDocumentBytes || Buffer.byteLength(text) > maxDocumentBytes) {
    return [tooLarge(file, Buffer.byteLength(text))];
  }
  const bad = forbidden.exec(text) ?? loneSurrogate.exec(text);
  if (bad !== null) {
    const code = bad[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    const binary = code === '0000';
    return [
      problem(
        file,
        text,
        bad.index,
        binary ? 'document-binary' : 'control-character',
        binary ? 'this is not text: it holds zero bytes' : `the character U+${code} may not stand in YAML`,
        binary ? encodingHint : 'remove it, or write it as an escape in double quotes',
      ),
    ];
  }
  return [];
};

/**
 * Turns bytes into text, whatever the text is for. A byte order mark is kept. Gives no text when the bytes are not UTF-8, or hold
 * zeros: read in another way, the text would say something else than whoever wrote it meant.
 */
export const decodeUtf8 = (
  bytes: Uint8Array,
  file: string,
): { readonly text?: string; readonly problems: readonly Problem[] } => {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) {
    return { problems: [ofWholeFile(file, 'document-encoding', 'the file is UTF-16', encodingHint)] };
  }
  const hasZeros = bytes.includes(0);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!hasZeros) return { text, problems: [] };
  } catch {
    // told below
  }
  const what = hasZeros ? 'this is not text: it holds zero bytes' : 'the file is not valid UTF-8';
  const id = hasZeros ? 'document-binary' : 'document-encoding';
  // The first character that could not be read stands as U+FFFD in what is read all the same.
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { problems: [problem(file, lossy, Math.max(0, lossy.search(hasZeros ? /\0|\ufffd/ : /\ufffd/)), id, what, encodingHint)] };
};

/**
 * Turns a document's bytes into text. A byte order mark is kept (the cut deals with it). Gives no text when the
 * bytes are too many, not UTF-8 or not text.
 */
export const decodeText = (
  bytes: Uint8Array,
  file: string,
): { readonly text?: string; readonly problems: readonly Problem[] } => {
  if (bytes.length > maxDocumentBytes) return { problems: [tooLarge(file, bytes.length)] };
  const decoded = decodeUtf8(bytes, file);
  if (decoded.text === undefined) return decoded;
  const problems = checkText(decoded.text, file);
  return problems.length > 0 ? { problems } : { text: decoded.text, problems };
};
