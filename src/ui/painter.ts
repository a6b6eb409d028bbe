/**
 * Puts frames on the terminal, differences only. Every changed line is written from an absolute position, so a
 * dropped, resized or disturbed screen heals with the next full frame. At most one write is under way: frames
 * that come while the line is busy replace each other, so a slow serial line never falls behind.
 */
import { graphemesOf } from './graphemes.ts';

/** What a terminal can show. */
export interface Abilities {
  readonly color: boolean;
  /** Box drawing and other characters beyond ASCII. */
  readonly unicode: boolean;
  /** Of these only what every font of the Linux console has; what the program draws beyond it is drawn with that. */
  readonly consoleFont?: boolean;
  /** At the end of a serial line, as a rule: every character takes its time. */
  readonly slow?: boolean;
}

/** The part of an output stream that is needed here. */
export interface PaintTarget {
  write(text: string, done: () => void): unknown;
}

export interface Painter {
  /** Shows a frame: lines parted by line feeds, styled with SGR sequences only. */
  paint(frame: string): void;
  resize(columns: number, rows: number): void;
  /** With or without colours from now on. */
  setColor(color: boolean): void;
  /** Other colours for styles, by their SGR codes: `1` (headings, keys), `7` (bars), … Nothing where there are no colours. */
  setPalette(palette: Palette): void;
  /** Calls once, when the terminal has taken everything that was painted so far; in place of what was to be called before. Null calls nothing. */
  whenPainted(done: (() => void) | null): void;
  /** The next frame is painted whole. */
  forget(): void;
  /** Frames wait, the last one only. */
  pause(): void;
  /** The last frame is painted whole. */
  resume(): void;
  /** No more writes. */
  stop(): void;
}

/**
 * Styles as sets of SGR codes, to what they become. The empty one is under all others: colours of text and background. `line` is for the
 * characters that lines are drawn with, whatever their style.
 */
export type Palette = Readonly<Record<string, string>>;

interface Cell {
  readonly text: string;
  readonly style: string;
  /** columns */
  readonly width: number;
}

const replacements: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '├': '+',
  '┤': '+',
  '┬': '+',
  '┴': '+',
  '┼': '+',
  '═': '=',
  '━': '=',
  '…': '~',
};

/** The same glyph in ASCII; what has none becomes a question mark. */
export const toAscii = (glyph: string): string => replacements[glyph] ?? (/^[ -~]+$/.test(glyph) ? glyph : '?');

/** What the program itself, or the branding of an image, draws and a font of the Linux console may lack: ASCII, single lines and half blocks are in code page 437. */
const consoleGlyphs: Readonly<Record<string, string>> = {
  '…': '~',
  '═': '─',
  '━': '─',
  '║': '│',
  '┃': '│',
  '╭': '┌',
  '╮': '┐',
  '╰': '└',
  '╯': '┘',
  '✓': 'x',
  '✔': 'x',
  '✅': 'x',
  '☑': 'x',
};

/** A glyph as this terminal can show it. Foreign text beyond ASCII is left to the font where there is one for it. */
const glyphFor = (segment: string, { unicode, consoleFont = false }: Abilities): string => (!unicode ? toAscii(segment) : consoleFont ? (consoleGlyphs[segment] ?? segment) : segment);

const isNarrow = (glyph: string): boolean => {
  const code = glyph.codePointAt(0) ?? 0;
  return glyph.length === 1 && (code < 0x300 || (code >= 0x2500 && code < 0x25a0) || code === 0x2026);
};

const isLine = (glyph: string): boolean => glyph >= '\u2500' && glyph <= '\u257F';

const colorCodes = /^(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])$/;

/** Keeps the set of SGR codes that are on, as the shortest sequence that turns them on. */
const applySgr = (style: string, parameters: string, color: boolean): string => {
  let on = style === '' ? [] : style.split(';');
  for (const code of parameters === '' ? ['0'] : parameters.split(';')) {
    const without = (...codes: readonly string[]): string[] => on.filter((other) => !codes.includes(other));
    if (code === '0') on = [];
    else if (code === '22') on = without('1', '2');
    else if (code === '24') on = without('4');
    else if (code === '27') on = without('7');
    else if (code === '39') on = on.filter((other) => !/^(?:3[0-7]|9[0-7])$/.test(other));
    else if (code === '49') on = on.filter((other) => !/^(?:4[0-7]|10[0-7])$/.test(other));
    else if (colorCodes.test(code) && !color) continue;
    else if (!on.includes(code)) on = [...on, code];
  }
  return on.join(';');
};

