/** A list with one highlighted row: reducer and windowing. */

export type ListMove = 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last';

/** The new highlighted row; stays in range for any count, also 0. */
export const reduceList = (index: number, move: ListMove, count: number, page: number): number => {
  const step = Math.max(1, page);
  const target = {
    up: index - 1,
    down: index + 1,
    'page-up': index - step,
    'page-down': index + step,
    first: 0,
    last: count - 1,
  }[move];
  return clamp(target, count);
};

const clamp = (index: number, count: number): number => Math.max(0, Math.min(count - 1, index));

export interface ListWindow {
  readonly start: number;
  readonly end: number;
  /** rows hidden above and below */
  readonly above: number;
  readonly below: number;
}

/**
 * Which rows of a list are drawn so that the highlighted one is always among them: page by page, because rows that stay where they are
 * need not go over a slow line with every key. The last page is a full one.
 */
export const listWindow = (count: number, highlighted: number, height: number): ListWindow => {
  const room = Math.max(1, height);
  const page = Math.floor(clamp(highlighted, count) / room) * room;
  const start = Math.max(0, Math.min(page, count - room));
  const end = Math.min(count, start + room);
  return { start, end, above: start, below: count - end };
};
