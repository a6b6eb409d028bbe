/** What the disk will look like, to scale, beside what is on it now; sizes can be changed. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, Room, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, fieldOf, planOf, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import type { PlannedPartition } from '../src/model/plan.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { formatBytes } from '../src/ui/format.ts';
import { fit, Line, styled } from '../src/ui/text.tsx';
import { Gap, List, listKeys, plainProblems, Problems } from './parts.tsx';

const id = 'partitions';
const sizeField = 'partition-size';
const MiB = 1024 ** 2;

/** The names whose size can be asked for; the rest of the disk goes to the last one. */
const sizable: ReadonlySet<string> = new Set(['efi', 'oem', 'recovery', 'state']);

interface Piece {
  readonly name: string;
  readonly size: number;
}

/**
 * A strip of `columns` characters, a box for each piece, as wide as its share. Every piece gets two columns at
 * least, so that the small ones are seen; the widest give them up.
 */
export const drawToScale = (pieces: readonly Piece[], columns: number): string => {
  const room = columns - pieces.length - 1;
  if (pieces.length === 0 || room < pieces.length * 2) return '';
  const total = pieces.reduce((sum, { size }) => sum + size, 0) || 1;
  const widths = pieces.map(({ size }) => Math.max(2, Math.round((size / total) * room)));
  let surplus = widths.reduce((sum, width) => sum + width, 0) - room;
  while (surplus !== 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const change = surplus > 0 ? -1 : 1;
    widths[widest] = (widths[widest] ?? 0) + change;
    surplus += change;
  }
  return `│${pieces.map(({ name }, index) => fit(name.length > (widths[index] ?? 0) ? name.slice(0, widths[index]) : name, widths[index] ?? 0)).join('│')}│`;
};

const plannedOf = (state: ConsoleState): readonly PlannedPartition[] => planOf(state)?.layout ?? [];

const currentPieces = (state: ConsoleState): { readonly text: string; readonly pieces: readonly Piece[] } => {
  const plan = planOf(state);
  if (plan === null) return { text: '', pieces: [] };
  if (plan.target.kind === 'image') {
    const image = state.input?.image ?? null;
    if (image?.exists !== true) return { text: 'Now: the file does not exist yet', pieces: [] };
    return { text: 'Now', pieces: image.partitions.map(({ label, partlabel, size }) => ({ name: cleanText(label ?? partlabel ?? '?', 20), size })) };
  }
  const { path } = plan.target;
  const disk = state.input?.facts.disks.find((item) => item.path === path);
  const pieces = (disk?.partitions ?? []).map(({ label, fstype, size }) => ({ name: cleanText(label ?? fstype ?? '?', 20), size }));
  const used = pieces.reduce((sum, { size }) => sum + size, 0);
  const free = (disk?.size ?? 0) - used;
  if (pieces.length === 0) return { text: `Now: ${cleanText(disk?.contents ?? 'empty', 60)}`, pieces: [] };
  return { text: 'Now (all of it goes)', pieces: free > 16 * MiB ? [...pieces, { name: 'free', size: free }] : pieces };
};

const highlightOf = (state: ConsoleState): number => Math.min(state.highlights[id] ?? 0, Math.max(0, plannedOf(state).length - 1));
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1 && plannedOf(state)[highlightOf(state)] !== undefined;

/** The answer with one size put in or taken out. */
const withSize = (state: ConsoleState, name: string, size: string): readonly string[] | undefined => {
  const others = (answersOf(state).partition?.value ?? []).filter((row) => !row.startsWith(`${name}.size=`));
  const rows = size === '' ? others : [...others, `${name}.size=${size}`];
  return rows.length === 0 ? undefined : rows;
};

const leaveField: Action = { type: 'focus', screen: id, index: 0 };

const acceptSize = (state: ConsoleState): Action => {
  const partition = plannedOf(state)[highlightOf(state)];
  const size = fieldOf(state, sizeField).value.trim();
  if (partition === undefined) return leaveField;
  if (size !== '' && !/^[1-9]\d{0,8}$/.test(size)) return { type: 'notice', text: 'a size in MiB, such as 512; empty for the default' };
  return { type: 'many', actions: [leaveField, { type: 'answer', changes: { partition: withSize(state, partition.name, size) } }] };
};

const editSize = (state: ConsoleState): Action => {
  const partition = plannedOf(state)[highlightOf(state)];
  if (partition === undefined) return { type: 'notice', text: 'there is no plan yet; choose a disk first' };
  if (!sizable.has(partition.name)) return { type: 'notice', text: `the size of ${partition.label || partition.name} follows from the others` };
  const size = String(Math.round(partition.size / MiB));
  return {
    type: 'many',
    actions: [
      { type: 'edit', field: sizeField, edit: { edit: 'set', value: size }, maxLength: 9 },
      { type: 'focus', screen: id, index: 1 },
    ],
  };
};

