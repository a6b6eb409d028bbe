/** Text of several lines being typed: the reducer and its keys. The value lives in the state of whoever uses it. */
import { graphemesOf } from './graphemes.ts';
import type { KeyPress } from './keys.ts';
import { reduceTextField } from './text-field.ts';
import { remember, stepBack, stepForward } from './text-history.ts';
import type { TextHistory } from './text-history.ts';

export interface TextAreaState {
  readonly value: string;
  /** Position in UTF-16 units, always between graphemes. */
  readonly cursor: number;
  /** First line in sight, from 0. */
  readonly top: number;
  /** The column that up and down keep to, also through shorter lines. */
  readonly column: number | null;
  /** What undo and redo go through; absent until something was changed. */
  readonly history?: TextHistory;
}

export type TextAreaEdit =
  | { readonly edit: 'insert'; readonly text: string }
  | { readonly edit: 'set'; readonly value: string }
  /** To the next place that holds this text, from the top again after the last one. */
  | { readonly edit: 'find'; readonly text: string }
  /** From 0. */
  | { readonly edit: 'go'; readonly line: number; readonly column: number }
  | { readonly edit: 'undo' | 'redo' }
  | { readonly edit: 'backspace' | 'delete' | 'left' | 'right' | 'up' | 'down' | 'home' | 'end' | 'page-up' | 'page-down' | 'rub-word' | 'cut-line' };

/** What the text may grow to (UTF-16 units), and how many lines are in sight. */
export interface TextAreaLimits {
  readonly maxLength: number;
  readonly height: number;
}

export const emptyText: TextAreaState = { value: '', cursor: 0, top: 0, column: null };

export interface Place {
  /** from 0 */
  readonly line: number;
  /** UTF-16 units from the start of the line */
  readonly column: number;
}

/** Line and column of the cursor. */
export const placeOf = ({ value, cursor }: Pick<TextAreaState, 'value' | 'cursor'>): Place => {
  const start = value.lastIndexOf('\n', cursor - 1) + 1;
  let line = 0;
  for (let at = value.indexOf('\n'); at !== -1 && at < start; at = value.indexOf('\n', at + 1)) line++;
  return { line, column: cursor - start };
};

/** The nearest position at or before `column` that parts no character. */
const between = (line: string, column: number): number => {
  if (column >= line.length) return line.length;
  let at = 0;
  for (const { length } of graphemesOf(line)) {
    if (at + length > column) break;
    at += length;
  }
  return at;
};

/** Scrolls only when the cursor leaves the window, and then by half of it: on a slow line every scrolled line is paid for. */
const inSight = (state: TextAreaState, height: number): TextAreaState => {
  const { line } = placeOf(state);
  const rows = Math.max(1, height);
  if (line >= state.top && line < state.top + rows) return state;
  return { ...state, top: Math.max(0, line - Math.floor(rows / 2)) };
};

const moveLines = (state: TextAreaState, by: number): TextAreaState => {
  const { line, column } = placeOf(state);
  const lines = state.value.split('\n');
  const wanted = state.column ?? column;
  const target = Math.max(0, Math.min(lines.length - 1, line + by));
  const before = lines.slice(0, target).reduce((sum, text) => sum + text.length + 1, 0);
  return { ...state, cursor: before + between(lines[target] ?? '', wanted), column: wanted };
};

/** Edits within the line of the cursor are those of a text field; its ends are the line's. */
const withinLine = (state: TextAreaState, edit: 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'rub-word'): TextAreaState => {
  const { value, cursor } = state;
  const start = value.lastIndexOf('\n', cursor - 1) + 1;
  const found = value.indexOf('\n', cursor);
  const end = found === -1 ? value.length : found;
  // Over the edge of a line: the line feed is one character like any other.
  if (cursor === start && start > 0 && (edit === 'backspace' || edit === 'rub-word')) return { ...state, value: value.slice(0, start - 1) + value.slice(start), cursor: start - 1 };
  if (cursor === start && start > 0 && edit === 'left') return { ...state, cursor: start - 1 };
  if (cursor === end && end < value.length && edit === 'delete') return { ...state, value: value.slice(0, end) + value.slice(end + 1) };
  if (cursor === end && end < value.length && edit === 'right') return { ...state, cursor: end + 1 };
  const line = reduceTextField({ value: value.slice(start, end), cursor: cursor - start }, { edit }, Number.MAX_SAFE_INTEGER);
  return { ...state, value: value.slice(0, start) + line.value + value.slice(end), cursor: start + line.cursor };
};

