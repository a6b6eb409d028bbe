/** A line of text being typed: the reducer and its keys. The value lives in the state of whoever uses it. */
import { graphemesOf } from './graphemes.ts';
import type { KeyPress } from './keys.ts';

export interface TextFieldState {
  readonly value: string;
  /** Position in UTF-16 units, always between graphemes. */
  readonly cursor: number;
}

export type TextFieldEdit =
  | { readonly edit: 'insert'; readonly text: string }
  | { readonly edit: 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'clear' | 'rub-word' }
  | { readonly edit: 'set'; readonly value: string };

export const emptyField: TextFieldState = { value: '', cursor: 0 };

const lastLength = (text: string): number => graphemesOf(text).at(-1)?.length ?? 0;

const firstLength = (text: string): number => graphemesOf(text)[0]?.length ?? 0;

/** Says that typed text was not taken: it would have made a value longer than it may be. */
export const tooLongText = (maxLength: number): string => `at most ${maxLength} characters; the rest was not taken`;

/** Applies one edit. Typed text that would make the value longer than `maxLength` is not taken; a value that is set is never cut. */
export const reduceTextField = (field: TextFieldState, edit: TextFieldEdit, maxLength: number): TextFieldState => {
  const before = field.value.slice(0, field.cursor);
  const after = field.value.slice(field.cursor);
  switch (edit.edit) {
    case 'insert':
      if (field.value.length + edit.text.length > maxLength) return field;
      return { value: before + edit.text + after, cursor: field.cursor + edit.text.length };
    case 'backspace': {
      const kept = before.slice(0, before.length - lastLength(before));
      return { value: kept + after, cursor: kept.length };
    }
    case 'delete':
      return { value: before + after.slice(firstLength(after)), cursor: field.cursor };
    case 'left':
      return { ...field, cursor: field.cursor - lastLength(before) };
    case 'right':
      return { ...field, cursor: field.cursor + firstLength(after) };
    case 'home':
      return { ...field, cursor: 0 };
    case 'end':
      return { ...field, cursor: field.value.length };
    case 'clear':
      return emptyField;
    case 'rub-word': {
      const kept = before.replace(/\S*\s*$/u, '');
      return { value: kept + after, cursor: kept.length };
    }
    case 'set':
      return { value: edit.value, cursor: edit.value.length };
  }
};

const edits: Readonly<Record<string, TextFieldEdit>> = {
  backspace: { edit: 'backspace' },
  delete: { edit: 'delete' },
  left: { edit: 'left' },
  right: { edit: 'right' },
  home: { edit: 'home' },
  end: { edit: 'end' },
  'ctrl-a': { edit: 'home' },
  'ctrl-e': { edit: 'end' },
  'ctrl-u': { edit: 'clear' },
  'ctrl-w': { edit: 'rub-word' },
};

/** The edit a press means in a field, or null when it is not the field's business. */
export const textFieldKey = (press: KeyPress): TextFieldEdit | null =>
  press.key === 'text' ? { edit: 'insert', text: press.text } : (edits[press.key] ?? null);
