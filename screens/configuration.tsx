/** Where the configuration comes from: data volume, ready-made, a file or URL, or none. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { FocusedField, Keys, Room, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { laterNote, notAskedLater } from '../src/app/console/asked-later.ts';
import { onScreens } from '../src/app/console/screen-words.ts';
import { answersOf, fieldOf, problemsOf } from '../src/app/state.ts';
import type { Action, AnswerChanges, ConsoleState } from '../src/app/state.ts';
import { isError } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { formatBytes, plural } from '../src/ui/format.ts';
import { shownKey } from '../src/ui/keys.ts';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import { askForText, hasDraft, openEditor } from './editor.tsx';
import { askForFile, volumesOf } from './files.tsx';
import { mark, markedAt, rowKeys } from './marks.ts';
import { cutFields, fieldLines, Fields, Gap, linesOfProblems, List, plainChoice, plainProblems, rowsToList, TextLines, wrapText } from './parts.tsx';
import type { FieldRow } from './parts.tsx';
import { plainTexts } from './viewer.tsx';

const addressField = 'config-address';

interface Choice {
  readonly id: string;
  readonly text: string;
  /** More about it, shown while it is highlighted. */
  readonly about?: string;
  /** None for what was written here: that is no setting. */
  readonly answers: AnswerChanges | null;
}

/** The text that was typed and not used: a choice that opens it. */
const draft = 'draft';

/** Takes back what this console said about the configuration. */
const asFound: AnswerChanges = { config: undefined, 'data-volume': undefined };

const givenConfig = (state: ConsoleState): readonly string[] => state.given.flag?.config ?? state.given['kernel-line']?.config ?? [];

/** What can be picked on this machine, the likely one first. Every choice keeps its place and its answer over all looks. */
export const choicesOf = (state: ConsoleState): readonly Choice[] => {
  const used = state.input?.sources.dataVolume ?? null;
  const found = (state.input?.facts.volumes ?? []).filter(({ kind }) => kind === 'data-volume');
  // A disk image file that holds a data volume is in no list of the machine's.
  const volumes = used === null || found.some(({ path }) => path === used.path) ? found : [used, ...found];
  const given = givenConfig(state);
  return [
    ...(hasDraft(state) ? [{ id: draft, text: 'typed text, not used yet', about: 'It is in force only when the editor uses it: Enter opens it there.', answers: {} }] : []),
    ...(state.document === null ? [] : [{ id: 'document', text: `${cleanText(state.document.name, 60)} (held in memory, ${formatBytes(state.document.text.length)})`, answers: null }]),
    ...(given.length > 0 ? [{ id: 'given', text: `as started: ${given.map((name) => cleanText(name, 60)).join(', ')}`, answers: asFound }] : []),
    ...volumes.map(({ path, label }) => ({
      id: `volume ${path}`,
      text: `data volume ${cleanText(label ?? '', 20)} on ${cleanText(path, 40)}`,
      about: 'user-data of it is kept on the node; installer-data is for this install only.',
      answers: { config: given.length > 0 ? [] : undefined, 'data-volume': path },
    })),
    ...state.presets.map(({ name, title, description }) => ({
      id: `preset ${name}`,
      text: `ready-made: ${cleanText(title, 60)}`,
      about: cleanText(description, 300),
      answers: { config: [`preset:${name}`], 'data-volume': undefined },
    })),
    { id: 'address', text: 'a file or URL', about: 'A file of this system, or an address that begins with http:// or https://; f picks a file of an attached volume.', answers: {} },
    { id: 'none', text: 'none: install with defaults', about: 'What is answered on the next screens is all that the node gets; e starts a text of your own.', answers: { config: [], 'data-volume': 'none' } },
  ];
};

const sameAnswer = (state: ConsoleState, answers: AnswerChanges): boolean =>
  (['config', 'data-volume'] as const).every((name) => JSON.stringify(answers[name]) === JSON.stringify(state.answers[name]));

/** What is in force: answered here, or found without an answer. */
const isChosen = (state: ConsoleState, choice: Choice): boolean => {
  if (choice.answers === null || state.useDocument) return choice.answers === null && state.useDocument;
  if (choice.id === draft) return false;
  if (choice.id === 'address') {
    return state.answers.config?.length === 1 && !state.presets.some(({ name }) => state.answers.config?.[0] === `preset:${name}`);
  }
  if (sameAnswer(state, choice.answers)) return true;
  const path = state.input?.sources.dataVolume?.path;
  return path !== undefined && choice.id === `volume ${path}` && sameAnswer(state, asFound) && givenConfig(state).length === 0;
};

/** The highlighted row: where the person put it, else what is answered now; -1 when that one was pulled out. */
const highlightOf = (state: ConsoleState): number => {
  const choices = choicesOf(state);
  const chosen = choices.findIndex((choice) => isChosen(state, choice));
  // Nothing was found: doing without is the likely choice.
  return markedAt(state, 'configuration', choices.map(({ id }) => id), chosen === -1 ? choices.length - 1 : chosen);
};

