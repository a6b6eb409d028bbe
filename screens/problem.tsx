/** The end, when something went wrong: what, whether the disk was touched, and what can be done now. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, PlainQuestion, ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import type { Action, ConsoleState, Run } from '../src/app/state.ts';
import { exitCodeMeaning, exitCodes } from '../src/model/exit-code.ts';
import type { ExitCode } from '../src/model/exit-code.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatBytes, plural } from '../src/ui/format.ts';
import { shownKey } from '../src/ui/keys.ts';
import type { KeyName } from '../src/ui/keys.ts';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import { auditText } from './done.tsx';
import { LogRow, phaseWords } from './installing.tsx';
import { markedAt, rowKeys } from './marks.ts';
import { cutFields, fieldLines, Fields, Gap, linesOfProblems, List, plainProblems, TextLines, wrapText } from './parts.tsx';
import type { FieldRow } from './parts.tsx';
import { reportOf, reportPlaces } from './report.ts';

const id = 'problem';

const headline = (run: Run): string => {
  if (run.done?.result === 'interrupted') return 'Stopped.';
  return (run.audit?.hits.length ?? 0) > 0 ? 'Install-only material was found on the target.' : 'The install failed.';
};

const diskText = ({ done }: Run): string => (done?.diskTouched === true ? 'WAS WRITTEN TO; it holds no finished system' : 'was not touched');

interface Choice {
  readonly key: KeyName;
  readonly word: string;
  readonly text: string;
  readonly action: Action;
}

const choicesOf = (state: ConsoleState): readonly Choice[] => [
  { key: 'retry', word: 'retry', text: 'try again: look at the machine anew, back to the review', action: { type: 'retry', to: 'review' } },
  { key: 'change', word: 'change', text: 'change answers: back to the first screen, every answer kept', action: { type: 'retry', to: 'welcome' } },
  { key: 'log', word: 'log', text: 'read the log', action: { type: 'overlay', overlay: 'log' } },
  ...(state.canSave ? [{ key: 'save', word: 'save', text: 'write a report without secrets to a volume', action: { type: 'overlay', overlay: 'save' } } as const] : []),
  { key: 'shell', word: 'shell', text: 'a shell; exit comes back here', action: { type: 'shell' } },
  { key: 'powerOff', word: 'poweroff', text: 'power off or reboot', action: { type: 'overlay', overlay: 'power' } },
];

const idsOf = (state: ConsoleState): readonly string[] => choicesOf(state).map(({ word }) => word);
const highlightOf = (state: ConsoleState): number => Math.max(0, markedAt(state, id, idsOf(state), 0));

const keys = (state: ConsoleState): Keys => {
  const choices = choicesOf(state);
  return [
    ...rowKeys(id, idsOf(state), highlightOf(state), choices.length),
    { key: 'accept', label: 'do it', help: 'do the highlighted thing', action: (choices[highlightOf(state)] ?? (choices[0] as Choice)).action },
    ...choices.map(({ key, word, text, action }) => ({ key, label: word === 'poweroff' ? 'power' : word, help: text, action })),
  ];
};

/** What is known of the failure, by name. */
const failureRows = (state: ConsoleState, run: Run, done: NonNullable<Run['done']>): readonly FieldRow[] => {
  const phase = run.phases.at(-1)?.phase;
  return [
    ['In phase', phase === undefined ? 'before the first' : phaseWords[phase]],
    ['Target', cleanText(run.plan.targetText, 200)],
    ['Its state', diskText(run), done.diskTouched ? 'danger' : 'good'],
    ['Exit code', `${done.exitCode}: ${exitCodeMeaning[done.exitCode]}`],
    ...(run.audit === null ? [] : ([['Audit', auditText(state)]] as const)),
  ];
};

