/** The end, when something went wrong: what, whether the disk was touched, and what can be done now. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, PlainQuestion, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import type { Action, ConsoleState, Run } from '../src/app/state.ts';
import { exitCodeMeaning, exitCodes } from '../src/model/exit-code.ts';
import type { ExitCode } from '../src/model/exit-code.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatBytes, plural } from '../src/ui/format.ts';
import { shownKey } from '../src/ui/keys.ts';
import type { KeyName } from '../src/ui/keys.ts';
import { Line } from '../src/ui/text.tsx';
import { auditText } from './done.tsx';
import { LogRow, phaseWords } from './installing.tsx';
import { markedAt, rowKeys } from './marks.ts';
import { Field, Gap, List, plainProblems, problemLines, Problems, wrapText } from './parts.tsx';
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

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const { run } = state;
  if (run === null || run.done === null) return null;
  const { done } = run;
  const phase = run.phases.at(-1)?.phase;
  const choices = choicesOf(state);
  const hits = run.audit?.hits ?? [];
  const whole = wrapText(cleanText(done.text, 600), columns);
  const text = whole.length > 3 ? [...whole.slice(0, 2), whole.slice(2).join(' ')] : whole;
  // Headline, its text, four fields, the question and its answers; the audit where there was one.
  const fixed = 6 + text.length + choices.length + (run.audit === null ? 0 : 1) + (hits.length > 0 ? 1 : 0);
  // What the result says already is not said twice.
  const problems = run.problems.filter(({ what, where }) => !(done.text.includes(what) && done.text.includes(where)));
  const wanted = problems.reduce((sum, item) => sum + problemLines(item, columns).length, 0);
  const problemRows = Math.min(wanted, Math.max(1, rows - fixed));
  const logRows = Math.max(0, rows - fixed - problemRows - 1);
  return (
    <Box flexDirection="column">
      <Line role="danger">{headline(run)}</Line>
      {text.map((line, index) => (
        <Line key={index}>{line}</Line>
      ))}
      <Field label="In phase">{phase === undefined ? 'before the first' : phaseWords[phase]}</Field>
      <Field label="Target">{cleanText(run.plan.targetText, 200)}</Field>
      <Field label="Its state" role={done.diskTouched ? 'danger' : 'good'}>
        {diskText(run)}
      </Field>
      <Field label="Exit code">{`${done.exitCode}: ${exitCodeMeaning[done.exitCode]}`}</Field>
      {run.audit !== null && <Field label="Audit">{auditText(state)}</Field>}
      {hits.slice(0, 1).map((hit) => (
        <Field key={hit.offset} label="">{`${cleanText(hit.place, 30)} at ${hit.offset} (${hit.encoding}): ${cleanText(hit.from, 100)}${hits.length > 1 ? `, and ${plural(hits.length - 1, 'more place')}` : ''}`}</Field>
      ))}
      <Problems problems={problems} columns={columns} rows={problemRows} />
      {logRows > 0 && run.log.slice(-logRows).map((line, index) => <LogRow key={index} line={line} />)}
      {rows > fixed + problemRows && <Gap />}
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