const keys = (state: ConsoleState, room: Room): Keys =>
  isTyping(state)
    ? [
        { key: 'accept', label: 'set size', help: 'plan with this size; the rest goes to the last partition', action: acceptSize(state) },
        { key: 'back', label: 'leave it', action: leaveField },
      ]
    : [
        ...listKeys(id, highlightOf(state), plannedOf(state).length, room.rows - 12),
        { key: 'edit', label: 'size', help: 'change the size of the highlighted partition', action: editSize(state) },
        { key: 'remove', label: 'defaults', help: 'take back every size', action: { type: 'answer', changes: { partition: undefined } } },
        { key: 'accept', label: 'continue', action: { type: 'next' } },
      ];

const Strip = ({ text, pieces, columns }: { readonly text: string; readonly pieces: readonly Piece[]; readonly columns: number }): ReactNode => {
  const strip = drawToScale(pieces, columns);
  const edge = (left: string, joint: string, right: string): string =>
    left + Array.from(strip.slice(1, -1), (glyph) => (glyph === '│' ? joint : '─')).join('') + right;
  return (
    <>
      <Line role="muted">{text}</Line>
      {strip !== '' && (
        <>
          <Text wrap="truncate-end">{edge('┌', '┬', '┐')}</Text>
          <Text wrap="truncate-end">{styled(strip, 'title')}</Text>
          <Text wrap="truncate-end">{edge('└', '┴', '┘')}</Text>
        </>
      )}
    </>
  );
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const layout = plannedOf(state);
  const now = currentPieces(state);
  const nowRows = now.pieces.length > 0 ? 4 : 1;
  const free = Math.max(2, rows - nowRows - 8);
  const listRows = Math.min(layout.length, free);
  const partition = layout[highlightOf(state)];
  if (layout.length === 0) {
    return (
      <Box flexDirection="column">
        <Line role="title">There is no layout yet</Line>
        <Gap />
        <Problems problems={problemsOf(state)} columns={columns} rows={rows - 3} />
      </Box>
    );
  }
  return (
    <Box flexDirection="column">
      <Strip text={now.text} pieces={now.pieces} columns={columns} />
      <Strip text="Then, to scale" pieces={layout.map(({ name, label, size }) => ({ name: (label || name).replace('COS_', ''), size }))} columns={columns} />
      <Gap />
      <List
        items={layout.map(({ number, name, label, fs, size, encrypted }) => ({
          key: String(number),
          text: `${String(number).padStart(2)}  ${fit(cleanText(label || name, 20), 16)} ${fit(fs === 'none' ? '-' : fs, 6)} ${formatBytes(size).padStart(10)}${encrypted ? '  encrypted' : ''}${sizable.has(name) ? '' : '  (follows from the others)'}`,
        }))}
        highlighted={highlightOf(state)}
        columns={columns}
        rows={listRows}
      />
      {isTyping(state) && partition !== undefined && (
        <FieldView label={`${partition.label || partition.name}, MiB `} field={fieldOf(state, sizeField)} focused width={10} />
      )}
      <Problems problems={problemsOf(state)} columns={columns} rows={Math.max(0, rows - nowRows - 7 - listRows)} />
    </Box>
  );
};

export const partitions: ScreenRow = {
  id,
  title: 'Partitions',
  when: (state) => state.run === null && state.customize,
  done: () => true,
  keys,
  focus: (state) => (isTyping(state) ? { field: sizeField, maxLength: 9 } : null),
  help: [
    'The strips show the disk now and after the install, to scale; small partitions are drawn wider than they are, so that they can be seen.',
    'The last partition takes what the others leave.',
  ],
  view: View,
  ask: (state) => ({
    lines: [
      ...plannedOf(state).map(({ number, name, label, fs, size }) => `${number}. ${cleanText(label || name, 30)}, ${fs}, ${Math.round(size / MiB)} MiB`),
      ...plainProblems(problemsOf(state)),
    ],
    prompt: 'NAME=MiB changes a size (efi, oem, recovery, state); defaults takes all back; Enter continues',
    answer: (line) => {
      if (line === '') return [{ type: 'next' }];
      if (line === 'defaults') return [{ type: 'answer', changes: { partition: undefined } }];
      const [, name = '', size = ''] = /^(\w+)=([1-9]\d{0,8})$/.exec(line) ?? [];
      return sizable.has(name) ? [{ type: 'answer', changes: { partition: withSize(state, name, size) } }] : 'for example: oem=512';
    },
  }),
};
