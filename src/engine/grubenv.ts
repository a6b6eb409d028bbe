/**
 * GRUB's environment block: `NAME=value` lines in a file of exactly 1024 bytes, filled up with `#` (GRUB `util/grub-editenv.c`,
 * `grub-core/lib/envblk.c`). GRUB itself writes it in place, so its size may never change. Pure.
 */

const size = 1024;
const signature = '# GRUB Environment Block\n';

export type GrubEnvironment = ReadonlyMap<string, string>;

/** The variables, or null when the text is no environment block. */
export const parseGrubEnvironment = (text: string): GrubEnvironment | null => {
  if (!text.startsWith(signature)) return null;
  const variables = new Map<string, string>();
  let rest = text.slice(signature.length);
  // A backslash at the end of a line escapes the line feed, one before another backslash that backslash.
  for (let match = /^((?:[^\n\\]|\\[\s\S])*)\n/.exec(rest); match !== null; match = /^((?:[^\n\\]|\\[\s\S])*)\n/.exec(rest)) {
    rest = rest.slice(match[0].length);
    const line = match[1] ?? '';
    const equals = line.indexOf('=');
    if (line.startsWith('#') || equals < 1) continue;
    variables.set(line.slice(0, equals), line.slice(equals + 1).replaceAll(/\\([\s\S])/g, '$1'));
  }
  return variables;
};

/** The block's text; null when the variables don't fit into it. */
export const printGrubEnvironment = (variables: GrubEnvironment): string | null => {
  const lines = [...variables].map(([name, value]) => `${name}=${value.replaceAll(/[\\\n]/g, '\\$&')}\n`);
  const text = signature + lines.join('');
  const length = new TextEncoder().encode(text).length;
  return length > size ? null : text + '#'.repeat(size - length);
};

/** Sets variables; null takes one out. */
export const withVariables = (before: GrubEnvironment, changes: Readonly<Record<string, string | null>>): GrubEnvironment => {
  const after = new Map(before);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return after;
};
