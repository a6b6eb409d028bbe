/** Which disk is written, or the disk image file that was named when the program was started. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, Room, ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import { chosenDisk, likelyDisk } from '../src/app/console/likely-disk.ts';
import { answersOf, disksOf, fieldOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import type { Disk, ImageFileFacts, Verdict } from '../src/model/facts.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { formatBytes } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { fit, Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { mark, markedAt, rowKeys } from './marks.ts';
import { Field, Gap, List, plainChoice, TextLines, wrapText, rowsToList, rowsToTell } from './parts.tsx';
import { askRelease, confirmRelease, isAskingRelease, releaseKeys, releaseLines, releaseResult, ReleaseQuestion } from './release-disk.tsx';
import { canBeWiped, isToBeWiped, switchWipe } from './wipe-other.ts';

const imageOf = (state: ConsoleState): string | null => answersOf(state)['target-image']?.value ?? null;

const isRefused = ({ verdict }: Disk): boolean => verdict === 'refused';

const filterField = 'disk-filter';
const isFiltering = (state: ConsoleState): boolean => state.focus['disk'] === 1;

/** The disks on the list: those that hold what is typed into the filter. */
const listedDisks = (state: ConsoleState): readonly Disk[] => {
  const wanted = fieldOf(state, filterField).value.trim().toLowerCase();
  const disks = disksOf(state);
  if (wanted === '') return disks;
  return disks.filter((disk) => [disk.path, disk.model, disk.serial, disk.wwn, disk.transport, disk.contents].some((text) => text?.toLowerCase().includes(wanted) === true));
};

const pathsOf = (disks: readonly Disk[]): readonly string[] => disks.map(({ path }) => path);

/** Never a disk with data: highlighted is the answered one, else the only eligible one, else none. */
const highlightOf = (state: ConsoleState): number => {
  const disks = listedDisks(state);
  const likely = likelyDisk(state);
  return markedAt(state, 'disk', pathsOf(disks), likely === undefined ? -1 : disks.indexOf(likely));
};

const accept = (state: ConsoleState, highlighted = highlightOf(state)): Action => {
  if (imageOf(state) !== null) return { type: 'next' };
  const disk = listedDisks(state)[highlighted];
  if (disk === undefined) return { type: 'notice', text: 'choose a disk with Up and Down' };
  if (disk.verdict === 'refused') {
    const reason = disk.reasons[0];
    return { type: 'notice', text: `cannot use ${disk.path}${reason === undefined ? '' : `: ${cleanText(reason.what, 100)}`}` };
  }
  // A disk that a flag named already keeps the name it was given: the plan stays the same. Choosing it here is what
  // lets the planner go on with a disk that holds data; consent itself is asked for on the review.
  const device = chosenDisk(state) === disk ? answersOf(state).device?.value : disk.path;
  return { type: 'answer', changes: { device }, next: true };
};

const filterOff: Action = { type: 'focus', screen: 'disk', index: 0 };
const clearFilter: Action = { type: 'edit', field: filterField, edit: { edit: 'clear' }, maxLength: 60 };

const keys = (state: ConsoleState, room: Room): Keys => {
  const look = { key: 'rescan', label: 'look again', help: 'look for disks again; one that is plugged in shows up by itself', action: { type: 'look' } } as const;
  if (imageOf(state) !== null) return [{ key: 'accept', label: 'continue', action: accept(state) }, look];
  if (isFiltering(state)) {
    return [
      { key: 'accept', label: 'to the list', help: 'keep the filter and choose from what is left', action: filterOff },
      { key: 'down', label: '', action: filterOff },
      { key: 'back', label: 'no filter', help: 'show all disks', action: { type: 'many', actions: [clearFilter, filterOff] } },
    ];
  }
  const highlighted = listedDisks(state)[highlightOf(state)];
  if (isAskingRelease(state) && highlighted !== undefined) return releaseKeys(highlighted);
  const ask = askRelease(highlighted);
  const wipe: Keys =
    highlighted === undefined || !canBeWiped(highlighted) || highlighted === chosenDisk(state)
      ? []
      : [{ key: 'wipe', label: isToBeWiped(state, highlighted) ? 'do not wipe' : 'wipe names', help: 'take the signatures off this disk when another one is installed to; consent is asked for on the review', action: switchWipe(state, highlighted) }];
  return [
    ...rowKeys('disk', pathsOf(listedDisks(state)), highlightOf(state), rowsToList(state, Math.max(1, room.rows - 10))),
    { key: 'accept', label: 'choose', help: 'take the highlighted disk; nothing is written yet', action: accept(state) },
    ...(ask === null ? [] : [{ key: 'release', label: 'unmount', help: 'unmount what is mounted from this disk, and switch its swap off; asks first', action: ask } as const]),
    ...wipe,
    { key: 'filter', label: 'filter', help: 'show only disks that hold a text: name, model, serial number, contents', action: { type: 'focus', screen: 'disk', index: 1 } },
    look,
  ];
};

