/** Draws a text field: label, value with the cursor, masked where it is a secret. */
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { styled } from './text.tsx';
import type { TextFieldState } from './text-field.ts';

export interface FieldViewProps {
  readonly label: string;
  readonly field: TextFieldState;
  readonly focused: boolean;
  /** columns of the value */
  readonly width: number;
  readonly masked?: boolean;
  readonly placeholder?: string;
}

/** The part of a value around the cursor that fits. */
const visible = (value: string, cursor: number, width: number): { readonly text: string; readonly at: number } => {
  const start = Math.max(0, cursor - width + 1);
  return { text: value.slice(start, start + width), at: cursor - start };
};

export const FieldView = ({ label, field, focused, width, masked = false, placeholder = '' }: FieldViewProps): ReactNode => {
  const value = masked ? '*'.repeat(field.value.length) : field.value;
  const { text, at } = visible(value, field.cursor, Math.max(1, width));
  const hint = placeholder.slice(0, width).padEnd(width);
  const padded = text.padEnd(width, '_');
  const body = value === '' && placeholder !== '' && focused
    ? styled(hint.slice(0, 1), 'cursor') + styled(hint.slice(1), 'muted')
    : focused
    ? padded.slice(0, at) + styled(padded.slice(at, at + 1) || '_', 'cursor') + padded.slice(at + 1)
    : value === '' && placeholder !== ''
      ? styled(hint, 'muted')
      : padded;
  return (
    <Text wrap="truncate-end">
      {`${focused ? styled('>', 'key') : ' '} ${label}[${body}]`}
    </Text>
  );
};
