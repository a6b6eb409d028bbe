/** What the disk will look like, to scale, beside what is on it now; sizes can be changed. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, Room, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, fieldOf, planOf, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { kairosPartitionNames } from '../src/model/labels.ts';
import type { PlannedPartition } from '../src/model/plan.ts';
import { smallestPersistentMiB, tableMiB } from '../src/plan/layout.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { formatBytes } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { fit, Line, styled } from '../src/ui/text.tsx';
import { mark, markedAt, rowKeys } from './marks.ts';
import { Gap, linesOfProblems, List, plainProblems, TextLines } from './parts.tsx';

const id = 'partitions';
const sizeField = 'partition-size';
const MiB = 1024 ** 2;

/** The names whose size can be asked for; without one, COS_PERSISTENT takes the rest of the disk. */
const sizable: ReadonlySet<string> = new Set(['efi', 'oem', 'recovery', 'state', 'persistent']);

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
  // Where there is no room for a name, its number in the list stands for it.
  const text = (name: string, index: number, width: number): string => fit(name.length > width && width < 5 ? String(index + 1) : name, width);
  return `│${pieces.map(({ name }, index) => text(name, index, widths[index] ?? 0)).join('│')}│`;
};

/** Bytes of the disk or image file that is planned for. */
const targetSize = (state: ConsoleState): number => {
  const target = planOf(state)?.target;
  return target === undefined ? 0 : target.kind === 'image' ? target.size : target.identity.size;
};

/** What is left of the disk when one partition has another size; undefined: as planned. A text, for a person. */
const leftText = (state: ConsoleState, changed?: { readonly name: string; readonly size: number }): string => {
  const layout = plannedOf(state);
  const fixed = answeredRows(state).some((row) => row.startsWith('persistent.size=')) || changed?.name === 'persistent';
  const taken = layout.filter(({ name }) => name !== 'persistent' || fixed).reduce((sum, { name, size }) => sum + (name === changed?.name ? changed.size : size), 0);
  // Both partition tables and the alignment of the first partition.
  const left = targetSize(state) - taken - 2 * MiB;
  if (left < 0) return `${formatBytes(-left)} more than the disk has`;
  return fixed ? `${formatBytes(left)} stay free` : `${formatBytes(left)} are left for COS_PERSISTENT`;
};

/** MiB that a partition can have beside the others as they are planned; a name that is not planned yet is an extra one. */
const largest = (state: ConsoleState, name: string): number => {
  const others = plannedOf(state).filter((partition) => partition.name !== name && partition.name !== 'persistent');
  const asked = /^persistent\.size=(\d+)/.exec(answeredRows(state).find((row) => row.startsWith('persistent.size=')) ?? '')?.[1];
  const persistent = name === 'persistent' ? 0 : Math.max(Number(asked ?? 0), smallestPersistentMiB);
  return Math.floor(targetSize(state) / MiB) - 2 * tableMiB - persistent - others.reduce((sum, { size }) => sum + size / MiB, 0);
};

/** Why a size cannot be had, or null; nothing is known of a disk that is not planned for. */
const tooBig = (state: ConsoleState, name: string, size: number): string | null => {
  const most = largest(state, name);
  if (plannedOf(state).length === 0 || size <= most) return null;
  return most < 1 ? 'there is no room for it beside the others' : `${size} MiB do not fit beside the others: at most ${most} MiB`;
};

/** Kairos's own names begin all alike. */
const shortName = (name: string): string => cleanText(name, 20).replace(/^COS_/, '');

const plannedOf = (state: ConsoleState): readonly PlannedPartition[] => planOf(state)?.layout ?? [];

const currentPieces = (state: ConsoleState): { readonly text: string; readonly pieces: readonly Piece[] } => {
  const plan = planOf(state);
  if (plan === null) return { text: '', pieces: [] };
  if (plan.target.kind === 'image') {
    const image = state.input?.image ?? null;
    if (image?.exists !== true) return { text: 'Now: the file does not exist yet', pieces: [] };
    return { text: 'Now', pieces: image.partitions.map(({ label, partlabel, size }) => ({ name: shortName(label ?? partlabel ?? '?'), size })) };
  }
  const { path } = plan.target;
  const disk = state.input?.facts.disks.find((item) => item.path === path);
  const pieces = (disk?.partitions ?? []).map(({ label, fstype, size }) => ({ name: cleanText(label ?? fstype ?? '?', 20), size }));
  const used = pieces.reduce((sum, { size }) => sum + size, 0);
  const free = (disk?.size ?? 0) - used;
  if (pieces.length === 0) return { text: `Now: ${cleanText(disk?.contents ?? 'empty', 60)}`, pieces: [] };
  return { text: 'Now (all of it goes)', pieces: free > 16 * MiB ? [...pieces, { name: 'free', size: free }] : pieces };
};

