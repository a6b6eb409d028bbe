/** What the node becomes: its part in a Kubernetes cluster, the mesh network, and what providers of the image ask. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, PlainQuestion, Room, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { askedQuestions, fieldOf, openQuestions, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { plural } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { fit, Line } from '../src/ui/text.tsx';
import { rowsOf } from './cluster-rows.ts';
import type { Row } from './cluster-rows.ts';
import { mark, markedAt, rowKeys } from './marks.ts';
import { Gap, linesOfProblems, List, plainProblems, TextLines, wrapText } from './parts.tsx';

const id = 'cluster';
const typed = 'cluster-value';

const idsOf = (state: ConsoleState): readonly string[] => rowsOf(state).map((row) => row.id);
/** What is still to be answered is offered first. A line that has gone with an answer before it gives way to the first. */
const highlightOf = (state: ConsoleState): number => Math.max(0, markedAt(state, id, idsOf(state), idsOf(state).findIndex((row) => openQuestions(state).some((question) => question.row === row))));
const rowOf = (state: ConsoleState): Row | undefined => rowsOf(state)[highlightOf(state)];
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1 && state.marks[id] === rowOf(state)?.id && rowOf(state)?.set !== undefined;

/** What was typed does not stay in the field: it may be a secret. */
const leaveField: Action = {
  type: 'many',
  actions: [
    { type: 'edit', field: typed, edit: { edit: 'clear' }, maxLength: 1 },
    { type: 'focus', screen: id, index: 0 },
  ],
};

const acceptText = (row: Row, text: string): readonly Action[] | string => {
  const changes = row.set?.(text.trim()) ?? {};
  return typeof changes === 'string' ? changes : [leaveField, { type: 'extras', changes }];
};

/** As the configuration says, again. */
const clear = (row: Row): readonly Action[] | string => (row.clear === undefined ? acceptText(row, '') : [leaveField, { type: 'extras', changes: row.clear }]);

const change = (row: Row): Action =>
  row.next !== undefined
    ? { type: 'many', actions: [mark(id, row.id), { type: 'extras', changes: row.next }] }
    : { type: 'many', actions: [mark(id, row.id), { type: 'edit', field: typed, edit: { edit: 'set', value: row.start ?? '' }, maxLength: 1000 }, { type: 'focus', screen: id, index: 1 }] };

const makeToken = (state: ConsoleState): Action =>
  state.extras.networkToken === undefined ? { type: 'many', actions: [mark(id, 'network-token'), { type: 'ask', command: { do: 'make-token' } }] } : { type: 'notice', text: 'there is a token already; - takes it out first' };

const keys = (state: ConsoleState, room: Room): Keys => {
  const row = rowOf(state);
  if (row === undefined) return [{ key: 'accept', label: 'continue', action: { type: 'next' } }];
  if (isTyping(state)) {
    const meaning = acceptText(row, fieldOf(state, typed).value);
    return [
      { key: 'accept', label: 'use it', help: 'empty: as the configuration says', action: typeof meaning === 'string' ? { type: 'notice', text: meaning } : { type: 'many', actions: meaning } },
      { key: 'back', label: 'leave it', action: leaveField },
    ];
  }
  const isToken = row.id === 'network-token';
  return [
    ...rowKeys(id, idsOf(state), highlightOf(state), room.rows - 8),
    { key: 'toggle', label: 'set', help: 'change the highlighted line', action: change(row) },
    { key: 'edit', label: '', help: 'the same', action: change(row) },
    { key: 'accept', label: 'continue', action: { type: 'next' } },
    ...(isToken
      ? [
          { key: 'add', label: 'new', help: 'make a new network token', action: makeToken(state) } as const,
          { key: 'code', label: 'show', help: 'show the network token, as a QR code where there is room', action: { type: 'overlay', overlay: 'token' } } as const,
          { key: 'remove', label: '', help: 'take the token out', action: { type: 'extras', changes: { networkToken: undefined, masters: undefined } } } as const,
        ]
      : row.clear === undefined
        ? []
        : [{ key: 'remove', label: 'reset', help: 'as the configuration says', action: { type: 'extras', changes: row.clear } } as const]),
  ];
};

