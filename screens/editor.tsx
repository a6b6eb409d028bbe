/** The configuration as text: typed, checked at every key, and used instead of what was read. */
import { Box } from 'ink';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, Room, ViewProps } from '../src/app/console/screen.ts';
import { editorText } from '../src/app/console/session.ts';
import { textOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { isError } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import { stripUserData } from '../src/scrub/strip.ts';
import { buildKeptConfig, textToEdit } from '../src/sources/answers-to-config.ts';
import { checkUserData } from '../src/sources/user-data.ts';
import { plural } from '../src/ui/format.ts';
import { Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { placeOf } from '../src/ui/text-area.ts';
import { TextAreaView } from '../src/ui/text-area-view.tsx';
import { wrapText } from './parts.tsx';

/** UTF-16 units. What is bigger is not written by hand. */
const maxLength = 128 * 1024;
/** Above this the text is checked when it is used, not at every key. */
const checkedWhileTyping = 32 * 1024;

const problemRows = (rows: number): number => Math.max(2, Math.min(6, Math.floor(rows / 4)));
const textRows = (room: Room): number => Math.max(1, room.rows - 2 - problemRows(room.rows));

/** The name it goes by in messages. */
const nameOf = (state: ConsoleState): string => (state.useDocument && state.document !== null ? state.document.name : 'edited here');

/** What the editor would begin with now. */
const startOf = (state: ConsoleState): string =>
  state.useDocument && state.document !== null ? state.document.text : textToEdit((state.input?.sources.documents ?? []).filter(({ kind }) => kind === 'user-data'));

const setText = (state: ConsoleState, room: Room): Action => ({
  type: 'edit-text',
  text: editorText,
  edit: { edit: 'set', value: startOf(state).replaceAll('\r\n', '\n') },
  limits: { maxLength, height: textRows(room) },
});

/** What was typed and not used yet. */
const hasDraft = (state: ConsoleState): boolean => {
  const draft = state.texts[editorText];
  return draft !== undefined && draft.value !== '' && draft.value !== state.document?.text;
};

/** Opens the editor: on the draft that was left, else on what is read. */
export const openEditor = (state: ConsoleState, room: Room): Action => {
  if (state.looking) return { type: 'notice', text: 'one moment: still reading' };
  if (startOf(state).length > maxLength) return { type: 'notice', text: 'the configuration is too big to be edited here (128 KiB)' };
  const open: Action = { type: 'overlay', overlay: 'editor' };
  return hasDraft(state) ? open : { type: 'many', actions: [setText(state, room), open] };
};

/** Everything that is wrong with a text: as it stands, when it is cut, and when it becomes what is kept. */
export const problemsOfText = (text: string, name: string): readonly Problem[] => {
  const split = stripUserData(text, name);
  const problems = [...checkUserData(text, name), ...split.problems];
  if (!problems.some(isError)) problems.push(...buildKeptConfig({ documents: [{ name, text }], answers: {}, metaHostname: null }).problems);
  const said = new Set<string>();
  return problems.filter(({ what, where }) => {
    const key = `${where} ${what}`;
    if (said.has(key)) return false;
    said.add(key);
    return true;
  });
};

const use = (state: ConsoleState): Action => {
  const text = textOf(state, editorText).value;
  const wrong = problemsOfText(text, nameOf(state)).find(isError);
  if (wrong !== undefined) return { type: 'notice', text: `not used yet: ${wrong.position === undefined ? '' : `line ${wrong.position.line}: `}${cleanText(wrong.what, 100)}` };
  return { type: 'document', document: { name: nameOf(state), text } };
};

const keys = (state: ConsoleState, room: Room): Keys => [
  { key: 'edit', label: 'use this text', help: 'check it and use it instead of what was read', action: use(state) },
  { key: 'back', label: 'leave', help: 'close; what is typed waits here', action: { type: 'overlay', overlay: null } },
  { key: 'rescan', label: 'start over', help: 'begin again with what was read', action: setText(state, room) },
  { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
  { key: 'redraw', label: '', action: { type: 'redraw' } },
];

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

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const text = textOf(state, editorText);
  const name = nameOf(state);
  const tooLong = text.value.length > checkedWhileTyping;
  const problems = useMemo(() => (tooLong ? [] : problemsOfText(text.value, name)), [text.value, name, tooLong]);
  const place = placeOf(text);
  const marks = new Map<number, Role>();
  for (const { position, severity } of problems.toReversed()) if (position !== undefined && marks.get(position.line) !== 'danger') marks.set(position.line, roles[severity]);
  const lines = problemLines(sorted(problems, place.line + 1), columns);
  const room = problemRows(rows);
  const errors = problems.filter(isError).length;
  const verdict = tooLong ? 'long: checked when it is used' : errors > 0 ? plural(errors, 'error') : problems.length > 0 ? plural(problems.length, 'note') : 'no problem found';
  return (
    <Box flexDirection="column">
      <Line role="title">{`${cleanText(name, 40)}, line ${place.line + 1} column ${place.column + 1}: ${verdict}. Secrets are shown here.`}</Line>
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

export const editor: OverlayRow = {
  title: 'Editor',
  keys,
  focus: (_state, room) => ({ field: editorText, maxLength, lines: textRows(room) }),
  view: View,
};
