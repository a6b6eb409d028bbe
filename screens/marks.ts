/**
 * The highlighted row of a list, held by its id: rows come and go while somebody chooses, and Enter must take the one that was looked at.
 * Pure.
 */
import type { Keys } from '../src/app/console/screen.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { listKeys } from './parts.tsx';

/** Where the highlighted row is now: `otherwise` while nobody moved, -1 when it has gone. */
export const markedAt = (state: ConsoleState, list: string, ids: readonly string[], otherwise: number): number => {
  const marked = state.marks[list];
  return marked === undefined ? otherwise : ids.indexOf(marked);
};

export const mark = (list: string, id: string): Action => ({ type: 'mark', list, id });

/** The keys that move the highlight of a list whose rows have ids. */
export const rowKeys = (list: string, ids: readonly string[], highlighted: number, page: number): Keys =>
  listKeys(list, highlighted, ids.length, page).map((binding) => {
    const id = binding.action.type === 'highlight' ? ids[binding.action.index] : undefined;
    return id === undefined ? binding : { ...binding, action: mark(list, id) };
  });
