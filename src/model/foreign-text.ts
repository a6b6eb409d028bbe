/**
 * Text that somebody else wrote (disk models, labels, tool output) on its way to a screen, a log or a file.
 * Whatever was in it, what comes out is one line of printable characters, and short.
 */

/** Longest foreign text that is shown, in characters. */
export const foreignTextLimit = 128;

/** Terminal sequences as a whole: CSI, OSC/DCS/APC/PM/SOS strings with their end, two-character escapes. */
const escapeSequences =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;

/** Control, format (bidirectional marks, zero width), surrogate, private and unassigned characters, line separators. */
const notPrintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/**
 * One printable line of at most `limit` characters; what was cut is marked by `...`. Returns '' when nothing
 * printable is left. Works in time bounded by `limit`, not by the text.
 */
export const cleanText = (text: string, limit: number = foreignTextLimit): string => {
  const head = text.slice(0, limit * 8 + 64);
  const clean = head.replace(escapeSequences, '').replace(notPrintable, ' ').replace(/\s+/gu, ' ').trim();
  const characters = [...clean];
  if (characters.length <= limit && head.length === text.length) return clean;
  if (characters.length <= limit - 3) return `${clean}...`;
  return `${characters.slice(0, limit - 3).join('')}...`;
};

/** `cleanText` for a value that may be missing: null when there is nothing to show. */
export const cleanTextOrNull = (value: unknown, limit?: number): string | null => {
  if (typeof value !== 'string') return null;
  const clean = cleanText(value, limit);
  return clean === '' ? null : clean;
};

/**
 * A line that is ours with foreign text in it (a file's name), for a terminal: no escape, no line break, nothing that is not seen. Unlike
 * {@link cleanText} it is neither cut nor are its blanks and tabs changed.
 */
export const printableLine = (text: string): string => text.replace(escapeSequences, '').replace(notPrintable, (character) => (character === '\t' ? character : ' '));

/** Several such lines. What is joined here was one line each. */
export const printableLines = (lines: readonly string[]): string => lines.map(printableLine).join('\n');