const cutLine = (state: TextAreaState): TextAreaState => {
  const { value, cursor } = state;
  const start = value.lastIndexOf('\n', cursor - 1) + 1;
  const end = value.indexOf('\n', cursor);
  if (end === -1) return { ...state, value: value.slice(0, start), cursor: start };
  return { ...state, value: value.slice(0, start) + value.slice(end + 1), cursor: start };
};

/** Where the next one is, from behind the cursor on, whatever its case; -1 when there is none. */
export const findText = ({ value, cursor }: Pick<TextAreaState, 'value' | 'cursor'>, text: string): number => {
  if (text === '') return -1;
  const [all, wanted] = [value.toLowerCase(), text.toLowerCase()];
  // Some letters change their length with their case; then their places are not those of the text.
  if (all.length !== value.length) return value.indexOf(text);
  const behind = all.indexOf(wanted, cursor + 1);
  return behind === -1 ? all.indexOf(wanted) : behind;
};

const goTo = (state: TextAreaState, line: number, column: number): TextAreaState => {
  const lines = state.value.split('\n');
  const target = Math.max(0, Math.min(lines.length - 1, line));
  const before = lines.slice(0, target).reduce((sum, text) => sum + text.length + 1, 0);
  return { ...state, cursor: before + between(lines[target] ?? '', column), column: null };
};

const applyEdit = (state: TextAreaState, edit: TextAreaEdit, { maxLength, height }: TextAreaLimits): TextAreaState => {
  switch (edit.edit) {
    case 'insert':
      if (state.value.length + edit.text.length > maxLength) return state;
      return { ...state, value: state.value.slice(0, state.cursor) + edit.text + state.value.slice(state.cursor), cursor: state.cursor + edit.text.length, column: null };
    case 'set':
      return { value: edit.value.slice(0, maxLength), cursor: 0, top: 0, column: null };
    case 'find': {
      const at = findText(state, edit.text);
      return at === -1 ? state : { ...state, cursor: at, column: null };
    }
    case 'go':
      return goTo(state, edit.line, edit.column);
    case 'undo':
      return stepBack(state);
    case 'redo':
      return stepForward(state);
    case 'up':
      return moveLines(state, -1);
    case 'down':
      return moveLines(state, 1);
    case 'page-up':
      return moveLines(state, -Math.max(1, height - 1));
    case 'page-down':
      return moveLines(state, Math.max(1, height - 1));
    case 'cut-line':
      return { ...cutLine(state), column: null };
    default:
      return { ...withinLine(state, edit.edit), column: null };
  }
};

/** Applies one edit. Text that would make the value longer than `maxLength` is not taken. */
export const reduceTextArea = (state: TextAreaState, edit: TextAreaEdit, limits: TextAreaLimits): TextAreaState => {
  const after = applyEdit(state, edit, limits);
  const kept = edit.edit === 'undo' || edit.edit === 'redo' || after.value === state.value ? after : { ...after, history: remember(state, edit) };
  return inSight(kept, limits.height);
};

const edits: Readonly<Record<string, TextAreaEdit>> = {
  enter: { edit: 'insert', text: '\n' },
  // A tab indents nothing in YAML.
  tab: { edit: 'insert', text: '  ' },
  'pasted-enter': { edit: 'insert', text: '\n' },
  'pasted-tab': { edit: 'insert', text: '\t' },
  backspace: { edit: 'backspace' },
  delete: { edit: 'delete' },
  left: { edit: 'left' },
  right: { edit: 'right' },
  up: { edit: 'up' },
  down: { edit: 'down' },
  home: { edit: 'home' },
  end: { edit: 'end' },
  pageup: { edit: 'page-up' },
  pagedown: { edit: 'page-down' },
  'ctrl-a': { edit: 'home' },
  'ctrl-e': { edit: 'end' },
  'ctrl-w': { edit: 'rub-word' },
  'ctrl-k': { edit: 'cut-line' },
  'ctrl-u': { edit: 'undo' },
  'ctrl-y': { edit: 'redo' },
};

/** The edit a press means in a text, or null when it is not the text's business. */
export const textAreaKey = (press: KeyPress): TextAreaEdit | null =>
  press.key === 'text' ? { edit: 'insert', text: press.text } : (edits[press.key] ?? null);