// eslint-disable-next-line no-control-regex
const sequence = /\u001B\[([\d;]*)m/g;

/** A styled line as cells, at most `columns` wide. Sequences other than SGR never come out of the views. */
const parseLine = (line: string, columns: number, abilities: Abilities, palette: Palette): readonly Cell[] => {
  const cells: Cell[] = [];
  let style = '';
  let used = 0;
  const take = (text: string): void => {
    for (const segment of graphemesOf(text)) {
      const glyph = glyphFor(segment, abilities);
      // Wide characters are written as they are but count two columns; nothing that follows is trusted to its column.
      const width = isNarrow(glyph) ? 1 : 2;
      if (used + width > columns) return;
      if (glyph < ' ') continue;
      cells.push({ text: glyph, style: (abilities.color && style !== '' ? ((isLine(segment) ? palette['line'] : undefined) ?? palette[style]) : undefined) ?? style, width });
      used += width;
    }
  };
  let from = 0;
  for (const match of line.matchAll(sequence)) {
    take(line.slice(from, match.index));
    style = applySgr(style, match[1] ?? '', abilities.color);
    from = match.index + match[0].length;
  }
  take(line.slice(from));
  while (cells.at(-1)?.text === ' ' && cells.at(-1)?.style === '') cells.pop();
  return cells;
};

/** Turns a style on, over `base`, which is under everything. */
const sgr = (style: string, base: string): string => {
  const codes = [base, style].filter((part) => part !== '').join(';');
  return codes === '' ? '\u001B[m' : `\u001B[0;${codes}m`;
};

/** Writes cells of one line. The style stays on over a step: to switch it off and on again would cost more than the step. */
const createPen = (base: string): { write(cells: readonly Cell[]): string; rest(): string } => {
  let style = '';
  const turn = (wanted: string): string => {
    if (wanted === style) return '';
    style = wanted;
    return sgr(wanted, base);
  };
  return { write: (cells) => cells.map((cell) => turn(cell.style) + cell.text).join(''), rest: () => turn('') };
};

const blank: Cell = { text: ' ', style: '', width: 1 };

/** What is not there is blank. */
const same = (left: Cell = blank, right: Cell = blank): boolean => left.text === right.text && left.style === right.style;

/** Cells that stay as they are and are skipped, not written again: a step over them costs up to five bytes. */
const worthSkipping = 6;

/** What turns one line on the screen into another; empty when they are equal. `row` counts from 1. */
const difference = (row: number, old: readonly Cell[], next: readonly Cell[], base: string): string => {
  const longest = Math.max(old.length, next.length);
  let start = 0;
  while (start < longest && same(old[start], next[start])) start++;
  if (start === longest) return '';
  const pen = createPen(base);
  if ([...old, ...next].some(({ width }) => width !== 1)) return `\u001B[${row}H${pen.write(next)}${pen.rest()}\u001B[K`;
  let output = '';
  // Where the cursor stands; a line begins with an absolute position.
  let column: number | null = null;
  const goTo = (wanted: number): void => {
    if (column === null) output += wanted === 0 ? `\u001B[${row}H` : `\u001B[${row};${wanted + 1}H`;
    else if (wanted > column) output += `\u001B[${wanted - column}C`;
    column = wanted;
  };
  while (start < next.length) {
    let stop = start;
    let equal = 0;
    while (stop < next.length && equal < worthSkipping) {
      equal = same(old[stop], next[stop]) ? equal + 1 : 0;
      stop++;
    }
    if (stop - equal > start) {
      goTo(start);
      output += pen.write(next.slice(start, stop - equal));
      column = stop - equal;
    }
    start = stop;
    while (start < next.length && same(old[start], next[start])) start++;
  }
  output += pen.rest();
  if (old.length > next.length) {
    goTo(next.length);
    output += '\u001B[K';
  }
  return output;
};

export const createPainter = (target: PaintTarget, initial: Abilities, size: { columns: number; rows: number }): Painter => {
  let { columns, rows } = size;
  let abilities = initial;
  let palette: Palette = {};
  let shown: (readonly Cell[])[] = [];
  let shownText: string[] = [];
  let whole = true;
  let latest: string | null = null;
  let waiting: string | null = null;
  let busy = false;
  let stopped = false;
  let paused = false;
  let onPainted: (() => void) | null = null;

  const tell = (): void => {
    const done = onPainted;
    onPainted = null;
    done?.();
  };

  const flush = (): void => {
    if (busy || stopped || paused) return;
    if (waiting === null) return tell();
    const lines = waiting.split('\n').slice(0, rows);
    waiting = null;
    const base = abilities.color ? (palette[''] ?? '') : '';
    let output = whole ? `${sgr('', base)}\u001B[H\u001B[2J` : '';
    if (whole) [shown, shownText] = [[], []];
    whole = false;
    for (let row = 0; row < rows; row++) {
      const line = lines[row] ?? '';
      if (shownText[row] === line) continue;
      // The last column of the last row stays empty: filling it scrolls some terminals.
      const cells = parseLine(line, row === rows - 1 ? columns - 1 : columns, abilities, palette);
      output += difference(row + 1, shown[row] ?? [], cells, base);
      shown[row] = cells;
      shownText[row] = line;
    }
    if (output === '') return tell();
    busy = true;
    target.write(output, () => {
      busy = false;
      flush();
    });
  };

  return {
    paint(frame) {
      latest = frame;
      waiting = frame;
      flush();
    },
    whenPainted(done) {
      onPainted = done;
      flush();
    },
    resize(newColumns, newRows) {
      [columns, rows] = [newColumns, newRows];
      whole = true;
    },
    setColor(color) {
      abilities = { ...abilities, color };
      whole = true;
    },
    setPalette(next) {
      palette = next;
      whole = true;
    },
    forget() {
      whole = true;
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      whole = true;
      waiting = latest;
      flush();
    },
    stop() {
      stopped = true;
    },
  };
};
