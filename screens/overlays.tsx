/** What lies over a screen: help, log, and the questions before leaving. */
import { Box } from 'ink';
import type { OverlayRow, Room, Screens, TextLine } from '../src/app/console/screen.ts';
import { currentRow } from '../src/app/console/screen.ts';
import { activeKeys, fieldHasFocus } from '../src/app/console/route.ts';
import { isRunning, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState, Overlay } from '../src/app/state.ts';
import { exitCodes } from '../src/model/exit-code.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import type { Problem } from '../src/model/problem.ts';
import { helpLines } from '../src/ui/bindings.ts';
import { formatBytes } from '../src/ui/format.ts';
import { fit, Line } from '../src/ui/text.tsx';
import { closeKeys as close } from './close-keys.ts';
import { code, token } from './code.tsx';
import { editor } from './editor.tsx';
import { files } from './files.tsx';
import { log } from './log.tsx';
import { markedAt, rowKeys } from './marks.ts';
import { Gap, linesOfProblems, List, listKeys, Page, scrollKeys, topOf, wrapText } from './parts.tsx';
import { pick } from './pick.tsx';
import { reportOf, reportPlaces } from './report.ts';
import { viewer } from './viewer.tsx';

// Questions

const question = (title: string, lines: (state: ConsoleState) => readonly string[], yes: OverlayRow['keys']): OverlayRow => ({
  title,
  keys: (state, room) => [...yes(state, room), { key: 'no', label: 'no, go on', action: { type: 'overlay', overlay: null } }, { key: 'redraw', label: '', action: { type: 'redraw' } }],
  view: ({ state, columns }) => (
    <Box flexDirection="column">
      <Gap />
      {lines(state)
        .flatMap((line) => wrapText(line, columns))
        .map((line, index) => (
          <Line key={index} role={index === 0 ? 'title' : 'plain'}>
            {line}
          </Line>
        ))}
    </Box>
  ),
});

const quit = question(
  'Leave?',
  (state) => [
    'Leave the console?',
    state.run === null ? 'Nothing was written. The answers given here are forgotten.' : 'The install has ended; what it left is as the last screen said.',
    '',
    'y leaves, n or Esc goes on.',
  ],
  () => [{ key: 'yes', label: 'leave', action: { type: 'quit' } }],
);

const abort = question(
  'Abort?',
  (state) => [
    isRunning(state) ? 'Abort the install?' : 'The install has ended meanwhile.',
    'The engine is stopped and everything it opened is closed. A disk that was written to already stays unfinished: it is marked so, does not boot, and can be installed to again.',
    '',
    'y aborts, n or Esc lets it go on.',
  ],
  () => [{ key: 'yes', label: 'abort', action: { type: 'abort' } }],
);

// Power

const powerChoices: readonly { readonly id: string; readonly text: string; readonly action: (state: ConsoleState) => Action }[] = [
  { id: 'neither', text: 'neither: back to the screen before', action: () => ({ type: 'overlay', overlay: null }) },
  ...(['poweroff', 'reboot'] as const).map((finish) => ({
    id: finish,
    text: finish === 'poweroff' ? 'power off' : 'reboot',
    action: (state: ConsoleState): Action => ({ type: 'end', ending: { exitCode: state.run?.done?.exitCode ?? exitCodes.interrupted, finish } }),
  })),
];

const powerIds = powerChoices.map(({ id }) => id);
const powerAt = (state: ConsoleState): number => Math.max(0, markedAt(state, 'power', powerIds, 0));

const power: OverlayRow = {
  title: 'Power',
  keys: (state) => [
    ...rowKeys('power', powerIds, powerAt(state), powerChoices.length),
    { key: 'accept', label: 'do it', action: powerChoices[powerAt(state)]?.action(state) ?? { type: 'overlay', overlay: null } },
    ...close,
  ],
  view: ({ state, columns }) => (
    <Box flexDirection="column">
      <Line role="title">Power off or reboot this machine?</Line>
      <Line>{state.run === null ? 'Nothing was written. The answers given here are forgotten.' : 'What the install left is as the last screen said.'}</Line>
      <Gap />
      <List items={powerChoices.map(({ id, text }) => ({ key: id, text }))} highlighted={powerAt(state)} columns={columns} rows={powerChoices.length} />
    </Box>
  ),
};

