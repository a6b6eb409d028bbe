/** The configuration as text: typed, checked at every key, and used instead of what was read. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, PlainQuestion, Room, ViewProps } from '../src/app/console/screen.ts';
import { notAskedLater } from '../src/app/console/asked-later.ts';
import { editorText } from '../src/app/console/session.ts';
import { fieldOf, textOf } from '../src/app/state.ts';
import type { Action, ConsoleState, EditedText } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { isError } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import { checkedWhileTyping, problemsOfText } from '../src/app/console/text-problems.ts';
import { textToEdit } from '../src/sources/answers-to-config.ts';
import { shownKey } from '../src/ui/keys.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { Line } from '../src/ui/text.tsx';
import { findText } from '../src/ui/text-area.ts';
import type { TextAreaEdit } from '../src/ui/text-area.ts';
import { EditorPane, nextProblemPlace, reasonNotToUse, textRows } from './editor-pane.tsx';
import { wrapText } from './parts.tsx';
import { cleanLine as printable } from './viewer.tsx';

/** UTF-16 units: what a data volume may hold, too. */
const maxLength = 1024 * 1024;
const searchField = 'editor-search';

/** The name it goes by in messages. */
const nameOf = (state: ConsoleState): string => (state.useDocument && state.document !== null ? state.document.name : 'edited here');

/** What is in force, as the person chose it. */
const sourceName = (state: ConsoleState): string => {
  if (state.useDocument && state.document !== null) return state.document.name;
  const names = (state.input?.sources.documents ?? []).filter(({ kind }) => kind === 'user-data').map(({ name }) => name);
  return names.length === 0 ? 'no configuration' : names.join(', ');
};

/** What the editor would begin with now. */
const startOf = (state: ConsoleState): string =>
  state.useDocument && state.document !== null ? state.document.text : textToEdit((state.input?.sources.documents ?? []).filter(({ kind }) => kind === 'user-data'));

/** What the editor would begin with, as its text holds it. */
const sourceOf = (state: ConsoleState): EditedText => ({ name: sourceName(state), start: startOf(state).replaceAll('\r\n', '\n') });

/** Begins with what is in force now, with no memory of a text before. */
const begin = (state: ConsoleState): Action => {
  const source = sourceOf(state);
  return { type: 'begin-text', editing: source, text: source.start };
};

/** Begins with what is in force now, as one change of the text that is there: it can be taken back. */
const beginAnew = (state: ConsoleState): readonly Action[] => {
  const source = sourceOf(state);
  const changed = textOf(state, editorText).value !== source.start;
  return [
    { type: 'begin-text', editing: source },
    { type: 'edit-text', text: editorText, edit: { edit: 'set', value: source.start }, limits: { maxLength, height: 20 } },
    ...(changed ? [{ type: 'notice', text: `begun anew; ${shownKey('undo', true)} brings the typed text back` } as const] : []),
  ];
};

/** The text is what is in force, with the memory of what it was before. */
const isAtStart = (state: ConsoleState): boolean => state.editing !== null && textOf(state, editorText).value === sourceOf(state).start;

/** What was typed and not used yet: it differs from what it began with. */
export const hasDraft = (state: ConsoleState): boolean => {
  const value = state.texts[editorText]?.value ?? '';
  return state.editing !== null && value !== '' && value !== state.editing.start;
};

/** The draft was begun from another configuration than the one that is in force now. */
const isForeign = (state: ConsoleState): boolean => {
  const { name, start } = sourceOf(state);
  return hasDraft(state) && (state.editing?.start !== start || state.editing.name !== name);
};

/** Opens the editor: on what is read, or on the draft that was left; which of them is asked where another configuration was chosen meanwhile. */
export const openEditor = (state: ConsoleState): Action => {
  if (state.looking) return { type: 'notice', text: 'one moment: still reading' };
  if (startOf(state).length > maxLength) return { type: 'notice', text: 'the configuration is too big to be edited here (1 MiB)' };
  const open: Action = { type: 'overlay', overlay: 'editor' };
  if (isForeign(state)) return { type: 'many', actions: [{ type: 'focus', screen: 'editor', index: asking }, open] };
  return { type: 'many', actions: [{ type: 'focus', screen: 'editor', index: 0 }, ...(hasDraft(state) || isAtStart(state) ? [] : [begin(state)]), open] };
};

