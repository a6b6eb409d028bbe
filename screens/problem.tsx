/** The end, when something went wrong: what, whether the disk was touched, and what can be done now. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import type { ConsoleState, Run } from '../src/app/state.ts';
import { exitCodeMeaning, exitCodes } from '../src/model/exit-code.ts';
import type { ExitCode } from '../src/model/exit-code.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { plural } from '../src/ui/format.ts';
import { Line } from '../src/ui/text.tsx';
import { auditText } from './done.tsx';
import { LogRow, phaseWords } from './installing.tsx';
import { Field, Gap, plainProblems, Problems, wrapText } from './parts.tsx';

const headline = (run: Run): string => {
  if (run.done?.result === 'interrupted') return 'Stopped.';
  return (run.audit?.hits.length ?? 0) > 0 ? 'Install-only material was found on the target.' : 'The install failed.';
};

const diskText = ({ done }: Run): string => (done?.diskTouched === true ? 'WAS WRITTEN TO; it holds no finished system' : 'was not touched');

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const { run } = state;
  if (run === null || run.done === null) return null;
  const { done } = run;
  const phase = run.phases.at(-1)?.phase;
  const text = wrapText(cleanText(done.text, 600), columns).slice(0, 3);
  const hits = run.audit?.hits ?? [];
  const logRows = Math.max(0, rows - 15 - text.length - (hits.length > 0 ? 2 : 0));
  return (
    <Box flexDirection="column">
      <Line role="danger">{headline(run)}</Line>
      <Gap />
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
      <Gap />
      <Problems problems={run.problems} columns={columns} rows={4} />
      {run.log.slice(run.log.length - Math.min(logRows, run.log.length)).map((line, index) => (
        <LogRow key={index} line={line} />
      ))}
      <Line role="title">Every answer is kept. The keys below say what can be done now.</Line>
    </Box>
  );
};

const exitCodeOf = (state: ConsoleState): ExitCode => state.run?.done?.exitCode ?? exitCodes.bug;

export const problem: ScreenRow = {
  id: 'problem',
  title: 'Problem',
  when: (state) => state.run?.done?.ok === false,
  done: () => false,
  keys: (state) => [
    { key: 'retry', label: 'try again', help: 'look at the machine again and go back to the review', action: { type: 'retry', to: 'review' } },
    { key: 'change', label: 'change answers', help: 'go back to the first screen; every answer is kept', action: { type: 'retry', to: 'welcome' } },
    ...(state.canSave
      ? [{ key: 'save', label: 'write report', help: 'write a report without secrets to a volume', action: { type: 'overlay', overlay: 'save' } } as const]
      : []),
    { key: 'shell', label: 'shell', help: 'leave the console for a shell', action: { type: 'end', ending: { exitCode: exitCodeOf(state), finish: 'shell' } } },
    { key: 'powerOff', label: 'power off', help: 'end here and switch the machine off', action: { type: 'end', ending: { exitCode: exitCodeOf(state), finish: 'poweroff' } } },
  ],
  help: [
    'What happened, to which disk, and whether anything was written to it. A disk that is half-written carries a mark and does not boot into something that looks installed.',
  ],
  view: View,
  ask: (state) => {
    const { run } = state;
    if (run === null || run.done === null) return null;
    const { done, exitCode } = { done: run.done, exitCode: run.done.exitCode };
    return {
      lines: [
        headline(run),
        cleanText(done.text, 1000),
        `Target: ${cleanText(run.plan.targetText, 200)}`,
        `Its state: ${diskText(run)}`,
        `Exit code ${exitCode}: ${exitCodeMeaning[exitCode]}`,
        ...(run.audit === null ? [] : [`Audit: ${auditText(state)}`]),
        ...plainProblems(run.problems),
      ],
      prompt: 'retry, change (answers), log, shell, poweroff or quit',
      answer: (line) => {
        if (line === 'retry' || line === 'r') return [{ type: 'retry', to: 'review' }];
        if (line === 'shell') return [{ type: 'end', ending: { exitCode, finish: 'shell' } }];
        if (line === 'poweroff') return [{ type: 'end', ending: { exitCode, finish: 'poweroff' } }];
        if (line === 'change' || line === 'c') return [{ type: 'retry', to: 'welcome' }];
        return 'type retry, change, log, shell, poweroff or quit';
      },
    };
  },
};
