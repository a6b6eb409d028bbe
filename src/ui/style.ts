/** Text by meaning, not by hue: roles as SGR codes. Every role is told apart without colour, too. Pure, and free of Ink. */

export type Role = 'plain' | 'title' | 'muted' | 'selected' | 'danger' | 'warning' | 'good' | 'key' | 'bar' | 'cursor';

/** SGR codes on and off; the 16 colours only. The painter drops colours where there are none. */
const codes: Readonly<Record<Role, readonly [string, string]>> = {
  plain: ['', ''],
  title: ['1', '22'],
  muted: ['36', '39'],
  selected: ['7', '27'],
  danger: ['1;31', '22;39'],
  warning: ['33', '39'],
  good: ['32', '39'],
  key: ['1', '22'],
  bar: ['7', '27'],
  cursor: ['7', '27'],
};

/** A string in a role. The text must be clean. */
export const styled = (text: string, role: Role): string => {
  const [on, off] = codes[role];
  // Blanks look the same in every role that is not a background, and cost less without it.
  const invisible = on !== '7' && text.trim() === '';
  return on === '' || text === '' || invisible ? text : `\u001B[${on}m${text}\u001B[${off}m`;
};

/** Cuts or pads to exactly `width` columns; a cut is marked. For the cells of a table. */
export const fit = (text: string, width: number): string => {
  if (width <= 0) return '';
  if (text.length <= width) return text.padEnd(width);
  return width === 1 ? '…' : `${text.slice(0, width - 1)}…`;
};
