/** Pieces that several screens draw. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { formatProblem } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import type { Answer } from '../src/model/settings.ts';
import type { Keys, Room, TextLine } from '../src/app/console/screen.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { listWindow, reduceList } from '../src/ui/list.ts';
import type { ListMove } from '../src/ui/list.ts';
import { plural } from '../src/ui/format.ts';
import { shownKey } from '../src/ui/keys.ts';
import type { KeyName } from '../src/ui/keys.ts';
import { cutTo } from '../src/ui/rows.ts';
import { wrapText } from '../src/ui/wrap.ts';
import { fit, Line, styled } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';

export { wrapText };

const labelWidth = 15;

/** `Label         value`, cut at the end of the line. */
export const Field = ({ label, role = 'plain', children }: { readonly label: string; readonly role?: Role; readonly children: string }): ReactNode => (
  <Text wrap="truncate-end">{styled(fit(label, labelWidth), 'muted') + styled(children, role)}</Text>
);

export type FieldRow = readonly [label: string, text: string, role?: Role];

export const Fields = ({ rows }: { readonly rows: readonly FieldRow[] }): ReactNode =>
  rows.map(([label, text, role], index) => (
    <Field key={index} label={label} role={role ?? 'plain'}>
      {text}
    </Field>
  ));

/** A row whose text goes on below where it is too long, for at most `lines` lines. */
export const wrapRow = (label: string, text: string, columns: number, lines: number, role: Role = 'plain'): readonly FieldRow[] => {
  const all = wrapText(text, columns - labelWidth);
  const shown = all.length > lines ? [...all.slice(0, lines - 1), all.slice(lines - 1).join(' ')] : all;
  return shown.map((line, index) => [index === 0 ? label : '', line, role]);
};

/** The same rows for plain mode: a sentence a line, which reads well aloud. */
export const plainRows = (rows: readonly FieldRow[]): readonly string[] => {
  let last = '';
  return rows
    .filter(([, text]) => text.trim() !== '')
    .map(([label, text]) => {
      last = label === '' ? last : label;
      return `${last}: ${text.trim().replaceAll(/\s+/g, ' ')}`;
    });
};

export const plainProblems = (problems: readonly Problem[]): readonly string[] =>
  problems.map((problem) => `${problemWords[problem.severity]}: ${cleanText(formatProblem(problem), 1000)}`);

/** Numbered choices and what a typed number means; Enter takes the default, counted from 0. */
export const plainChoice = (texts: readonly string[], chosen: number): { readonly lines: readonly string[]; readonly pick: (line: string) => number | null } => ({
  lines: texts.map((text, index) => `${index === chosen ? '*' : ' '} ${index + 1}. ${text}`),
  pick: (line) => {
    if (line === '' && chosen >= 0) return chosen;
    const number = /^\d{1,4}$/.test(line) ? Number(line) : 0;
    return number >= 1 && number <= texts.length ? number - 1 : null;
  },
});

export const Heading = ({ children }: { readonly children: string }): ReactNode => <Line role="title">{children}</Line>;

/** A blank line. */
export const Gap = (): ReactNode => <Line />;

const problemRoles: Readonly<Record<Problem['severity'], Role>> = { error: 'danger', warning: 'warning', info: 'muted' };
const problemWords: Readonly<Record<Problem['severity'], string>> = { error: 'error', warning: 'note', info: 'info' };

/** Breaks text where the line ends, so that nothing of it changes. */
export const breakText = (text: string, width: number): readonly string[] => {
  const room = Math.max(1, width);
  return text.length <= room ? [text] : Array.from({ length: Math.ceil(text.length / room) }, (_, piece) => text.slice(piece * room, (piece + 1) * room));
};

/** A problem as lines of text: what, where and what to do about it. */
export const problemLines = (problem: Problem, width: number): readonly string[] => {
  const text = cleanText(formatProblem(problem), 1000);
  const [first = '', ...more] = wrapText(`${problemWords[problem.severity]}: ${text}`, width - 2);
  return [first, ...more.map((line) => `  ${line}`)];
};

/** Problems as lines in their roles. */
export const linesOfProblems = (problems: readonly Problem[], columns: number): readonly TextLine[] =>
  problems.flatMap((problem) => problemLines(problem, columns).map((text) => ({ text, role: problemRoles[problem.severity] })));

/** Says what is not shown, and the key that shows it; it works in fields, too. */
export const moreText = (hidden: number): string => `(${plural(hidden, 'more line')}, ${shownKey('inFull', true)} shows all)`;

/** As many lines as there are rows for; what does not fit is counted, with the key that shows it. */
export const TextLines = ({ lines, rows }: { readonly lines: readonly TextLine[]; readonly rows: number }): ReactNode => {
  const { shown, hidden } = cutTo(lines, rows);
  return (
    <>
      {shown.map(({ text, role }, index) => (
        <Line key={index} role={role}>
          {text}
        </Line>
      ))}
      {hidden > 0 && rows > 0 && <Line role="muted">{moreText(hidden)}</Line>}
    </>
  );
};