/** The focus of the editor while it is asked which text to go on with. */
const asking = 2;
const isAsking = (state: ConsoleState): boolean => state.focus['editor'] === asking && isForeign(state);

const closeQuestion: Action = { type: 'focus', screen: 'editor', index: 0 };
const takeNew = (state: ConsoleState): Action => ({ type: 'many', actions: [closeQuestion, ...beginAnew(state)] });
/** From now on the draft is one of what is in force: it is not asked about again. */
const takeDraft = (state: ConsoleState): Action => ({ type: 'many', actions: [{ type: 'begin-text', editing: sourceOf(state) }, closeQuestion] });

const questionLines = (state: ConsoleState): readonly string[] => [
  'Here is a text that was typed and not used yet.',
  `It was begun from: ${cleanText(state.editing?.name ?? '', 60)}. In force now is: ${cleanText(sourceName(state), 60)}.`,
];

const isSearching = (state: ConsoleState): boolean => state.focus['editor'] === 1;

/** What is known to be wrong with the text as it stands; null while that is not known. */
const problemsNow = (state: ConsoleState): readonly Problem[] | null => {
  const { draft } = state.session;
  return draft !== null && draft.text === textOf(state, editorText).value ? draft.problems : null;
};

/** Uses a text; it is no draft any more. */
const useText = (state: ConsoleState, text: string): readonly Action[] => {
  const document = { name: nameOf(state), text };
  return [{ type: 'begin-text', editing: { name: document.name, start: text } }, { type: 'document', document }];
};

const use = (state: ConsoleState): Action => {
  const text = textOf(state, editorText).value;
  // A big text is read like any other, and what is wrong with it is said there.
  const reason = text.length > checkedWhileTyping ? null : reasonNotToUse(notAskedLater(problemsNow(state) ?? problemsOfText(text)));
  if (reason !== null) return { type: 'notice', text: reason };
  return { type: 'many', actions: useText(state, text) };
};

const move = (edit: TextAreaEdit, room: Room): Action => ({ type: 'edit-text', text: editorText, edit, limits: { maxLength, height: textRows(room) } });

const nextProblem = (state: ConsoleState, room: Room): Action => {
  const next = nextProblemPlace(textOf(state, editorText), state.session.draft?.problems ?? []);
  return next === null ? { type: 'notice', text: 'no problem has a place in the text' } : move({ edit: 'go', ...next }, room);
};

const findNext = (state: ConsoleState, room: Room): Action => {
  const wanted = fieldOf(state, searchField).value;
  if (wanted === '') return { type: 'notice', text: 'type what to look for' };
  return findText(textOf(state, editorText), wanted) === -1 ? { type: 'notice', text: 'not found' } : move({ edit: 'find', text: wanted }, room);
};

const closeSearch: Action = { type: 'focus', screen: 'editor', index: 0 };

const leave: Action = { type: 'overlay', overlay: null };

/** Closes the editor, and says what becomes of a text that was typed. */
const leaveOpenly = (state: ConsoleState): Action =>
  hasDraft(state)
    ? { type: 'many', actions: [leave, { type: 'notice', text: `what was typed is not used yet: ${shownKey('edit', false)} opens it, ${shownKey('edit', true)} there uses it` }] }
    : leave;