/** Where something was found, each in a line. */
const hitTexts = (run: Run): readonly string[] => (run.audit?.hits ?? []).map((hit) => `${cleanText(hit.place, 30)} at ${hit.offset} (${hit.encoding}): ${cleanText(hit.from, 100)}`);

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const { run } = state;
  if (run === null || run.done === null) return null;
  const { done } = run;
  const choices = choicesOf(state);
  const text = wrapText(cleanText(done.text, 600), columns).map((line) => ({ text: line, role: 'plain' as const }));
  const [first, ...moreHits] = hitTexts(run);
  const fields: readonly FieldRow[] = [
    ...failureRows(state, run, done),
    ...(first === undefined ? [] : ([['', `${first}${moreHits.length > 0 ? `, and ${plural(moreHits.length, 'more place')}` : ''}`]] as const)),
  ];
  // What the result says already is not said twice.
  const problems = linesOfProblems(run.problems.filter(({ what, where }) => !(done.text.includes(what) && done.text.includes(where))), columns);
  const [, textRoom = 0, fieldRoom = 0, problemRoom = 0, gap = 0, logRoom = 0] = shareRows(rows, [
    [2 + choices.length, 2 + choices.length],
    [1, Math.min(3, text.length)],
    [Math.min(4, fields.length), fields.length],
    [Math.min(2, problems.length), problems.length],
    [0, 1],
    [0, run.log.length],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="danger">{headline(run)}</Line>
      <TextLines lines={text} rows={textRoom} />
      <Fields rows={cutFields(fields, fieldRoom)} />
      <TextLines lines={problems} rows={problemRoom} />
      {logRoom > 0 && run.log.slice(-logRoom).map((line, index) => <LogRow key={index} line={line} />)}
      {gap > 0 && <Gap />}
      <Line role="title">What now? Every answer is kept.</Line>
      <List items={choices.map(({ key, word, text: shown }) => ({ key: word, text: `${shownKey(key, false)}  ${shown}` }))} highlighted={highlightOf(state)} columns={Math.min(columns, 66)} rows={choices.length} />
    </Box>
  );
};

const exitCodeOf = (state: ConsoleState): ExitCode => state.run?.done?.exitCode ?? exitCodes.bug;

/** Volumes by number, to write the report to. */
const askForVolume = (state: ConsoleState): PlainQuestion => {
  const places = reportPlaces(state);
  const leave: Action = { type: 'overlay', overlay: null };
  return {
    lines: places.length === 0 ? ['There is no volume that can be written to. Plug one in.'] : places.map(({ path, label, fstype, size }, index) => `${index + 1}. ${[cleanText(path, 40), cleanText(label ?? '', 30), cleanText(fstype ?? '', 12), formatBytes(size)].filter((part) => part !== '').join(' ')}`),
    prompt: 'Number of the volume for the report; Enter leaves it',
    answer: (line) => {
      if (line === '') return [leave];
      const volume = /^\d{1,3}$/.test(line) ? places[Number(line) - 1] : undefined;
      return volume === undefined ? 'that is not one of the numbers' : [{ type: 'save', volume, report: reportOf(state) }];
    },
  };
};

export const problem: ScreenRow = {
  id,
  title: 'Problem',
  when: (state) => state.run?.done?.ok === false,
  done: () => false,
  keys,
  help: [
    'What happened, to which disk, and whether anything was written to it. A disk that is half-written carries a mark and does not boot into something that looks installed.',
  ],
  inFull: (state, columns) => {
    const { run } = state;
    if (run === null || run.done === null) return [];
    const plain = (text: string): readonly TextLine[] => wrapText(text, columns).map((line) => ({ text: line, role: 'plain' }));
    return [...plain(cleanText(run.done.text, 2000)), ...fieldLines(failureRows(state, run, run.done), columns), ...hitTexts(run).flatMap(plain)];
  },
  view: View,
  ask: (state) => {
    const { run } = state;
    if (run === null || run.done === null) return null;
    if (state.overlay === 'save') return askForVolume(state);
    const { done } = run;
    return {
      lines: [
        headline(run),
        cleanText(done.text, 1000),
        `Target: ${cleanText(run.plan.targetText, 200)}`,
        `Its state: ${diskText(run)}`,
        `Exit code ${done.exitCode}: ${exitCodeMeaning[done.exitCode]}`,
        ...(run.audit === null ? [] : [`Audit: ${auditText(state)}`]),
        ...plainProblems(run.problems),
        ...choicesOf(state).map(({ word, text }) => `${word}: ${text}`),
      ],
      prompt: 'retry, change, log, save, shell, poweroff, reboot or quit',
      answer: (line) => {
        const exitCode = exitCodeOf(state);
        if (line === 'poweroff' || line === 'reboot') return [{ type: 'end', ending: { exitCode, finish: line } }];
        const choice = choicesOf(state).find(({ word }) => word === line || (line === 'r' && word === 'retry') || (line === 'c' && word === 'change'));
        return choice === undefined ? 'type one of the words' : [choice.action];
      },
    };
  },
};