/** Uses a choice; what was written here is put aside for any other, and kept. */
const choose = (state: ConsoleState, answers: AnswerChanges | null): Action =>
  answers === null ? { type: 'document', document: state.document } : { type: 'many', actions: [{ type: 'answer', changes: answers }, { type: 'document', document: null }] };

const isAddress = (state: ConsoleState): boolean => choicesOf(state)[highlightOf(state)]?.id === 'address';
const isTyping = (state: ConsoleState): boolean => isAddress(state) && state.focus['configuration'] === 1;

const accept = (state: ConsoleState): Action => {
  const choice = choicesOf(state)[highlightOf(state)];
  if (choice === undefined) return { type: 'notice', text: 'choose with Up and Down' };
  if (choice.id === draft) return openEditor(state);
  if (choice.id !== 'address') {
    // A new choice is read first, so that what is wrong with it is seen here.
    return isChosen(state, choice) ? { type: 'next' } : choose(state, choice.answers);
  }
  if (!isTyping(state)) return { type: 'focus', screen: 'configuration', index: 1 };
  const address = fieldOf(state, addressField).value.trim();
  if (address === '') return { type: 'notice', text: 'type a path or an address first' };
  const changes = { config: [address], 'data-volume': undefined };
  return sameAnswer(state, changes) && !state.useDocument ? { type: 'next' } : choose(state, changes);
};

/** Opens on the first volume; the only one is listed at once. */
const showFiles = (state: ConsoleState): Action => {
  const [first, ...more] = volumesOf(state);
  const open: Action = { type: 'overlay', overlay: 'files' };
  if (first === undefined) return open;
  const opened: readonly Action[] = [mark('files', first.path), open];
  return { type: 'many', actions: more.length > 0 ? opened : [...opened, { type: 'ask', command: { do: 'list-files', volume: first } }] };
};

const keys = (state: ConsoleState, room: Room): Keys =>
  isTyping(state)
    ? [
        { key: 'accept', label: 'use it', help: 'read the file or address; Enter again goes on', action: accept(state) },
        { key: 'back', label: 'to the list', action: { type: 'focus', screen: 'configuration', index: 0 } },
      ]
    : [
        ...rowKeys('configuration', choicesOf(state).map(({ id }) => id), highlightOf(state), rowsToList(state, room.rows - 8)),
        { key: 'accept', label: 'choose', help: 'use the highlighted one; Enter again goes on', action: accept(state) },
        { key: 'view', label: 'view', help: 'the configuration, secrets blanked out', action: { type: 'overlay', overlay: 'viewer' } },
        { key: 'edit', label: 'edit', help: 'edit the configuration as text; secrets in it are shown there', action: openEditor(state) },
        { key: 'files', label: 'file', help: 'pick a file of an attached volume', action: showFiles(state) },
        { key: 'rescan', label: '', help: 'look at the machine and its volumes again', action: { type: 'look' } },
      ];

/** What was read, each in a row. */
const documentRows = (state: ConsoleState): readonly FieldRow[] => {
  const sources = state.input?.sources;
  const waiting: readonly FieldRow[] = hasDraft(state) ? [['not used yet', `what was typed: ${shownKey('edit', false)} opens it`, 'warning']] : [];
  if (sources === undefined || state.looking) return [['reading', `${state.lookText} ...`, 'muted']];
  const removed: readonly FieldRow[] = sources.removed.length === 0 ? [] : [['install-only', `${plural(sources.removed.length, 'part')}, cut out before anything is written`]];
  const documents = sources.documents.map(({ name, kind, text }): FieldRow => [kind, `${cleanText(name, 50)}, ${formatBytes(text.length)}`]);
  return [...waiting, ...(documents.length === 0 ? ([['none', 'no configuration is read', 'muted']] as const) : documents), ...removed];
};

