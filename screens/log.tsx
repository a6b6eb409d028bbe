/** The log of the install: every line to its end, following what comes, with a search. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, Room, ViewProps } from '../src/app/console/screen.ts';
import { fieldOf } from '../src/app/state.ts';
import type { Action, ConsoleState, LogLine } from '../src/app/state.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { formatDuration } from '../src/ui/format.ts';
import { Line } from '../src/ui/text.tsx';
import { closeKeys } from './close-keys.ts';
import { logRoles } from './installing.tsx';
import { breakText, listKeys } from './parts.tsx';

const searchField = 'log-search';

/** Columns of the time before a line; what goes on below is as far in. */
const timeWidth = 7;

const linesOf = (state: ConsoleState): readonly LogLine[] => state.run?.log ?? [];

const isSearching = (state: ConsoleState): boolean => state.focus['log'] === 1;

const matches = (line: LogLine, wanted: string): boolean => wanted !== '' && line.text.toLowerCase().includes(wanted.toLowerCase());

/** A line of the log as lines of the screen. */
const pieces = ({ at, text }: LogLine, columns: number): readonly string[] =>
  breakText(text, columns - timeWidth).map((piece, index) => `${(index === 0 ? formatDuration(at) : '').padStart(timeWidth - 1)} ${piece}`);

const heightOf = (line: LogLine | undefined, columns: number): number => (line === undefined ? 0 : pieces(line, columns).length);

/** Lines of the log that are in sight: from `start` up to, not including, `end`. */
interface LogWindow {
  readonly start: number;
  readonly end: number;
}

/** Lines from `from` on, forwards or backwards, that have room in `height` rows; one in any case. */
const fitting = (lines: readonly LogLine[], from: number, direction: -1 | 1, columns: number, height: number): number => {
  let [count, used] = [0, 0];
  for (let index = from; index >= 0 && index < lines.length; index += direction) {
    used += heightOf(lines[index], columns);
    if (used > height && count > 0) break;
    count++;
  }
  return count;
};

const heightIn = (rows: number): number => Math.max(1, rows - 2);

/** Without a highlight the log follows what comes; at its beginning the first page is a full one. */
const windowOf = (state: ConsoleState, { columns, rows }: Room): LogWindow => {
  const lines = linesOf(state);
  const last = Math.min(state.highlights['log'] ?? Number.MAX_SAFE_INTEGER, lines.length - 1);
  const end = last + 1;
  const start = end - fitting(lines, last, -1, columns, heightIn(rows));
  return start > 0 ? { start, end } : { start: 0, end: Math.max(end, fitting(lines, 0, 1, columns, heightIn(rows))) };
};

/** The nearest line before (or after) this one that holds what is searched for; -1 when there is none. */
const findLine = (state: ConsoleState, from: number, direction: -1 | 1): number => {
  const lines = linesOf(state);
  const wanted = fieldOf(state, searchField).value;
  for (let index = from + direction; index >= 0 && index < lines.length; index += direction) {
    const line = lines[index];
    if (line !== undefined && matches(line, wanted)) return index;
  }
  return -1;
};

const highlight = (index: number): Action => ({ type: 'highlight', list: 'log', index });

const goTo = (state: ConsoleState, from: number, direction: -1 | 1): Action => {
  const index = findLine(state, from, direction);
  return index === -1 ? { type: 'notice', text: 'not found' } : highlight(index);
};

const keys = (state: ConsoleState, room: Room): Keys => {
  const searchOff: Action = { type: 'focus', screen: 'log', index: 0 };
  const lines = linesOf(state);
  if (isSearching(state)) {
    return [
      { key: 'accept', label: 'find', help: 'the last line that holds it', action: { type: 'many', actions: [searchOff, goTo(state, lines.length, -1)] } },
      { key: 'back', label: 'no search', action: { type: 'many', actions: [searchOff, { type: 'edit', field: searchField, edit: { edit: 'clear' }, maxLength: 100 }] } },
      { key: 'redraw', label: '', action: { type: 'redraw' } },
    ];
  }
  const { start, end } = windowOf(state, room);
  const last = Math.max(0, end - 1);
  // Pages are as many lines as there is room for, so none is left out.
  const moves: Readonly<Record<string, Action>> = {
    pageUp: highlight(Math.max(0, Math.min(start, last - 1))),
    pageDown: highlight(Math.max(0, Math.min(lines.length - 1, last + fitting(lines, end, 1, room.columns, heightIn(room.rows))))),
    last: highlight(Number.MAX_SAFE_INTEGER),
  };
  const found = state.highlights['log'] ?? last;
  return [
    ...listKeys('log', last, lines.length, 1).map((binding) => ({ ...binding, label: binding.key === 'last' ? 'follow' : binding.label, action: moves[binding.key] ?? binding.action })),
    { key: 'filter', label: 'search', help: 'search for a text', action: { type: 'focus', screen: 'log', index: 1 } },
    ...(fieldOf(state, searchField).value === ''
      ? []
      : [
          { key: 'nextMatch', label: 'older', help: 'the match before', action: goTo(state, Math.min(found, lines.length), -1) } as const,
          { key: 'previousMatch', label: 'newer', help: 'the match after', action: goTo(state, Math.min(found, lines.length), 1) } as const,
        ]),
    ...closeKeys,
  ];
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const lines = linesOf(state);
  const wanted = fieldOf(state, searchField).value;
  const { start, end } = windowOf(state, { columns, rows });
  const dropped = state.run?.dropped ?? 0;
  const count = wanted === '' ? '' : `, ${lines.filter((line) => matches(line, wanted)).length} with "${wanted}"`;
  const shown = lines.slice(start, end).flatMap((line) => pieces(line, columns).map((text) => ({ text, role: matches(line, wanted) ? ('selected' as const) : logRoles[line.level] })));
  return (
    <Box flexDirection="column">
      {isSearching(state) ? (
        <FieldView label="Search " field={fieldOf(state, searchField)} focused width={Math.max(1, columns - 12)} />
      ) : (
        <Line role="muted">
          {lines.length === 0 ? 'no lines yet' : `lines ${start + 1} to ${end} of ${lines.length}${dropped > 0 ? ` (${dropped} older ones dropped)` : ''}${count}`}
        </Line>
      )}
      {shown.slice(0, rows - 1).map(({ text, role }, index) => (
        <Line key={index} role={role}>
          {text}
        </Line>
      ))}
    </Box>
  );
};

export const log: OverlayRow = { title: 'Log', keys, focus: (state) => (isSearching(state) ? { field: searchField, maxLength: 100 } : null), view: View };
