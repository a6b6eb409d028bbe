/** Undo and redo of a text: what it was before each change. Characters typed one after the other are one change. */
import type { TextAreaEdit, TextAreaState } from './text-area.ts';

interface Snapshot {
  readonly value: string;
  readonly cursor: number;
}

export interface TextHistory {
  readonly past: readonly Snapshot[];
  readonly future: readonly Snapshot[];
  /** The last change was a word being typed, which may go on. */
  readonly typing: boolean;
}

const none: TextHistory = { past: [], future: [], typing: false };

const mostSteps = 200;
/** UTF-16 units of all steps together: a big text has a shorter memory. */
const mostText = 8 * 1024 * 1024;

const snapshotOf = ({ value, cursor }: TextAreaState): Snapshot => ({ value, cursor });

const bounded = (past: readonly Snapshot[]): readonly Snapshot[] => {
  let room = mostText;
  const from = past.findLastIndex(({ value }) => (room -= value.length) < 0);
  return past.slice(Math.max(from + 1, past.length - mostSteps));
};

/** The history after a change; `before` is what was changed. */
export const remember = (before: TextAreaState, edit: TextAreaEdit): TextHistory => {
  const { past, typing } = before.history ?? none;
  const types = edit.edit === 'insert' && /^\S$/u.test(edit.text);
  return { past: types && typing ? past : bounded([...past, snapshotOf(before)]), future: [], typing: types };
};

/** Back to what was before the last change; the same state when there is nothing. */
export const stepBack = (state: TextAreaState): TextAreaState => {
  const { past, future } = state.history ?? none;
  const last = past.at(-1);
  return last === undefined ? state : { ...state, ...last, column: null, history: { past: past.slice(0, -1), future: [...future, snapshotOf(state)], typing: false } };
};

/** Does again what was undone last. */
export const stepForward = (state: TextAreaState): TextAreaState => {
  const { past, future } = state.history ?? none;
  const next = future.at(-1);
  return next === undefined ? state : { ...state, ...next, column: null, history: { past: [...past, snapshotOf(state)], future: future.slice(0, -1), typing: false } };
};