// Report

const saveIds = (state: ConsoleState): readonly string[] => reportPlaces(state).map(({ path }) => path);
/** A volume that was pulled out gives way to none: nothing is written to another by mistake. */
const saveAt = (state: ConsoleState): number => markedAt(state, 'save', saveIds(state), 0);

const save: OverlayRow = {
  title: 'Report',
  keys: (state) => {
    const volume = reportPlaces(state)[saveAt(state)];
    return [
      ...rowKeys('save', saveIds(state), saveAt(state), 5),
      ...(volume === undefined ? [] : [{ key: 'accept', label: 'write it', action: { type: 'save', volume, report: reportOf(state) } } as const]),
      ...close,
    ];
  },
  view: ({ state, columns, rows }) => {
    const places = reportPlaces(state);
    return (
      <Box flexDirection="column">
        <Line role="title">Where shall the report go? It holds the log and the plan, and no secret.</Line>
        <Gap />
        {places.length === 0 && <Line>There is no volume that can be written to. Plug one in.</Line>}
        <List
          items={places.map(({ path, label, fstype, size }) => ({ key: path, text: `${cleanText(path, 40)}  ${cleanText(label ?? '', 30)}  ${cleanText(fstype ?? '', 12)}  ${formatBytes(size)}` }))}
          highlighted={saveAt(state)}
          columns={columns}
          rows={Math.max(1, rows - 4)}
        />
      </Box>
    );
  },
};

/** Problems of a run, or of everything before it; the screen of the configuration tells its own. */
const knownProblems = (state: ConsoleState): readonly Problem[] => (state.run !== null ? state.run.problems : state.screen === 'configuration' ? [] : problemsOf(state));

/** What lies over a screen and has a help page of its own, and what that says. The order is what the state holds. */
const explained: readonly (readonly [Exclude<Overlay, 'help'>, readonly string[]])[] = [
  ['editor', ['The configuration as text. What is wrong with it is said when the typing pauses; nothing of it is used before you say so, and what is typed waits here when you leave.', 'Tab indents by two blanks, Ctrl-W takes a word away, a pasted text keeps its lines.']],
  ['viewer', ['The configuration as it was read, as it will be kept, and the difference between the two. Secrets are blanked out; of what is for the install only, no value is shown.']],
  ['files', ['Every attached volume with a file system; it is read without being mounted. A file that is picked is held in memory and used in place of other configuration.']],
  ['pick', ['Names that this machine has. Typed words narrow the list; each has to be in a name.']],
  ['log', ['Every line of the install so far. It follows what comes until you move; End follows again.']],
  ['save', ['A report for whoever helps: machine, plan, result, log, and the configuration with its secrets blanked out.']],
  ['code', ['Unit, result, plan and receipt, to be read by a camera.']],
  ['token', ['The network token, to hand it to the next node of the cluster. It is a secret.']],
  ['in-full', ['What the screen before has no room for, and every problem that is known there.']],
  ['power', ['Switches this machine off or starts it anew. Answers given here are forgotten.']],
];

/** Which of them help lies over, as a number in the state: 0 for none. */
const helpOver = (state: ConsoleState): Exclude<Overlay, 'help'> | null => explained[(state.focus['help'] ?? 0) - 1]?.[0] ?? null;

const openHelp = (name: Overlay | null): Action => ({
  type: 'many',
  actions: [
    { type: 'focus', screen: 'help', index: explained.findIndex(([other]) => other === name) + 1 },
    { type: 'highlight', list: 'help', index: 0 },
    { type: 'overlay', overlay: 'help' },
  ],
});