/** What is there now, in one line. */
const currentText = (state: ConsoleState): string => {
  const { text, pieces } = currentPieces(state);
  return `${text}${pieces.length === 0 ? '' : `: ${pieces.map(({ name, size }) => `${name} ${formatBytes(size)}`).join(', ')}`}`;
};

/** Kairos's own; everything else was asked for. */
const own: ReadonlySet<string> = new Set(kairosPartitionNames);
const extraField = 'partition-extra';

/** `data 2048 ext4 DATA` as a row of the answer; a text says what is wrong with it. */
export const readExtra = (line: string): { readonly name: string; readonly row: string } | string => {
  const [name = '', size = '', fs = 'ext4', label, ...more] = line.trim().split(/\s+/);
  if (more.length > 0 || !/^[\w-]{1,36}$/.test(name) || !/^[1-9]\d{0,8}$/.test(size)) return 'a name, a size in MiB, a file system and a label: data 2048 ext4 DATA';
  if (own.has(name)) return `${name} is one of Kairos's own partitions`;
  if (!['ext2', 'ext3', 'ext4', 'xfs', 'vfat', 'none'].includes(fs)) return 'file systems are ext2, ext3, ext4, xfs, vfat and none';
  if (label !== undefined && !/^[\w-]{1,16}$/.test(label)) return 'a label has at most 16 letters, digits, - and _';
  return { name, row: `extra.${name}.size=${size},fs=${fs}${label === undefined ? '' : `,label=${label}`}` };
};

const answeredRows = (state: ConsoleState): readonly string[] => answersOf(state).partition?.value ?? [];
const withoutExtra = (state: ConsoleState, name: string): readonly string[] => answeredRows(state).filter((row) => !row.startsWith(`extra.${name}.`));
const partitionAnswer = (rows: readonly string[]): Action => ({ type: 'answer', changes: { partition: rows.length === 0 ? undefined : rows } });

const addExtra = (state: ConsoleState, line: string): readonly Action[] | string => {
  const read = readExtra(line);
  if (typeof read === 'string') return read;
  const wrong = tooBig(state, read.name, Number(/size=(\d+)/.exec(read.row)?.[1]));
  return wrong ?? [leaveField, partitionAnswer([...withoutExtra(state, read.name), read.row])];
};

/** Takes out the highlighted extra partition, or takes back the size of one of Kairos's own; without a layout, all that was asked. */
const removeHere = (state: ConsoleState): Action => {
  const name = plannedOf(state)[highlightOf(state)]?.name ?? '';
  if (name === '') return { type: 'answer', changes: { partition: undefined } };
  if (own.has(name)) {
    const rows = withSize(state, name, '');
    return (rows ?? []).length === answeredRows(state).length ? { type: 'notice', text: 'its size is the default already' } : { type: 'answer', changes: { partition: rows } };
  }
  const rest = withoutExtra(state, name);
  return rest.length === answeredRows(state).length ? { type: 'notice', text: `${cleanText(name, 40)} comes from the configuration; the editor takes it out` } : partitionAnswer(rest);
};

const typeExtra = (value: string): Action => ({
  type: 'many',
  actions: [
    { type: 'edit', field: extraField, edit: { edit: 'set', value }, maxLength: 80 },
    { type: 'focus', screen: id, index: 2 },
  ],
});

const isTypingExtra = (state: ConsoleState): boolean => state.focus[id] === 2;

const namesOf = (state: ConsoleState): readonly string[] => plannedOf(state).map(({ name }) => name);
const highlightOf = (state: ConsoleState): number => Math.max(0, markedAt(state, id, namesOf(state), 0));
/** A size that is typed is for the partition it was begun for. */
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1 && namesOf(state).includes(state.marks[id] ?? '');

/** The answer with one size put in or taken out. */
const withSize = (state: ConsoleState, name: string, size: string): readonly string[] | undefined => {
  const others = (answersOf(state).partition?.value ?? []).filter((row) => !row.startsWith(`${name}.size=`));
  const rows = size === '' ? others : [...others, `${name}.size=${size}`];
  return rows.length === 0 ? undefined : rows;
};

