/** A configuration as text with its problems underneath: what the editor of the installer and that of the recovery console draw. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Room } from '../src/app/console/screen.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { isError } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import { plural } from '../src/ui/format.ts';
import { Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { placeOf } from '../src/ui/text-area.ts';
import type { Place, TextAreaState } from '../src/ui/text-area.ts';
import { TextAreaView } from '../src/ui/text-area-view.tsx';
import { wrapText } from './parts.tsx';

/** Rows of problems, and of the text above them, in a room. */
const problemRows = (rows: number): number => Math.max(2, Math.min(6, Math.floor(rows / 4)));
export const textRows = (room: Room): number => Math.max(1, room.rows - 2 - problemRows(room.rows));

const roles: Readonly<Record<Problem['severity'], Role>> = { error: 'danger', warning: 'warning', info: 'muted' };
const words: Readonly<Record<Problem['severity'], string>> = { error: 'error', warning: 'note', info: 'info' };

/** Those of the cursor's line first, then by severity and line. */
const sorted = (problems: readonly Problem[], line: number): readonly Problem[] => {
  const rank = { error: 0, warning: 1, info: 2 };
  const near = ({ position }: Problem): number => (position?.line === line ? 0 : 1);
  return problems.toSorted((left, right) => near(left) - near(right) || rank[left.severity] - rank[right.severity] || (left.position?.line ?? 0) - (right.position?.line ?? 0));
};

const problemLines = (problems: readonly Problem[], columns: number): readonly { readonly text: string; readonly role: Role }[] =>
  problems.flatMap((problem) => {
    const where = problem.position === undefined ? '' : `line ${problem.position.line}: `;
    return wrapText(cleanText(`${where}${words[problem.severity]}: ${problem.what}; ${problem.hint}`, 400), columns - 2).map((text, index) => ({ text: index === 0 ? text : `  ${text}`, role: roles[problem.severity] }));
  });

/** The place of the first problem below the cursor, from the top again after the last one; null: none has a place. */
export const nextProblemPlace = (text: TextAreaState, problems: readonly Problem[]): Place | null => {
  const { line } = placeOf(text);
  const places = problems.flatMap(({ position }) => (position === undefined ? [] : [position])).toSorted((left, right) => left.line - right.line || left.column - right.column);
  const next = places.find((place) => place.line > line + 1) ?? places[0];
  return next === undefined ? null : { line: next.line - 1, column: next.column - 1 };
};

/** The first error as a reason not to use the text; null: there is none. */
export const reasonNotToUse = (problems: readonly Problem[]): string | null => {
  const wrong = problems.find(isError);
  return wrong === undefined ? null : `not used yet: ${wrong.position === undefined ? '' : `line ${wrong.position.line}: `}${cleanText(wrong.what, 100)}`;
};

export interface EditorPaneProps extends Room {
  readonly name: string;
  readonly text: TextAreaState;
  /** What was found so far. */
  readonly problems: readonly Problem[];
  readonly check: 'done' | 'checking' | 'when used';
  /** In place of the title line. */
  readonly head?: ReactNode;
}

export const EditorPane = ({ name, text, problems, check, head, columns, rows }: EditorPaneProps): ReactNode => {
  const place = placeOf(text);
  const marks = new Map<number, Role>();
  for (const { position, severity } of problems.toReversed()) if (position !== undefined && marks.get(position.line) !== 'danger') marks.set(position.line, roles[severity]);
  const lines = problemLines(sorted(problems, place.line + 1), columns);
  const room = problemRows(rows);
  const errors = problems.filter(isError).length;
  const verdict = check === 'when used' ? 'long: checked when it is used' : check === 'checking' ? 'checking' : errors > 0 ? plural(errors, 'error') : problems.length > 0 ? plural(problems.length, 'note') : 'no problem found';
  return (
    <Box flexDirection="column">
      {head ?? <Line role="title">{`${cleanText(name, 40)}, line ${place.line + 1} column ${place.column + 1}: ${verdict}. Secrets are shown here.`}</Line>}
      <TextAreaView text={text} columns={columns} rows={textRows({ columns, rows })} marks={marks} />
      <Line role="muted">{'─'.repeat(columns)}</Line>
      {lines.slice(0, lines.length > room ? room - 1 : room).map(({ text: shown, role }, index) => (
        <Line key={index} role={role}>
          {shown}
        </Line>
      ))}
      {lines.length > room && <Line role="muted">{`(${lines.length - room + 1} more lines; mend the first ones and they show up)`}</Line>}
    </Box>
  );
};
