/** Plain text in columns: no colour, no terminal needed. */

/** Characters that take two cells of a terminal (East Asian wide and emoji), and those that take none. */
const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const none = /\p{M}/u;

const cellsOf = (character: string): number => (none.test(character) ? 0 : wide.test(character) ? 2 : 1);

/** Cells that a text takes. */
export const textWidth = (text: string): number => [...text].reduce((sum, character) => sum + cellsOf(character), 0);

/** Cut to `width` cells; what was cut ends in `~`. */
export const cutText = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const cells = cellsOf(character);
    if (used + cells > width - 1) break;
    kept += character;
    used += cells;
  }
  return width < 1 ? '' : `${kept}~`;
};

const padText = (text: string, width: number, right: boolean): string => {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? `${blanks}${text}` : `${text}${blanks}`;
};

/** Words broken into lines of at most `width` cells, every line after `indent`. Longer words are cut into pieces. */
export const wrapText = (text: string, width: number, indent = ''): readonly string[] => {
  const room = Math.max(8, width - textWidth(indent));
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) <= room) {
      line = `${line} ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (textWidth(word) > room) {
      let piece = '';
      for (const character of word) {
        if (textWidth(piece) + cellsOf(character) > room) break;
        piece += character;
      }
      lines.push(piece);
      word = word.slice(piece.length);
    }
    line = word;
  }
  if (line !== '') lines.push(line);
  return lines.map((one) => `${indent}${one}`);
};

export interface Column {
  readonly title: string;
  /** Cells that it may take at the most. */
  readonly most: number;
  readonly right?: boolean;
}

/**
 * A table within `width` cells. Columns take what their widest cell needs; what is too much is taken from the last columns
 * that can spare it.
 */
export const formatTable = (columns: readonly Column[], rows: readonly (readonly string[])[], width: number): readonly string[] => {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map(({ most }, index) => Math.min(most, Math.max(...all.map((row) => textWidth(row[index] ?? '')))));
  const gaps = 2 * (columns.length - 1);
  for (let over = widths.reduce((sum, one) => sum + one, gaps) - width; over > 0; ) {
    const widest = widths.indexOf(Math.max(...widths));
    const now = widths[widest] ?? 0;
    if (now <= 4) break;
    widths[widest] = now - 1;
    over -= 1;
  }
  return all.map((row) =>
    row
      .map((cell, index) => padText(cutText(cell, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.right === true))
      .join('  ')
      .trimEnd(),
  );
};