/** Gives what lies over a screen a help page. */
const withHelp = (name: Overlay, row: OverlayRow): OverlayRow => ({
  ...row,
  keys: (state, room) => {
    const own = row.keys(state, room);
    return own.some(({ key }) => key === 'help') ? own : [...own, { key: 'help', label: 'help', help: 'this page', action: openHelp(name) }];
  },
});

/** Made with the table of screens, because help shows whatever screen lies under it. */
export const makeOverlays = (screens: () => Screens): Readonly<Record<Overlay, OverlayRow>> => {
  const helpOf = (state: ConsoleState, room: Room): readonly { text: string; title: boolean }[] => {
    const over = helpOver(state);
    const under = { ...state, overlay: over };
    const texts = explained.find(([name]) => name === over)?.[1] ?? currentRow(screens(), under).help;
    return [
      ...texts.flatMap((text) => wrapText(text, room.columns)).map((text) => ({ text, title: false })),
      { text: '', title: false },
      { text: 'Keys', title: true },
      ...helpLines(activeKeys(screens(), under, room), fieldHasFocus(screens(), under, room)).flatMap(({ key, label }) =>
        wrapText(label, room.columns - 17).map((text, index) => ({ text: `  ${fit(index === 0 ? key : '', 14)} ${text}`, title: false })),
      ),
    ];
  };
  /** Back to what help lies over. */
  const closeHelp = (state: ConsoleState): Action => ({
    type: 'many',
    actions: [
      { type: 'focus', screen: 'help', index: 0 },
      { type: 'overlay', overlay: helpOver(state) },
    ],
  });
  const help: OverlayRow = {
    title: 'Help',
    keys: (state, room) => [...listKeys('help', state.highlights['help'] ?? 0, Math.max(1, helpOf(state, room).length - room.rows + 2), room.rows - 2), ...close.map((binding) => (binding.key === 'redraw' ? binding : { ...binding, action: closeHelp(state) }))],
    view: (props) => {
      const lines = helpOf(props.state, props);
      const start = Math.min(props.state.highlights['help'] ?? 0, Math.max(0, lines.length - props.rows + 1));
      const end = Math.min(lines.length, start + props.rows - (lines.length > props.rows ? 1 : 0));
      return (
        <Box flexDirection="column">
          {lines.slice(start, end).map(({ text, title }, index) => (
            <Line key={index} role={title ? 'title' : 'plain'}>
              {text}
            </Line>
          ))}
          {end < lines.length && <Line role="muted">{`(${lines.length - end} more lines, Down shows them)`}</Line>}
        </Box>
      );
    },
  };
  const fullOf = (state: ConsoleState, columns: number): readonly TextLine[] => {
    const own = currentRow(screens(), state).inFull?.(state, columns) ?? [];
    const problems = linesOfProblems(knownProblems(state), columns);
    return [...own, ...(own.length > 0 && problems.length > 0 ? [{ text: '', role: 'plain' as const }] : []), ...problems];
  };
  const inFull: OverlayRow = {
    title: 'In full',
    keys: (state, room) => [...scrollKeys('in-full', topOf(state, 'in-full', fullOf(state, room.columns).length, room.rows), fullOf(state, room.columns).length, room.rows), { key: 'inFull', label: '', action: { type: 'overlay', overlay: null } }, ...close],
    view: ({ state, columns, rows }) => {
      const lines = fullOf(state, columns);
      return (
        <Box flexDirection="column">
          {lines.length === 0 && <Line role="muted">There is nothing more to say.</Line>}
          <Page lines={lines} top={topOf(state, 'in-full', lines.length, rows)} rows={rows} />
        </Box>
      );
    },
  };
  const rows: Readonly<Record<Exclude<Overlay, 'help'>, OverlayRow>> = { quit, abort, log, viewer, save, code, token, editor, files, pick, power, 'in-full': inFull };
  return { ...rows, help, ...(Object.fromEntries(explained.map(([name]) => [name, withHelp(name, rows[name])])) as typeof rows) };
};
