/** Pieces that several screens draw. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { formatProblem } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import type { Answer } from '../src/model/settings.ts';
import type { Keys, Room } from '../src/app/console/screen.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { listWindow, reduceList } from '../src/ui/list.ts';
import type { ListMove } from '../src/ui/list.ts';
import type { KeyName } from '../src/ui/keys.ts';
import { fit, Line, styled } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';

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

/** Breaks text at blanks; a word longer than the line is broken where the line ends. */
export const wrapText = (text: string, width: number): readonly string[] => {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
    }
    let rest = line === '' ? word : `${line} ${word}`;
    while (rest.length > room) {
      lines.push(rest.slice(0, room));
      rest = rest.slice(room);
    }
    line = rest;
  }
  lines.push(line);
  return lines;
};

/** A problem as lines of text: what, where and what to do about it. */
export const problemLines = (problem: Problem, width: number): readonly string[] => {
  const text = cleanText(formatProblem(problem), 1000);
  const [first = '', ...more] = wrapText(`${problemWords[problem.severity]}: ${text}`, width - 2);
  return [first, ...more.map((line) => `  ${line}`)];
};

/** As many problems as fit; what does not fit is counted. */
export const Problems = ({ problems, columns, rows }: Room & { readonly problems: readonly Problem[] }): ReactNode => {
  const all = problems.flatMap((problem) => problemLines(problem, columns).map((text) => ({ text, role: problemRoles[problem.severity] })));
  const cut = all.length > rows;
  const shown = all.slice(0, cut ? Math.max(0, rows - 1) : rows);
  return (
    <Box flexDirection="column" flexShrink={0}>
      {shown.map(({ text, role }, index) => (
        <Line key={index} role={role}>
          {text}
        </Line>
      ))}
      {cut && rows > 0 && <Line role="muted">{`(${all.length - shown.length} more lines; the window is too small for them)`}</Line>}
    </Box>
  );
};

export interface ListRow {
  readonly key: string;
  readonly text: string;
  readonly role?: Role;
}

/** A list with its highlighted row; says how much of it is out of sight. */
export const List = ({ items, highlighted, columns, rows }: Room & { readonly items: readonly ListRow[]; readonly highlighted: number }): ReactNode => {
  const fits = items.length <= rows;
  const window = listWindow(items.length, highlighted, fits ? rows : Math.max(1, rows - 1));
  return (
    <Box flexDirection="column" flexShrink={0}>
      {items.slice(window.start, window.end).map((item, index) => {
        const chosen = window.start + index === highlighted;
        // Not padded to the width: moving the highlight costs as many bytes as the two texts are long.
        const text = `${chosen ? '> ' : '  '}${item.text.trimEnd()}`.slice(0, columns);
        const cut = item.text.trimEnd().length + 2 > columns ? `${text.slice(0, -1)}…` : text;
        return (
          <Line key={item.key} role={chosen ? 'selected' : (item.role ?? 'plain')}>
            {cut}
          </Line>
        );
      })}
      {!fits && <Line role="muted">{`  ${window.above} above, ${window.below} below`}</Line>}
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

/** Where an answer came from, behind its value. */
export const withOrigin = <T,>(answer: Answer<T> | undefined, show: (value: T) => string, otherwise: string): string =>
  answer === undefined ? otherwise : `${show(answer.value)} (${answer.origin.replace('-', ' ')})`;