/** What is wrong with it, what it leaves to later screens, and why nothing could be installed with it. */
const problemsHere = (state: ConsoleState): readonly Problem[] => {
  const problems = state.input?.sources.problems ?? [];
  const own = notAskedLater(problems).map(onScreens);
  // What is in the way of a plan with this configuration: the line of state says BLOCKED, and here is why.
  const inTheWay = problemsOf(state).filter((problem) => isError(problem) && !own.some(({ id, what, where }) => id === problem.id && what === problem.what && where === problem.where));
  return [...own, ...laterNote(problems), ...inTheWay];
};

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const choices = choicesOf(state);
  const answers = answersOf(state);
  const about = aboutLines(settled, columns).map((text) => ({ text, role: 'muted' as const }));
  const problems = linesOfProblems(problemsHere(state), columns);
  const read = documentRows(state);
  const typing = isTyping(state) ? 1 : 0;
  const origin = answers.config?.origin ?? answers['data-volume']?.origin;
  const [, listRoom = 0, readRoom = 0, problemRoom = 0, gaps = 0, aboutRoom = 0] = shareRows(rows, [
    [2 + typing, 2 + typing],
    [Math.min(3, choices.length), rowsToList(state, Math.min(choices.length, Math.max(3, rows - 11)))],
    [1, read.length],
    [Math.min(2, problems.length), problems.length],
    [0, 2],
    [0, about.length],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">Where does the configuration come from?</Line>
      {gaps > 1 && <Gap />}
      <List
        items={choices.map((choice) => ({ key: choice.id, text: `${isChosen(state, choice) ? '(*)' : '( )'} ${choice.text}` }))}
        highlighted={highlightOf(state)}
        columns={columns}
        rows={listRoom}
      />
      {typing > 0 && <FieldView label="File or URL " field={fieldOf(state, addressField)} focused width={Math.max(1, columns - 18)} />}
      {aboutRoom === about.length && <TextLines lines={about} rows={aboutRoom} />}
      {gaps > 0 && <Gap />}
      <Line role="title">{`What is read${origin === undefined || origin === 'default' ? '' : ` (said by: ${origin.replace('-', ' ')})`}`}</Line>
      <Fields rows={cutFields(read, readRoom)} />
      <TextLines lines={problems} rows={problemRoom} />
    </Box>
  );
};

/** About the highlighted row; one line at least, so that little moves. */
const aboutLines = (state: ConsoleState, columns: number): readonly string[] => {
  const choice = choicesOf(state)[highlightOf(state)];
  const typed = choice?.id === 'address' ? fieldOf(state, addressField).value : '';
  if (isTyping(state)) return [];
  const text = typed === '' ? (choice?.about ?? '') : `typed: ${cleanText(typed, 200)}`;
  const lines = wrapText(text, columns - 6).map((line) => `      ${line}`);
  const most = state.slow ? 1 : 2;
  return lines.length > most ? [...lines.slice(0, most - 1), `${(lines[most - 1] ?? '').slice(0, columns - 8)} …`] : lines;
};

const focus = (state: ConsoleState): FocusedField | null => (isTyping(state) ? { field: addressField, maxLength: 2000 } : null);

export const configuration: ScreenRow = {
  id: 'configuration',
  title: 'Configuration',
  when: (state) => state.run === null,
  done: (state) => state.input !== null && !state.looking && !notAskedLater(state.input.sources.problems).some(isError),
  missing: (state) => (state.looking ? 'one moment: still reading' : 'the configuration has errors; choose another or mend it and press r'),
  keys,
  focus,
  help: [
    'A data volume is a small disk labelled SLIPWAY or cidata with user-data (kept on the node) and installer-data (used for this install only, and proven gone afterwards).',
    'Without one, take a ready-made configuration, a file of this system or of any attached volume, an address, or none; any of them can be edited here.',
  ],
  inFull: (state, columns) => [...fieldLines(documentRows(state), columns), ...linesOfProblems(problemsHere(state), columns)],
  view: View,
  ask: (state) => {
    if (state.overlay === 'editor') return askForText(state);
    if (state.overlay === 'files') return askForFile(state);
    const all = choicesOf(state).filter(({ id }) => id !== 'address');
    // Numbers that were read before stay the same.
    const choices = [...all.filter(({ id }) => id !== draft), ...all.filter(({ id }) => id === draft)];
    const { lines, pick } = plainChoice(
      choices.map(({ text, about }) => (about === undefined || !text.startsWith('ready-made') ? text : `${text}: ${about}`)),
      choices.findIndex((choice) => isChosen(state, choice)),
    );
    const sources = state.input?.sources;
    return {
      lines: [
        ...lines,
        ...(sources?.documents ?? []).map(({ name, kind, text }) => `Read as ${kind}: ${cleanText(name, 200)}, ${formatBytes(text.length)}`),
        ...plainProblems(problemsHere(state)),
      ],
      prompt: 'Number, or a file or URL; files lists those of volumes, edit takes a text, view shows what is read; Enter goes on with what is read',
      answer: (line) => {
        if (line === '') return [{ type: 'next' }];
        if (line === 'files') return [showFiles(state)];
        if (line === 'edit') return [openEditor(state)];
        if (line === 'view') return plainTexts(state);
        const choice = choices[pick(line) ?? -1];
        if (choice?.id === draft) return [openEditor(state)];
        if (choice !== undefined) return isChosen(state, choice) ? [{ type: 'next' }] : [choose(state, choice.answers)];
        if (!/[/.:]/.test(line)) return 'that is not one of the numbers, and a file or URL has a slash or a dot in it';
        return [choose(state, { config: [line], 'data-volume': undefined })];
      },
    };
  },
};