/** What the configuration brings of that already. */
const broughtAlong = (state: ConsoleState): string => {
  const { bundles, grub_options: grub } = state.input?.sources.install ?? {};
  const parts = [
    ...(Array.isArray(bundles) && bundles.length > 0 ? [plural(bundles.length, 'bundle')] : []),
    ...(typeof grub === 'object' && grub !== null && Object.keys(grub).length > 0 ? [`boot options ${Object.keys(grub).map((name) => cleanText(name, 40)).join(', ')}`] : []),
  ];
  return parts.length === 0 ? '' : `The configuration brings ${parts.join(' and ')}; those given here come on top.`;
};

const rowText = (row: Row): string => `${fit(cleanText(row.label, 24), 16)} ${row.shown}`;

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const all = rowsOf(state);
  const row = rowOf(state);
  const told = rowOf(settled);
  const about = [...(told === undefined ? [] : wrapText(told.about, columns)), ...wrapText(broughtAlong(state), columns)].filter((line) => line !== '').map((text) => ({ text, role: 'muted' as const }));
  const problems = linesOfProblems(problemsOf(state), columns);
  const typing = isTyping(state) && row !== undefined;
  const [, listRoom = 0, problemRoom = 0, aboutRoom = 0, gaps = 0] = shareRows(rows, [
    [typing ? 2 : 1, typing ? 2 : 1],
    [Math.min(3, all.length), all.length],
    [Math.min(2, problems.length), problems.length],
    [Math.min(2, about.length), about.length],
    [0, 2],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">What is this node's part in a cluster?</Line>
      {gaps > 0 && <Gap />}
      <List items={all.map((item) => ({ key: item.id, text: rowText(item) }))} highlighted={highlightOf(state)} columns={columns} rows={listRoom} />
      {typing && (
        <FieldView label={`${cleanText(row.label, 20)} `} field={fieldOf(state, typed)} focused width={Math.max(4, Math.min(60, columns - row.label.length - 6))} masked={row.secret ?? false} placeholder={row.hint ?? ''} />
      )}
      {!typing && gaps > 1 && <Gap />}
      <TextLines lines={about} rows={aboutRoom} />
      <TextLines lines={problems} rows={problemRoom} />
    </Box>
  );
};

const ask = (state: ConsoleState): PlainQuestion => {
  const row = rowOf(state);
  if (isTyping(state) && row !== undefined) {
    return {
      lines: [row.about],
      prompt: `${row.label}, Enter leaves it, none takes it back`,
      secret: row.secret ?? false,
      answer: (line) => (line === '' ? [leaveField] : line === 'none' ? clear(row) : acceptText(row, line)),
    };
  }
  return {
    lines: [...rowsOf(state).map((item, index) => `${index + 1}. ${item.label}: ${item.shown}`), broughtAlong(state), ...plainProblems(problemsOf(state))].filter((line) => line !== ''),
    prompt: 'Number changes it; token makes a network token; show shows it; Enter continues',
    answer: (line) => {
      if (line === '') return [{ type: 'next' }];
      if (line === 'token') return [makeToken(state)];
      if (line === 'show') return state.extras.networkToken ?? 'there is no network token';
      const index = /^\d{1,3}$/.test(line) ? Number(line) - 1 : -1;
      const item = rowsOf(state)[index];
      return item === undefined ? 'that is not one of the numbers' : [mark(id, item.id), change(item)];
    },
  };
};

export const cluster: ScreenRow = {
  id,
  title: 'Cluster',
  when: (state) => state.run === null && (state.customize || askedQuestions(state).some(({ screen }) => screen === id) || (state.session.prompts.length > 0 && state.input !== null && state.input.sources.keptText === null)),
  done: () => true,
  keys,
  focus: (state) => (isTyping(state) ? { field: typed, maxLength: 1000 } : null),
  help: [
    'Kubernetes and the mesh network between the nodes, as far as the image brings them. What is answered goes into the kept configuration; everything else stays as it says.',
    'Tokens are secrets: they are masked, and shown only on request.',
  ],
  inFull: (state, columns) => wrapText(`${rowOf(state)?.about ?? ''} ${broughtAlong(state)}`.trim(), columns).map((text) => ({ text, role: 'plain' as const })),
  view: View,
  ask,
};
