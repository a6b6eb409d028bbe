/** Draws a text of several lines with its line numbers, marks on lines, and the cursor. */
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { styled } from './text.tsx';
import type { Role } from './text.tsx';
import { placeOf } from './text-area.ts';
import type { TextAreaState } from './text-area.ts';

export interface TextAreaViewProps {
  readonly text: TextAreaState;
  readonly columns: number;
  readonly rows: number;
  /** Marked lines, counted from 1. */
  readonly marks: ReadonlyMap<number, Role>;
}

/** Columns before the text: number, mark, blank. */
const gutter = 6;

/** One column a character, whatever it is; what cannot be shown is a dot. */
const shown = (text: string): string => text.replaceAll('\t', ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '.');

/** A line's part that is in sight; a cut is marked on either side. The line of the cursor moves under it in half widths. */
const window = (line: string, width: number, column: number | null): { readonly text: string; readonly from: number } => {
  const step = Math.max(1, Math.floor(width / 2));
  const from = column === null || column < width - 1 ? 0 : (Math.floor((column - width + 1) / step) + 1) * step;
  const text = line.slice(from, from + width);
  return { text: from + width < line.length ? `${text.slice(0, -1)}…` : text, from };
};

export const TextAreaView = ({ text, columns, rows, marks }: TextAreaViewProps): ReactNode => {
  const lines = text.value.split('\n');
  const place = placeOf(text);
  const width = Math.max(4, columns - gutter);
  return Array.from({ length: Math.max(1, rows) }, (_, row) => {
    const index = text.top + row;
    const line = lines[index];
    if (line === undefined) return <Text key={row}> </Text>;
    const mark = marks.get(index + 1);
    const here = index === place.line;
    const part = window(shown(line), width, here ? place.column : null);
    const at = place.column - part.from;
    const body = here ? part.text.slice(0, at) + styled(part.text.slice(at, at + 1) || ' ', 'cursor') + part.text.slice(at + 1) : part.text;
    const number = String(index + 1).padStart(gutter - 2);
    return (
      <Text key={row} wrap="truncate-end">
        {`${styled(number, mark ?? 'muted')}${mark === undefined ? ' ' : styled('!', mark)} ${body}`}
      </Text>
    );
  });
};
