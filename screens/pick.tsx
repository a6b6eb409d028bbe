/** Timezones and keymaps of this machine, to pick one from; typing narrows the list. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, Room, ViewProps } from '../src/app/console/screen.ts';
import type { NameList } from '../src/app/console/session.ts';
import { fieldOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { Line } from '../src/ui/text.tsx';
import { mark, markedAt, rowKeys } from './marks.ts';
import { Gap, List, TextLines, wrapText } from './parts.tsx';

const filterField = 'pick-filter';

/** Another filter begins at the top of its own list. */
const listId = (filter: string): string => `pick ${filter}`;

/** Which field of the identity screen each list fills in. */
export const pickedFields: Readonly<Record<NameList, string>> = { timezone: 'identity-timezone', keymap: 'identity-keymap' };

const listOf = (state: ConsoleState): NameList => (state.focus['pick'] === 1 ? 'keymap' : 'timezone');

const allOf = (state: ConsoleState): readonly string[] => {
  const asked = state.session.names[listOf(state)];
  return asked?.state === 'there' ? asked.value : [];
};

/** Those that hold every typed word: "berlin", or "america new". */
export const matching = (names: readonly string[], filter: string): readonly string[] => {
  const words = filter.trim().toLowerCase().split(/\s+/).filter((word) => word !== '');
  return words.length === 0 ? names : names.filter((name) => words.every((word) => name.toLowerCase().replaceAll('_', ' ').includes(word) || name.toLowerCase().includes(word)));
};

const shownOf = (state: ConsoleState): readonly string[] => matching(allOf(state), fieldOf(state, filterField).value);

const highlightOf = (state: ConsoleState): number => Math.max(0, markedAt(state, listId(fieldOf(state, filterField).value), shownOf(state), 0));

/** Opens the list for a field, at what the field holds. */
export const openPick = (state: ConsoleState, which: NameList): Action => {
  const names = state.session.names[which];
  return {
    type: 'many',
    actions: [
      ...(names?.state === 'there' ? [] : [{ type: 'ask', command: { do: 'list-names', list: which } } as const]),
      { type: 'edit', field: filterField, edit: { edit: 'clear' }, maxLength: 60 },
      mark(listId(''), fieldOf(state, pickedFields[which]).value.trim()),
      { type: 'focus', screen: 'pick', index: which === 'keymap' ? 1 : 0 },
      { type: 'overlay', overlay: 'pick' },
    ],
  };
};

const close: Action = { type: 'overlay', overlay: null };

const keys = (state: ConsoleState, room: Room): Keys => {
  const shown = shownOf(state);
  const name = shown[highlightOf(state)];
  return [
    ...rowKeys(listId(fieldOf(state, filterField).value), shown, highlightOf(state), room.rows - 6).filter(({ key }) => key !== 'first' && key !== 'last'),
    ...(name === undefined
      ? []
      : [{ key: 'accept', label: 'take it', action: { type: 'many', actions: [{ type: 'edit', field: pickedFields[listOf(state)], edit: { edit: 'set', value: name }, maxLength: 60 }, close] } } as const]),
    { key: 'back', label: 'leave it', action: close },
    { key: 'interrupt', label: '', action: close },
    { key: 'redraw', label: '', action: { type: 'redraw' } },
  ];
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const asked = state.session.names[listOf(state)];
  const shown = shownOf(state);
  return (
    <Box flexDirection="column">
      <Line role="title">{listOf(state) === 'timezone' ? 'Which timezone?' : 'Which keymap?'}</Line>
      <FieldView label="Type to narrow the list " field={fieldOf(state, filterField)} focused width={Math.max(4, Math.min(30, columns - 30))} />
      <Line role="muted">{asked?.state === 'there' ? `${shown.length} of ${allOf(state).length}` : ''}</Line>
      {asked?.state === 'failed' ? (
        <TextLines lines={wrapText(asked.text, columns).map((text) => ({ text, role: 'warning' }))} rows={rows - 4} />
      ) : asked?.state !== 'there' ? (
        <Line role="muted">reading the list ...</Line>
      ) : shown.length === 0 ? (
        <Line role="warning">Nothing on the list is like that.</Line>
      ) : (
        <List items={shown.map((name) => ({ key: name, text: cleanText(name, 60) }))} highlighted={highlightOf(state)} columns={Math.min(columns, 64)} rows={Math.max(1, rows - 4)} />
      )}
      <Gap />
    </Box>
  );
};

export const pick: OverlayRow = { title: 'List', keys, focus: () => ({ field: filterField, maxLength: 60 }), view: View };