const verdictWords: Readonly<Record<Verdict, string>> = { eligible: 'usable', caution: 'caution', refused: 'no' };
const verdictRoles: Readonly<Record<Verdict, Role>> = { eligible: 'plain', caution: 'warning', refused: 'muted' };

/** A disk in one line; what is on it is told below the list where the line is too short for it. */
const rowText = (disk: Disk, columns: number): string => {
  const wide = columns >= 100;
  return [
    fit(cleanText(disk.path, 40), wide ? 18 : 13),
    formatBytes(disk.size).padStart(9),
    ' ',
    fit(cleanText(disk.model ?? '-', 40), wide ? 24 : 21),
    fit(cleanText(disk.serial ?? '-', 40), wide ? 20 : 16),
    fit(verdictWords[disk.verdict], 7),
    wide ? cleanText(disk.contents, 60) : '',
  ].join(' ');
};

/** Everything known of a disk: what is on it, why it can or cannot be used, its partitions. With `reasonsFirst` what its line in the list has not said. */
const diskLines = (disk: Disk, wiped: boolean, columns: number, reasonsFirst = false): readonly TextLine[] => {
  const wrapped = (text: string, role: Role): readonly TextLine[] => wrapText(text, columns).map((line) => ({ text: line, role }));
  const name = wrapped(`${cleanText(disk.path, 40)}  ${cleanText(disk.model ?? 'no model', 40)}  serial ${cleanText(disk.serial ?? 'none', 40)}`, 'title');
  const holds = wrapped(`holds: ${cleanText(disk.contents, 200)}`, disk.verdict === 'eligible' ? 'good' : 'plain');
  const wipe = wiped ? wrapped('its signatures will be wiped: another disk is installed to', 'danger') : [];
  const reasons = disk.reasons.flatMap(({ what, hint }) => wrapped(cleanText(hint === '' ? what : `${what}; ${hint}`, 400), verdictRoles[disk.verdict]));
  return [
    ...(reasonsFirst ? [...wipe, ...reasons, ...holds, ...name] : [...name, ...holds, ...wipe, ...reasons]),
    ...disk.partitions.map((partition) => ({
      text: `  ${fit(cleanText(partition.path, 30), 16)} ${formatBytes(partition.size).padStart(10)}  ${cleanText(partition.fstype ?? '-', 12)} ${cleanText(partition.label ?? partition.partlabel ?? '', 30)} ${partition.mountpoints.length === 0 ? '' : `on ${cleanText(partition.mountpoints.join(', '), 60)}`}`,
      role: 'plain' as const,
    })),
  ];
};

const ImageView = ({ path, image, size }: { readonly path: string; readonly image: ImageFileFacts | null; readonly size: number | undefined }): ReactNode => (
  <Box flexDirection="column">
    <Line role="title">The target is a disk image file, named when the program was started</Line>
    <Gap />
    <Field label="File">{cleanText(path, 200)}</Field>
    <Field label="Size">{size === undefined ? 'the default' : formatBytes(size)}</Field>
    {image !== null && (
      <>
        <Field label="Now">{image.exists ? `${formatBytes(image.size)}${image.unfinished ? ', an unfinished install' : ''}` : 'does not exist yet'}</Field>
        <Field label="Free space">{formatBytes(image.freeSpace)}</Field>
        {image.hasData && <Line role="danger">It holds data, which will be lost. Consent is asked for on the review.</Line>}
        {image.partitions.map(({ label, partlabel, fstype, size }, index) => (
          <Line key={index}>{`  ${fit(cleanText(label ?? partlabel ?? '-', 30), 20)} ${formatBytes(size).padStart(10)}  ${cleanText(fstype ?? '-', 12)}`}</Line>
        ))}
      </>
    )}
  </Box>
);

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const path = imageOf(state);
  if (path !== null) {
    return <ImageView path={path} image={state.input?.image ?? null} size={answersOf(state)['image-size']?.value} />;
  }
  const disks = listedDisks(state);
  const highlighted = highlightOf(state);
  const chosen = chosenDisk(state);
  const filter = fieldOf(state, filterField).value;
  const disk = disks[highlighted];
  const told = disks[highlightOf(settled)];
  const about = told === undefined ? [] : diskLines(told, isToBeWiped(state, told), columns, state.slow);
  // What is told about a disk changes with every move; the list keeps its place.
  const [, listRoom = 0, gap = 0, aboutRoom = 0] = shareRows(rows, [
    [2, 2],
    [2, rowsToList(state, Math.max(2, Math.min(Math.max(1, disks.length), rows - 10)))],
    [0, 1],
    [1, rowsToTell(state, Math.max(1, about.length))],
  ]);
  if (isAskingRelease(state) && disk !== undefined) return <ReleaseQuestion disk={disk} columns={columns} rows={rows} />;
  return (
    <Box flexDirection="column">
      <Line role="title">Which disk?</Line>
      {isFiltering(state) ? (
        <FieldView label="Filter " field={fieldOf(state, filterField)} focused width={30} />
      ) : filter === '' ? (
        <Line role={releaseResult(state).role}>{releaseResult(state).text}</Line>
      ) : (
        <Line role="muted">{`only with "${filter}": ${disks.length} of ${disksOf(state).length} disks`}</Line>
      )}
      {disks.length === 0 ? (
        <Line role="danger">{filter === '' ? 'No disk was found. Plug one in; it shows up here by itself.' : 'No disk is like that.'}</Line>
      ) : (
        <List
          items={disks.map((item) => ({
            key: item.path,
            text: `${item === chosen ? '*' : ' '} ${rowText(item, columns)}`,
            role: verdictRoles[item.verdict],
          }))}
          highlighted={highlighted}
          columns={columns}
          rows={listRoom}
        />
      )}
      {gap > 0 && <Gap />}
      {told === undefined ? (
        <Line role={disksOf(state).every(isRefused) ? 'danger' : 'muted'}>
          {disks.length === 0 ? '' : disksOf(state).every(isRefused) ? 'None of them can be used; a highlighted one says why. One that is plugged in shows up here by itself.' : 'Up and Down choose. A disk that holds data is never chosen for you.'}
        </Line>
      ) : (
        <TextLines lines={about} rows={aboutRoom} />
      )}
    </Box>
  );
};

