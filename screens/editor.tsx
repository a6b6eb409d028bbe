/** The configuration as text: typed, checked at every key, and used instead of what was read. */
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, PlainQuestion, Room, ViewProps } from '../src/app/console/screen.ts';
import { editorText } from '../src/app/console/session.ts';
import { fieldOf, textOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { isError } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import { checkedWhileTyping, problemsOfText } from '../src/app/console/text-problems.ts';
import { textToEdit } from '../src/sources/answers-to-config.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { findText } from '../src/ui/text-area.ts';
import type { TextAreaEdit } from '../src/ui/text-area.ts';
import { EditorPane, nextProblemPlace, reasonNotToUse, textRows } from './editor-pane.tsx';
import { cleanLine as printable } from './viewer.tsx';

/** UTF-16 units: what a data volume may hold, too. */
const maxLength = 1024 * 1024;
const searchField = 'editor-search';

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
  if (startOf(state).length > maxLength) return { type: 'notice', text: 'the configuration is too big to be edited here (1 MiB)' };
  const open: Action = { type: 'overlay', overlay: 'editor' };
  return hasDraft(state) ? open : { type: 'many', actions: [setText(state, room), open] };
};

const isSearching = (state: ConsoleState): boolean => state.focus['editor'] === 1;

/** What is known to be wrong with the text as it stands; null while that is not known. */
const problemsNow = (state: ConsoleState): readonly Problem[] | null => {
  const { draft } = state.session;
  return draft !== null && draft.text === textOf(state, editorText).value ? draft.problems : null;
};

const use = (state: ConsoleState): Action => {
  const text = textOf(state, editorText).value;
  // A big text is read like any other, and what is wrong with it is said there.
  const reason = text.length > checkedWhileTyping ? null : reasonNotToUse(problemsNow(state) ?? problemsOfText(text));
  if (reason !== null) return { type: 'notice', text: reason };
  return { type: 'document', document: { name: nameOf(state), text } };
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

const keys = (state: ConsoleState, room: Room): Keys =>
  isSearching(state)
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
        { key: 'undo', label: 'undo', help: 'take the last change back', action: move({ edit: 'undo' }, room) },
        { key: 'redo', label: '', help: 'do it again', action: move({ edit: 'redo' }, room) },
        { key: 'rescan', label: '', help: 'begin again with what was read', action: setText(state, room) },
        { key: 'back', label: 'leave', help: 'close; what is typed waits here', action: { type: 'overlay', overlay: null } },
        { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
        { key: 'redraw', label: '', action: { type: 'redraw' } },
      ];

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const text = textOf(state, editorText);
  const tooLong = text.value.length > checkedWhileTyping;
  const fresh = problemsNow(state);
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
  const before = hasDraft(state) ? textOf(state, editorText).value : startOf(state);
  const leave: Action = { type: 'overlay', overlay: null };
  return {
    lines: ['The configuration as it stands, secrets in it shown:', ...before.split('\n').map((line, index) => `${String(index + 1).padStart(4)}  ${printable(line)}`)],
    prompt: 'Write or paste all of it; a line with a single dot ends it; a dot alone leaves it as it is',
    until: '.',
    answer: (text) => {
      if (text === '') return [leave];
      const set: Action = { type: 'edit-text', text: editorText, edit: { edit: 'set', value: text }, limits: { maxLength, height: 20 } };
      if (text.length > maxLength) return 'that is too long: at most 1 MiB';
      const wrong = problemsOfText(text).filter(isError);
      if (wrong.length === 0) return [set, { type: 'document', document: { name: nameOf(state), text } }];
      return [set, leave, { type: 'notice', text: `not used: ${wrong.map(({ position, what, hint }) => cleanText(`${position === undefined ? '' : `line ${position.line}: `}${what}; ${hint}`, 300)).join(' | ')}` }];
    },
  };
};

export const editor: OverlayRow = {
  title: 'Editor',
  keys,
  focus: (state, room) => (isSearching(state) ? { field: searchField, maxLength: 100 } : { field: editorText, maxLength, lines: textRows(room) }),
  view: View,
};