const keys = (state: ConsoleState, room: Room): Keys =>
  isAsking(state)
    ? [
        { key: 'accept', label: 'begin anew', help: 'edit what is in force now; undo brings the text back that was typed', action: takeNew(state) },
        { key: 'edit', label: 'the typed text', help: 'go on with the text that was typed', action: takeDraft(state) },
        { key: 'back', label: 'leave', help: 'close; what was typed waits here', action: leaveOpenly(state) },
        { key: 'quit', label: '', action: leaveOpenly(state) },
        { key: 'redraw', label: '', action: { type: 'redraw' } },
      ]
    : isSearching(state)
    ? [
        { key: 'accept', label: 'find next', help: 'the next line that holds it', action: findNext(state, room) },
        { key: 'back', label: 'to the text', action: closeSearch },
        { key: 'interrupt', label: '', action: closeSearch },
        { key: 'redraw', label: '', action: { type: 'redraw' } },
      ]
    : [
        { key: 'edit', label: 'use', help: 'check it and use it instead of what was read', action: use(state) },
        { key: 'search', label: 'find', help: 'look for a text', action: { type: 'focus', screen: 'editor', index: 1 } },
        { key: 'nextProblem', label: 'error', help: 'to the next problem', action: nextProblem(state, room) },
        { key: 'rescan', label: 'anew', help: 'begin again with what was read; undo brings the text back that was typed', action: { type: 'many', actions: beginAnew(state) } },
        { key: 'undo', label: 'undo', help: 'take the last change back', action: move({ edit: 'undo' }, room) },
        { key: 'redo', label: '', help: 'do it again', action: move({ edit: 'redo' }, room) },
        { key: 'back', label: 'leave', help: 'close; what is typed waits here', action: leaveOpenly(state) },
        { key: 'quit', label: '', action: leaveOpenly(state) },
        { key: 'redraw', label: '', action: { type: 'redraw' } },
      ];

const Question = ({ lines, columns }: { readonly lines: readonly string[]; readonly columns: number }): ReactNode => (
  <Box flexDirection="column">
    <Line role="title">Which text?</Line>
    {lines.flatMap((line) => wrapText(line, columns)).map((line, index) => (
      <Line key={index}>{line}</Line>
    ))}
  </Box>
);

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const text = textOf(state, editorText);
  const tooLong = text.value.length > checkedWhileTyping;
  const fresh = problemsNow(state);
  if (isAsking(state)) return <Question lines={questionLines(state)} columns={columns} />;
  return (
    <EditorPane
      name={nameOf(state)}
      text={text}
      // Until the check is through, what was wrong before stands there: a list that comes and goes with every key is hard to read.
      problems={tooLong ? [] : (fresh ?? state.session.draft?.problems ?? [])}
      check={tooLong ? 'when used' : fresh === null ? 'checking' : 'done'}
      head={isSearching(state) ? <FieldView label="Find " field={fieldOf(state, searchField)} focused width={Math.max(4, Math.min(40, columns - 12))} /> : undefined}
      columns={columns}
      rows={rows}
    />
  );
};

/** The same in plain mode: the whole text anew, checked at its end. */
export const askForText = (state: ConsoleState): PlainQuestion => {
  if (isAsking(state)) {
    return {
      lines: questionLines(state),
      prompt: 'new begins anew with what is in force, typed goes on with the text; Enter leaves it',
      answer: (line) => (line === '' ? [leave] : line === 'new' ? [takeNew(state)] : line === 'typed' ? [takeDraft(state)] : 'type new or typed'),
    };
  }
  const before = hasDraft(state) ? textOf(state, editorText).value : startOf(state);
  return {
    lines: ['The configuration as it stands, secrets in it shown:', ...before.split('\n').map((line, index) => `${String(index + 1).padStart(4)}  ${printable(line)}`)],
    prompt: 'Write or paste all of it; a line with a single dot ends it; a dot alone leaves it as it is',
    until: '.',
    answer: (text) => {
      if (text === '') return [leave];
      const set: Action = { type: 'edit-text', text: editorText, edit: { edit: 'set', value: text }, limits: { maxLength, height: 20 } };
      if (text.length > maxLength) return 'that is too long: at most 1 MiB';
      const wrong = notAskedLater(problemsOfText(text)).filter(isError);
      if (wrong.length === 0) return [set, ...useText(state, text)];
      return [set, leave, { type: 'notice', text: `not used: ${wrong.map(({ position, what, hint }) => cleanText(`${position === undefined ? '' : `line ${position.line}: `}${what}; ${hint}`, 300)).join(' | ')}` }];
    },
  };
};

export const editor: OverlayRow = {
  title: 'Editor',
  keys,
  focus: (state, room) => (isAsking(state) ? null : isSearching(state) ? { field: searchField, maxLength: 100 } : { field: editorText, maxLength, lines: textRows(room) }),
  view: View,
};
