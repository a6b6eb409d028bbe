/** Several fields on one screen: focus, keys and drawing. What they hold is in the state. */
import type { ReactNode } from 'react';
import type { FocusedField, Keys } from '../src/app/console/screen.ts';
import { fieldOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { FieldView } from '../src/ui/field-view.tsx';

export interface FormField {
  readonly field: string;
  readonly label: string;
  readonly maxLength: number;
  readonly masked?: boolean;
  readonly placeholder?: string;
  /** What a pasted line end becomes. */
  readonly separator?: string;
  /** What the key that empties the field does besides. */
  readonly emptied?: Action;
}

const focusIndex = (state: ConsoleState, screen: string, fields: readonly FormField[]): number =>
  Math.max(0, Math.min(fields.length - 1, state.focus[screen] ?? 0));

export const formFocus = (state: ConsoleState, screen: string, fields: readonly FormField[]): FocusedField | null =>
  fields[focusIndex(state, screen, fields)] ?? null;

/** Keys between fields. `commit` turns what is typed into answers and runs on every way out of a field. */
export const formKeys = (state: ConsoleState, screen: string, fields: readonly FormField[], commit: readonly Action[]): Keys => {
  const index = focusIndex(state, screen, fields);
  const to = (next: number): Action => ({
    type: 'many',
    actions: [...commit, { type: 'focus', screen, index: (next + fields.length) % Math.max(1, fields.length) }],
  });
  const last = index >= fields.length - 1;
  return [
    {
      key: 'accept',
      label: last ? 'continue' : 'next field',
      help: 'to the next field; from the last one on to the next screen',
      action: last ? { type: 'many', actions: [...commit, { type: 'next' }] } : to(index + 1),
    },
    { key: 'nextField', label: 'next', help: 'to the next field', action: to(index + 1) },
    { key: 'previousField', label: '', help: 'to the field before', action: to(index - 1) },
    { key: 'down', label: '', action: to(index + 1) },
    { key: 'up', label: '', action: to(index - 1) },
    { key: 'back', label: 'back', help: 'one screen back; every answer is kept', action: { type: 'many', actions: [...commit, { type: 'back' }] } },
  ];
};

export const Form = ({ state, screen, fields, columns }: { readonly state: ConsoleState; readonly screen: string; readonly fields: readonly FormField[]; readonly columns: number }): ReactNode => {
  const index = focusIndex(state, screen, fields);
  const labelWidth = Math.max(...fields.map(({ label }) => label.length)) + 1;
  return fields.map(({ field, label, masked, placeholder }, position) => (
    <FieldView
      key={field}
      label={label.padEnd(labelWidth)}
      field={fieldOf(state, field)}
      focused={position === index}
      width={Math.max(4, Math.min(60, columns - labelWidth - 5))}
      masked={masked ?? false}
      placeholder={placeholder ?? ''}
    />
  ));
};