/** Rows for what is told about a highlighted row, and rows of a list that its highlight goes through: on a slow line few of either, so that a move costs little. */
export const rowsToTell = ({ slow }: ConsoleState, wanted: number): number => (slow ? Math.min(2, wanted) : wanted);
export const rowsToList = ({ slow }: ConsoleState, wanted: number): number => (slow ? Math.min(5, wanted) : wanted);

/** As many problems as fit; what does not fit is counted. */
export const Problems = ({ problems, columns, rows }: Room & { readonly problems: readonly Problem[] }): ReactNode => <TextLines lines={linesOfProblems(problems, columns)} rows={rows} />;

/** Rows with labels as plain lines, for a page that holds everything. */
export const fieldLines = (rows: readonly FieldRow[], columns: number): readonly TextLine[] =>
  rows.flatMap(([label, text, role]) => (text.length <= columns - labelWidth ? [text] : wrapText(text, columns - labelWidth)).map((line, index) => ({ text: fit(index === 0 ? label : '', labelWidth) + line, role: role ?? ('plain' as const) })));

/** At most `rows` of the rows; the last of them says how many there are more. */
export const cutFields = (fields: readonly FieldRow[], rows: number): readonly FieldRow[] => {
  const { shown, hidden } = cutTo(fields, rows);
  return hidden > 0 && rows > 0 ? [...shown, [shown.length === 0 ? (fields[0]?.[0] ?? '') : '', moreText(hidden), 'muted']] : shown;
};

export interface ListRow {
  readonly key: string;
  readonly text: string;
  readonly role?: Role;
}

/** Cut to a width, with a sign. */
const cutTail = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`);

/** A list with its highlighted row; says how much of it is out of sight. */
export const List = ({ items, highlighted, columns, rows }: Room & { readonly items: readonly ListRow[]; readonly highlighted: number }): ReactNode => {
  const fits = items.length <= rows;
  const window = listWindow(items.length, highlighted, fits ? rows : Math.max(1, rows - 1));
  return (
    <Box flexDirection="column" flexShrink={0}>
      {items.slice(window.start, window.end).map((item, index) => {
        // The mark alone tells which one it is: a row drawn anew with every move would be long on a slow line.
        const mark = window.start + index === highlighted ? styled('> ', 'selected') : '  ';
        return <Line key={item.key}>{mark + styled(cutTail(item.text.trimEnd(), columns - 2), item.role ?? 'plain')}</Line>;
      })}
      {!fits && rows > 1 && <Line role="muted">{`  ${window.above} above, ${window.below} below`}</Line>}
    </Box>
  );
};

const listMoves: readonly (readonly [KeyName, ListMove, string])[] = [
  ['up', 'up', 'move'],
  ['down', 'down', ''],
  ['pageUp', 'page-up', ''],
  ['pageDown', 'page-down', ''],
  ['first', 'first', ''],
  ['last', 'last', ''],
];

/** The keys that move a list's highlight. */
export const listKeys = (list: string, highlighted: number, count: number, page: number): Keys =>
  listMoves.map(([key, move, label]) => ({
    key,
    label,
    help: { up: 'one up', down: 'one down', 'page-up': 'one page up', 'page-down': 'one page down', first: 'to the first', last: 'to the last' }[move],
    action: { type: 'highlight', list, index: reduceList(highlighted, move, count, page) },
  }));

/** Rows of a page that scrolls: one is kept for the sign where there are more lines. */
const pageRows = (count: number, rows: number): number => Math.max(1, count > rows ? rows - 1 : rows);

/** The first line in sight of a page that scrolls. */
export const topOf = (state: ConsoleState, list: string, count: number, rows: number): number => Math.max(0, Math.min(state.highlights[list] ?? 0, count - pageRows(count, rows)));

/** The keys that scroll a page of lines. */
export const scrollKeys = (list: string, top: number, count: number, rows: number): Keys => listKeys(list, top, Math.max(1, count - pageRows(count, rows) + 1), pageRows(count, rows));

/** The lines of a page from `top` on; says which ones they are where there are more. */
export const Page = ({ lines, top, rows }: { readonly lines: readonly TextLine[]; readonly top: number; readonly rows: number }): ReactNode => {
  const height = pageRows(lines.length, rows);
  return (
    <>
      {lines.slice(top, top + height).map(({ text, role }, index) => (
        <Line key={top + index} role={role}>
          {text}
        </Line>
      ))}
      {lines.length > rows && <Line role="muted">{`(lines ${top + 1} to ${Math.min(lines.length, top + height)} of ${lines.length})`}</Line>}
    </>
  );
};

/** Where an answer came from, behind its value. */
export const withOrigin = <T,>(answer: Answer<T> | undefined, show: (value: T) => string, otherwise: string): string =>
  answer === undefined ? otherwise : `${show(answer.value)} (${answer.origin.replace('-', ' ')})`;
