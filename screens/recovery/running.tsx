/** An action under way, and what came of it. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { chosenAction, isActionStalled } from '../../src/app/recovery/state.ts';
import type { ActionRunState } from '../../src/app/recovery/state.ts';
import type { RecoveryScreenRow, RecoveryViewProps } from '../../src/app/recovery/screen.ts';
import { cleanText } from '../../src/model/foreign-text.ts';
import { formatProblem } from '../../src/model/problem.ts';
import { progressBar } from '../../src/ui/bar.ts';
import { formatDuration } from '../../src/ui/format.ts';
import { Line } from '../../src/ui/text.tsx';
import { Gap } from '../parts.tsx';
import { rowsOf, TextRows } from './parts.tsx';

const stepText = (run: ActionRunState, index: number): string => `${index + 1 < run.steps.length || run.done?.ok === true ? '[x]' : '[ ]'} ${run.steps[index] ?? ''}`;

const logRows = (run: ActionRunState, columns: number, rows: number) =>
  run.log.slice(-Math.max(0, rows)).map(({ level, text }) => ({ text: text.slice(0, columns), role: level === 'error' ? ('danger' as const) : level === 'warn' ? ('warning' as const) : ('muted' as const) }));

const RunningView = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  const { run } = state;
  if (run === null) return null;
  const steps = run.steps.map((_, index) => stepText(run, index));
  const elapsed = formatDuration(state.now - run.startedAt);
  return (
    <Box flexDirection="column">
      <Line role="title">{`${chosenAction(state)?.title ?? run.action}${run.aborting ? ': stopping ...' : ''}`}</Line>
      <Line role={isActionStalled(state) ? 'warning' : 'muted'}>{`${elapsed} elapsed${isActionStalled(state) ? ', no sign of life for a while' : ''}; step ${run.steps.length} of ${Math.max(run.of, run.steps.length)}`}</Line>
      {run.fraction !== null && <Line>{progressBar(run.fraction, Math.min(60, columns))}</Line>}
      <Gap />
      <TextRows lines={rowsOf(steps, 'plain', columns)} rows={Math.min(steps.length, 10)} />
      <Gap />
      <TextRows lines={logRows(run, columns, Math.max(0, rows - Math.min(steps.length, 10) - 6))} rows={rows} />
    </Box>
  );
};

export const running: RecoveryScreenRow = {
  id: 'running',
  title: 'Running',
  keys: () => [{ key: 'abort', label: 'stop', help: 'stop the action (asks first)', action: { type: 'overlay', overlay: 'abort' } }],
  help: ['The action runs. Stopping one that writes leaves the node to be mended by repeating it; the last lines say what came of it.'],
  view: RunningView,
  ask: () => null,
};

/** A QR code among the words of a result: it must not be wrapped. */
const isPicture = (line: string): boolean => /[█▀▄]{4}/.test(line);

const ResultView = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  const { run } = state;
  if (run === null || run.done === null) return null;
  const { done } = run;
  const text = done.text.split('\n').flatMap((line) => (isPicture(line) ? [{ text: line, role: 'plain' as const }] : rowsOf([cleanText(line, 1000)], done.ok ? ('good' as const) : ('danger' as const), columns)));
  const problems = run.problems.flatMap((problem) => rowsOf([`${problem.severity}: ${cleanText(formatProblem(problem), 500)}`], problem.severity === 'error' ? 'danger' : 'warning', columns));
  return (
    <Box flexDirection="column">
      <Line role="title">{`${chosenAction(state)?.title ?? run.action}: ${done.ok ? 'done' : done.result} in ${formatDuration((run.endedAt ?? state.now) - run.startedAt)}`}</Line>
      <Gap />
      <TextRows lines={[...text, ...problems, ...(done.ok ? [] : logRows(run, columns, 8))]} rows={Math.max(1, rows - 4)} />
      <Gap />
      <Line role="muted">{state.looking ? 'Looking at the node again ...' : 'Enter shows the node as it is now.'}</Line>
    </Box>
  );
};

export const result: RecoveryScreenRow = {
  id: 'result',
  title: 'Result',
  keys: () => [{ key: 'accept', label: 'the node', help: 'the node as it is now', action: { type: 'go', screen: 'status' } }],
  help: ['What came of the action. The node was looked at again afterwards: Enter shows it.'],
  view: ResultView,
  ask: (state) => {
    const { run } = state;
    if (run === null || run.done === null) return null;
    return {
      lines: [run.done.text, ...run.problems.map((problem) => `${problem.severity}: ${cleanText(formatProblem(problem), 500)}`)],
      prompt: 'Enter shows the node as it is now',
      answer: () => [{ type: 'go', screen: 'status' }],
    };
  },
};