const isOwnHere = (state: ConsoleState): boolean => own.has(plannedOf(state)[highlightOf(state)]?.name ?? 'efi');

const leaveField: Action = { type: 'focus', screen: id, index: 0 };

const acceptSize = (state: ConsoleState): Action => {
  const partition = plannedOf(state)[highlightOf(state)];
  const size = fieldOf(state, sizeField).value.trim();
  if (partition === undefined) return leaveField;
  if (size !== '' && !/^[1-9]\d{0,8}$/.test(size)) return { type: 'notice', text: 'a size in MiB, such as 512; empty for the default' };
  const wrong = tooBig(state, partition.name, Number(size));
  if (wrong !== null) return { type: 'notice', text: wrong };
  return { type: 'many', actions: [leaveField, { type: 'answer', changes: { partition: withSize(state, partition.name, size) } }] };
};

const editSize = (state: ConsoleState): Action => {
  const partition = plannedOf(state)[highlightOf(state)];
  if (partition === undefined) return { type: 'notice', text: answersOf(state).device === undefined && answersOf(state)['target-image'] === undefined ? 'there is no layout yet; choose a disk first' : 'there is no layout while something is wrong; - takes back every size' };
  if (!own.has(partition.name)) return typeExtra(`${partition.name} ${Math.round(partition.size / MiB)} ${partition.fs} ${partition.label}`.trim());
  if (!sizable.has(partition.name)) return { type: 'notice', text: `the size of ${partition.label || partition.name} is given by the firmware` };
  const size = String(Math.round(partition.size / MiB));
  return {
    type: 'many',
    actions: [
      mark(id, partition.name),
      { type: 'edit', field: sizeField, edit: { edit: 'set', value: size }, maxLength: 9 },
      { type: 'focus', screen: id, index: 1 },
    ],
  };
};

const extraKeys = (state: ConsoleState): Keys => {
  const meaning = addExtra(state, fieldOf(state, extraField).value);
  return [
    { key: 'accept', label: 'plan with it', help: 'name, MiB, file system, label', action: typeof meaning === 'string' ? { type: 'notice', text: meaning } : { type: 'many', actions: meaning } },
    { key: 'back', label: 'leave it', action: leaveField },
  ];
};

const keys = (state: ConsoleState, room: Room): Keys =>
  isTypingExtra(state)
    ? extraKeys(state)
    : isTyping(state)
    ? [
        { key: 'accept', label: 'set size', help: 'plan with this size; the rest goes to the last partition', action: acceptSize(state) },
        { key: 'back', label: 'leave it', action: leaveField },
      ]
    : [
        ...rowKeys(id, namesOf(state), highlightOf(state), room.rows - 12),
        { key: 'edit', label: 'size', help: 'change the size of the highlighted partition', action: editSize(state) },
        { key: 'add', label: 'extra', help: 'one more partition: name, MiB, file system, label', action: typeExtra('') },
        { key: 'remove', label: isOwnHere(state) ? 'reset' : 'remove', help: 'on an extra partition: take it out; else take back its size; where there is no layout, every size', action: removeHere(state) },
        { key: 'accept', label: 'continue', action: { type: 'next' } },
      ];

/** What the rows of the list say behind a size. */
const ownSize = (state: ConsoleState, name: string): string => {
  if (!own.has(name)) return '  (extra)';
  const asked = answeredRows(state).some((row) => row.startsWith(`${name}.size=`));
  return asked ? '  (as asked)' : name === 'persistent' ? '  (what the others leave)' : '';
};

