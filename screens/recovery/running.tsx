/** An action under way, and what came of it. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { chosenAction, isActionStalled } from '../../src/app/recovery/state.ts';
import type { ActionRunState } from '../../src/app/recovery/state.ts';
import type { RecoveryScreenRow, RecoveryViewProps } from '../../src/app/recovery/screen.ts';
import { cleanText } from '../../src/model/foreign-text.ts';
import { formatProblem } from '../../src/model/problem.ts';
import { progressBar } from '../../src/ui/bar.ts';
import { formatDuration, plural } from '../../src/ui/format.ts';
import { Line } from '../../src/ui/text.tsx';
import { Gap } from '../parts.tsx';
import { rowsOf, TextRows } from './parts.tsx';
import type { TextRow } from './parts.tsx';

const stepText = (run: ActionRunState, index: number): string => `${index + 1 < run.steps.length || run.done?.ok === true ? '[x]' : '[ ]'} ${run.steps[index] ?? ''}`;

/** The last lines of the log. */
const logRows = (run: ActionRunState, rows: number): readonly TextRow[] =>
  run.log.slice(run.log.length - Math.min(run.log.length, rows)).map(({ level, text }) => ({ text, role: level === 'error' ? ('danger' as const) : level === 'warn' ? ('warning' as const) : ('muted' as const) }));

/** What it is at now is the last: what does not fit in front of that is counted. */
const lastRows = (lines: readonly TextRow[], rows: number): readonly TextRow[] => {
  if (lines.length <= rows) return lines;
  const shown = Math.max(1, rows - 1);
  return [...(rows > 1 ? [{ text: `(${plural(lines.length - shown, 'line')} before)`, role: 'muted' as const }] : []), ...lines.slice(-shown)];
};

const RunningView = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  const { run } = state;
  if (run === null) return null;
  const room = Math.max(1, rows - (run.fraction === null ? 4 : 5));
  const steps = lastRows(rowsOf(run.steps.map((_, index) => stepText(run, index)), 'plain', columns), Math.ceil(room / 2));
  const elapsed = formatDuration(state.now - run.startedAt);
  return (
    <Box flexDirection="column">
      <Line role="title">{`${chosenAction(state)?.title ?? run.action}${run.aborting ? ': stopping ...' : ''}`}</Line>
      <Line role={isActionStalled(state) ? 'warning' : 'muted'}>{`${elapsed} elapsed${isActionStalled(state) ? ', no sign of life for a while' : ''}; step ${run.steps.length} of ${Math.max(run.of, run.steps.length)}`}</Line>
      {run.fraction !== null && <Line>{progressBar(run.fraction, Math.min(60, columns))}</Line>}
      <Gap />
      <TextRows lines={steps} rows={steps.length} />
      <Gap />
      <TextRows lines={logRows(run, room - steps.length)} rows={room - steps.length} />
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
      <TextRows lines={[...text, ...problems, ...(done.ok ? [] : logRows(run, 8))]} rows={Math.max(1, rows - 4)} />
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
