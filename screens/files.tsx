/** Files of attached volumes, to pick a configuration from. Volumes are read without being mounted. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, PlainQuestion, Room, ViewProps } from '../src/app/console/screen.ts';
import type { ListedFile } from '../src/app/console/session.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import type { Volume } from '../src/model/facts.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatBytes } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import { markedAt, rowKeys } from './marks.ts';
import { Gap, List, TextLines, wrapText } from './parts.tsx';
import type { ListRow } from './parts.tsx';

const list = 'files';

interface Row extends ListRow {
  /** Why it cannot be read, told under the list. */
  readonly why?: string;
  readonly action: Action;
}

export const volumesOf = (state: ConsoleState): readonly Volume[] => (state.input?.facts.volumes ?? []).filter(({ kind, fstype }) => kind !== 'live-medium' && fstype !== null);

const volumeRow = (state: ConsoleState, volume: Volume): Row => {
  const known = state.session.files[volume.path];
  const about = known?.state === 'asking' ? '  reading ...' : known?.state === 'failed' ? '  cannot be read' : '';
  return {
    key: volume.path,
    text: `${cleanText(volume.path, 30)}  ${cleanText(volume.label ?? '', 30)}  ${cleanText(volume.fstype ?? '', 12)}  ${formatBytes(volume.size)}${about}`,
    role: known?.state === 'failed' ? 'warning' : 'plain',
    why: known?.state === 'failed' ? cleanText(known.text, 600) : '',
    action: { type: 'ask', command: { do: 'list-files', volume } },
  };
};

const fileRow = (volume: Volume, { name, size }: ListedFile): Row => ({
  key: `${volume.path} ${name}`,
  text: `    ${cleanText(name, 60)}${size === null ? '' : `  ${formatBytes(size)}`}`,
  action: { type: 'ask', command: { do: 'read-file', volume, name } },
});

const rowsOf = (state: ConsoleState): readonly Row[] =>
  volumesOf(state).flatMap((volume) => {
    const known = state.session.files[volume.path];
    const files = known?.state === 'there' ? known.value : [];
    const none: readonly Row[] = known?.state === 'there' && files.length === 0 ? [{ key: `${volume.path} none`, text: '    no file that could be a configuration', role: 'muted', action: { type: 'notice', text: 'there is nothing to take' } }] : [];
    return [volumeRow(state, volume), ...files.map((file) => fileRow(volume, file)), ...none];
  });

const highlightOf = (state: ConsoleState): number => markedAt(state, list, rowsOf(state).map(({ key }) => key), 0);

const keys = (state: ConsoleState, room: Room): Keys => {
  const rows = rowsOf(state);
  const row = rows[highlightOf(state)];
  return [
    ...rowKeys(list, rows.map(({ key }) => key), highlightOf(state), room.rows - 5),
    ...(row === undefined ? [] : [{ key: 'accept', label: row.key.includes(' ') ? 'use this file' : 'show files', help: 'on a volume: list its files; on a file: use it as configuration', action: row.action } as const]),
    { key: 'back', label: 'close', action: { type: 'overlay', overlay: null } },
    { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
    { key: 'redraw', label: '', action: { type: 'redraw' } },
  ];
};

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const items = rowsOf(state);
  const why = items[highlightOf(settled)]?.why ?? '';
  const about = why === '' ? 'Text files in the root folder, up to 1 MiB. What is picked is held in memory.' : why;
  const under = wrapText(about, columns).map((text) => ({ text, role: why === '' ? ('muted' as const) : ('warning' as const) }));
  const [, listRoom = 0, underRoom = 0, gaps = 0] = shareRows(rows, [
    [1, 1],
    [2, Math.max(1, items.length)],
    [1, under.length],
    [0, 2],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">Which file of which volume?</Line>
      {gaps > 1 && <Gap />}
      {items.length === 0 ? <Line>There is no volume with a file system. Plug one in, and press r on the screen before.</Line> : <List items={items} highlighted={highlightOf(state)} columns={columns} rows={listRoom} />}
      {gaps > 0 && <Gap />}
      <TextLines lines={under} rows={underRoom} />
    </Box>
  );
};

/** The same in plain mode: volumes and their files by number. */
export const askForFile = (state: ConsoleState): PlainQuestion => {
  const rows = rowsOf(state);
  return {
    lines: rows.length === 0 ? ['There is no volume with a file system. Plug one in, and type r.'] : rows.map(({ text, why = '' }, index) => `${index + 1}. ${text.trim().replaceAll(/\s+/g, ' ')}${why === '' ? '' : `: ${why}`}`),
    prompt: 'Number of a volume lists its files, number of a file uses it; r looks again; Enter leaves it',
    answer: (line) => {
      if (line === '') return [{ type: 'overlay', overlay: null }];
      if (line === 'r') return [{ type: 'look' }];
      const row = /^\d{1,3}$/.test(line) ? rows[Number(line) - 1] : undefined;
      return row === undefined ? 'that is not one of the numbers' : [row.action];
    },
  };
};

export const files: OverlayRow = { title: 'Files', keys, view: View };