/** What the size that is being typed would leave. */
const typedText = (state: ConsoleState, { name, size }: PlannedPartition): string => {
  const text = fieldOf(state, sizeField).value.trim();
  if (text === '') return 'empty: the default';
  const wrong = /^[1-9]\d{0,8}$/.test(text) ? tooBig(state, name, Number(text)) : null;
  if (wrong !== null) return wrong;
  return /^[1-9]\d{0,8}$/.test(text) ? `${formatBytes(Number(text) * MiB)} instead of ${formatBytes(size)}: ${leftText(state, { name, size: Number(text) * MiB })}` : 'a number of MiB';
};

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
  const partition = layout[highlightOf(state)];
  const problems = linesOfProblems(problemsOf(state), columns);
  if (layout.length === 0) {
    return (
      <Box flexDirection="column">
        <Line role="title">There is no layout yet</Line>
        {isTypingExtra(state) ? <FieldView label="Name MiB fs LABEL " field={fieldOf(state, extraField)} focused width={Math.max(4, Math.min(40, columns - 24))} /> : <Gap />}
        <TextLines lines={problems} rows={rows - 2} />
      </Box>
    );
  }
  const typing = isTyping(state) && partition !== undefined ? 2 : isTypingExtra(state) ? 1 : 0;
  // The pictures give way before the list does.
  const drawn = rows >= 13 + typing;
  const nowRows = drawn && now.pieces.length > 0 ? 4 : 1;
  const fixed = nowRows + (drawn ? 4 : 0) + 1 + typing;
  const [, listRoom = 0, problemRoom = 0] = shareRows(rows, [
    [fixed, fixed],
    [Math.min(3, layout.length), layout.length],
    [Math.min(2, problems.length), problems.length],
  ]);
  return (
    <Box flexDirection="column">
      <Strip text={now.text} pieces={drawn ? now.pieces : []} columns={columns} />
      {drawn && <Strip text="Then, to scale" pieces={layout.map(({ name, label, size }) => ({ name: shortName(label || name), size }))} columns={columns} />}
      <Line role="muted">{`${formatBytes(targetSize(state))} in all; ${leftText(state)}`}</Line>
      <List
        items={layout.map(({ number, name, label, fs, size, encrypted }) => ({
          key: String(number),
          text: `${String(number).padStart(2)}  ${fit(cleanText(label || name, 20), 16)} ${fit(fs === 'none' ? '-' : fs, 6)} ${formatBytes(size).padStart(10)}${encrypted ? '  encrypted' : ''}${ownSize(state, name)}`,
        }))}
        highlighted={highlightOf(state)}
        columns={columns}
        rows={listRoom}
      />
      {isTyping(state) && partition !== undefined && (
        <>
          <FieldView label={`${partition.label || partition.name}, MiB `} field={fieldOf(state, sizeField)} focused width={10} />
          <Line role="muted">{typedText(state, partition)}</Line>
        </>
      )}
      {isTypingExtra(state) && <FieldView label="Name MiB fs LABEL " field={fieldOf(state, extraField)} focused width={Math.max(4, Math.min(40, columns - 24))} placeholder="data 2048 ext4 DATA" />}
      <TextLines lines={problems} rows={problemRoom} />
    </Box>
  );
};

export const partitions: ScreenRow = {
  id,
  title: 'Partitions',
  when: (state) => state.run === null && state.customize,
  done: () => true,
  keys,
  focus: (state) => (isTypingExtra(state) ? { field: extraField, maxLength: 80 } : isTyping(state) ? { field: sizeField, maxLength: 9 } : null),
  help: [
    'The strips show the disk now and after the install, to scale; small partitions are drawn wider than they are, so that they can be seen.',
    'COS_PERSISTENT takes what the others leave, unless it is given a size of its own; then the rest of the disk stays free.',
  ],
  view: View,
  ask: (state) => ({
    lines: [
      ...(planOf(state) === null ? [] : [`${formatBytes(targetSize(state))} in all; ${leftText(state)}.`, currentText(state)]),
      ...plannedOf(state).map(({ number, name, label, fs, size }) => `${number}. ${cleanText(label || name, 30)}, ${fs}, ${Math.round(size / MiB)} MiB`),
      ...plainProblems(problemsOf(state)),
    ],
    prompt: 'NAME=MiB changes a size (efi, oem, recovery, state, persistent), NAME=none takes it back; extra NAME MiB FS LABEL adds one; defaults takes all back; Enter continues',
    answer: (line) => {
      if (line === '') return [{ type: 'next' }];
      if (line === 'defaults') return [{ type: 'answer', changes: { partition: undefined } }];
      const extra = /^extra\s+(.*)$/.exec(line);
      if (extra !== null) return addExtra(state, extra[1] ?? '');
      const [, name = '', size = ''] = /^(\w+)=([1-9]\d{0,8}|none)$/.exec(line) ?? [];
      if (size === 'none' && sizable.has(name)) return [{ type: 'answer', changes: { partition: withSize(state, name, '') } }];
      const wrong = sizable.has(name) ? tooBig(state, name, Number(size)) : null;
      if (wrong !== null) return wrong;
      return sizable.has(name) ? [{ type: 'answer', changes: { partition: withSize(state, name, size) } }] : 'for example: oem=512';
    },
  }),
};
