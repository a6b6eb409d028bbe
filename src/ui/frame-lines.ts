/**
 * The frame around every screen as lines of text: title bar, notice, keys, and the state line that cameras read. Pure and free of Ink,
 * so that the very first frame, which is drawn before Ink is loaded, and every later one are the same lines.
 */
import type { Hint } from './bindings.ts';
import { fit, styled } from './style.ts';
import { wrapText } from './wrap.ts';

export interface FrameText {
  readonly columns: number;
  readonly rows: number;
  readonly product: string;
  /** Short: the name of this screen. */
  readonly title: string;
  /** `2/5` */
  readonly step: string;
  /** The way through all screens, shown where there is room; the current one in brackets. */
  readonly way: string;
  readonly hints: readonly Hint[];
  readonly notice: string;
  /** Last line, plain capitals. */
  readonly stateLine: string;
  /** The character of the line above the keys; the usual one by default. */
  readonly line?: string | null;
}

/** Rows of the frame that are not body, with a notice of one line. */
export const frameRows = 5;
/** Below this there is room for the state line only. */
export const smallest = { columns: 40, rows: 10 };

export const isTooSmall = (columns: number, rows: number): boolean => columns < smallest.columns || rows < smallest.rows;

/** A notice as lines: what it says is nowhere else, so it may take a sixth of the rows. One at least; a cut is marked where the line ends. */
export const noticeLines = (notice: string, columns: number, rows: number): readonly string[] => {
  const lines = wrapText(notice, columns - 1);
  const most = Math.max(1, Math.floor(rows / 6));
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), lines.slice(most - 1).join(' ')];
};

/** Rows of the frame that are not body. */
export const rowsAround = (notice: string, columns: number, rows: number): number => frameRows - 1 + noticeLines(notice, columns, rows).length;

/** What is left for a view beside a notice: the frame has a column on each side and a blank line on top. */
export const roomIn = (columns: number, rows: number, notice = ''): { readonly columns: number; readonly rows: number } => ({
  columns: Math.max(1, columns - 2),
  rows: Math.max(1, rows - rowsAround(notice, columns, rows) - 1),
});

/** All lines of a frame in which there is no room for a body. */
export const tooSmallLines = ({ columns, rows, stateLine }: Pick<FrameText, 'columns' | 'rows' | 'stateLine'>): readonly string[] =>
  [...(rows > 1 ? [`needs ${smallest.columns}x${smallest.rows}`] : []), stateLine].map((line) => fit(line, columns).trimEnd());

export const titleBar = ({ columns, product, title, step, way }: Pick<FrameText, 'columns' | 'product' | 'title' | 'step' | 'way'>): string => {
  const left = ` ${product}`;
  const fits = way !== '' && way.length + left.length + step.length + 8 <= columns;
  const right = `${fits ? way : title}  ${step} `;
  const gap = columns - left.length - right.length;
  return styled(gap >= 1 ? left + ' '.repeat(gap) + right : right.slice(0, columns).padEnd(columns), 'bar');
};

export const noticeLine = (notice: string): string => (notice === '' ? ' ' : styled(` ${notice}`, 'warning'));

export const rule = (columns: number, line?: string | null): string => styled((line ?? '─').repeat(columns), 'muted');

export const footer = (hints: readonly Hint[]): string => ` ${hints.map(({ key, label }) => `${styled(key, 'key')} ${label}`).join('  ')}`;

/** A whole frame around a body of short lines, which are neither wrapped nor cut. */
export const frameLines = (frame: FrameText, body: readonly string[]): readonly string[] => {
  const { columns, rows } = frame;
  if (isTooSmall(columns, rows)) return tooSmallLines(frame);
  const room = roomIn(columns, rows, frame.notice).rows;
  const shown = Array.from({ length: room }, (_, row) => (body[row] === undefined ? '' : ` ${body[row]}`));
  return [titleBar(frame), '', ...shown, ...noticeLines(frame.notice, columns, rows).map(noticeLine), rule(columns, frame.line), footer(frame.hints), frame.stateLine];
};