export const disk: ScreenRow = {
  id: 'disk',
  title: 'Disk',
  when: (state) => state.run === null,
  done: (state) => imageOf(state) !== null || answersOf(state).device !== undefined,
  missing: () => 'choose a disk first',
  keys,
  focus: (state) => (isFiltering(state) && imageOf(state) === null ? { field: filterField, maxLength: 60 } : null),
  help: [
    'The whole disk is used. A disk that cannot be used says why; one that holds data can be chosen, and the review then asks for consent.',
    'The live medium, data volumes and disks in use can never be chosen.',
  ],
  inFull: (state, columns) => {
    const item = listedDisks(state)[highlightOf(state)];
    return item === undefined || imageOf(state) !== null ? [] : diskLines(item, isToBeWiped(state, item), columns);
  },
  view: View,
  ask: (state) => {
    const path = imageOf(state);
    if (path !== null) {
      const holds = state.input?.image?.hasData === true ? ' It holds data, which will be lost.' : '';
      return {
        lines: [`The target is the disk image file ${cleanText(path, 200)}.${holds}`],
        prompt: 'Enter continues',
        answer: (line) => (line === '' ? [{ type: 'next' }] : 'press Enter, or type back'),
      };
    }
    const asked = isAskingRelease(state) ? listedDisks(state)[highlightOf(state)] : undefined;
    if (asked !== undefined) {
      return { lines: releaseLines(asked), prompt: 'Free it? y or n', answer: (line) => (line === 'y' ? [confirmRelease(asked)] : [{ type: 'focus', screen: 'disk', index: 0 }]) };
    }
    const { lines, pick } = plainChoice(
      listedDisks(state).map(
        (item) =>
          `${cleanText(item.path, 60)}, ${formatBytes(item.size)}, ${cleanText(item.model ?? 'no model', 60)}, serial ${cleanText(item.serial ?? 'none', 60)}, holds: ${cleanText(item.contents, 100)}; ${verdictWords[item.verdict]}${item.reasons.map(({ what }) => `; ${cleanText(what, 200)}`).join('')}`,
      ),
      highlightOf(state),
    );
    const { text: result } = releaseResult(state);
    return {
      lines: [...(result === '' ? [] : [result]), ...(lines.length === 0 ? ['No disk was found.'] : lines)],
      prompt: `Number of the disk${highlightOf(state) >= 0 ? '; Enter takes the one with the star' : ''}; r looks again; u NUMBER frees one that is mounted`,
      answer: (line) => {
        if (line === 'r') return [{ type: 'look' }];
        const freed = /^u ?(\d{1,4})$/.exec(line)?.[1];
        if (freed !== undefined) {
          const item = listedDisks(state)[Number(freed) - 1];
          const ask = askRelease(item);
          if (item === undefined || ask === null) return 'there is nothing on it that can be unmounted here';
          return [mark('disk', item.path), ask];
        }
        const index = pick(line);
        const action = index === null ? null : accept(state, index);
        if (action === null) return 'that is not one of the numbers';
        return action.type === 'notice' ? action.text : [action];
      },
    };
  },
};
