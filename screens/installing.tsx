/** The install as it goes: phases, progress from real bytes, time, and the last lines of the log. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { isRunning, isStalled } from '../src/app/state.ts';
import type { ConsoleState, LogLine, PhaseState, Run } from '../src/app/state.ts';
import { phases } from '../src/model/events.ts';
import type { Phase } from '../src/model/events.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { progressBar } from '../src/ui/bar.ts';
import { formatBytes, formatDuration, formatPercent } from '../src/ui/format.ts';
import { fit, Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { Gap } from './parts.tsx';

/** In the words of the person at the screen. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  probe: 'Look at the machine',
  sources: 'Read the configuration',
  plan: 'Make the plan',
  confirm: 'Compare the target',
  engine: 'Lay down the system',
  scrub: 'Remove install-only material',
  close: 'Keep it from coming back',
  audit: 'Prove that it is gone',
  receipt: 'Write the receipt',
  finish: 'Finish',
};

/** From the first write on; what came before was done on the screens. */
const shownPhases = phases.slice(phases.indexOf('engine'));

/** A phase that came without being in the list is shown as well. */
const rowsOf = (run: Run): readonly { readonly phase: Phase; readonly state: PhaseState | undefined }[] => {
  const early = run.phases.filter(({ phase }) => !shownPhases.includes(phase)).slice(-1);
  return [...early.map(({ phase }) => phase), ...shownPhases].map((phase) => ({ phase, state: run.phases.findLast((item) => item.phase === phase) }));
};

/** The image's own mark where the terminal can show it. */
const doneMark = (state: ConsoleState): string => {
  const mark = state.input?.branding?.checkMark ?? null;
  return mark !== null && (state.unicode || /^[!-~]$/.test(mark)) ? mark : 'x';
};

const PhaseLine = ({ phase, state, now, done }: { readonly done: string; readonly phase: Phase; readonly state: PhaseState | undefined; readonly now: number }): ReactNode => {
  const mark = state === undefined ? '[ ]' : state.endedAt === null ? '[>]' : `[${done}]`;
  const role: Role = state === undefined ? 'muted' : state.endedAt === null ? 'title' : 'good';
  const time = state === undefined ? '' : formatDuration((state.endedAt ?? now) - state.startedAt);
  return <Line role={role}>{`${mark} ${fit(phaseWords[phase], 32)} ${time.padStart(7)}`}</Line>;
};

export const logRoles: Readonly<Record<LogLine['level'], Role>> = { debug: 'muted', info: 'plain', warn: 'warning', error: 'danger' };

export const LogRow = ({ line }: { readonly line: LogLine }): ReactNode => (
  <Line role={logRoles[line.level]}>{`${formatDuration(line.at).padStart(6)} ${line.text}`}</Line>
);

/** What is known of the amount: `1.2 GiB of 3.4 GiB, 80 MiB/s, 0:28 left, medium read at 20 MiB/s`. */
const amountText = (run: Run): string => {
  const parts = [run.total === null || run.bytes > run.total ? (run.bytes > 0 ? formatBytes(run.bytes) : '') : `${formatBytes(run.bytes)} of ${formatBytes(run.total)}`];
  if (run.bytesPerSecond !== null && run.bytesPerSecond > 0) {
    parts.push(`${formatBytes(run.bytesPerSecond)}/s`);
    if (run.total !== null && run.total > run.bytes) parts.push(`${formatDuration(((run.total - run.bytes) / run.bytesPerSecond) * 1000)} left`);
  }
  if (run.sourceBytesPerSecond !== null) parts.push(`medium read at ${formatBytes(run.sourceBytesPerSecond)}/s`);
  return parts.filter((part) => part !== '').join(', ');
};

const Progress = ({ state, run, columns }: { readonly state: ConsoleState; readonly run: Run; readonly columns: number }): ReactNode => {
  const elapsed = formatDuration(state.now - run.startedAt);
  const percent = run.fraction === null ? '' : ` ${formatPercent(run.fraction)}`;
  const width = Math.max(10, Math.min(60, columns - 24));
  const beat = Math.floor((state.now - run.startedAt) / 1000);
  return (
    <>
      <Line role="title">{run.step === '' ? ' ' : run.step}</Line>
      <Line>{`${progressBar(run.fraction, width, beat)}${percent.padEnd(5)}  elapsed ${elapsed}`}</Line>
      <Line role="muted">{amountText(run)}</Line>
    </>
  );
};

const Health = ({ state, run }: { readonly state: ConsoleState; readonly run: Run }): ReactNode => {
  const quiet = formatDuration(state.now - run.lastEventAt);
  if (run.aborting) return <Line role="danger">{`Stopping: the engine is told to end and to let go of the target (silent for ${quiet}).`}</Line>;
  if (isStalled(state)) return <Line role="warning">{`Stalled: no sign of life for ${quiet}. It may still go on; o shows the log, a aborts.`}</Line>;
  return <Gap />;
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const { run } = state;
  if (run === null) return null;
  const list = rowsOf(run);
  const logRows = Math.max(1, rows - list.length - 8);
  return (
    <Box flexDirection="column">
      <Line role="title">{`Installing to ${cleanText(run.plan.targetText, 200)}`}</Line>
      <Line role="muted">Do not switch the machine off.</Line>
      {list.map(({ phase, state: phaseState }) => (
        <PhaseLine key={phase} phase={phase} state={phaseState} now={state.now} done={doneMark(state)} />
      ))}
      <Gap />
      <Progress state={state} run={run} columns={columns} />
      <Health state={state} run={run} />
      {run.log.slice(-logRows).map((line, index) => (
        <LogRow key={index} line={line} />
      ))}
    </Box>
  );
};

export const installing: ScreenRow = {
  id: 'installing',
  title: 'Installing',
  when: isRunning,
  done: (state) => state.run?.done != null,
  keys: (state) => (state.run?.aborting === true ? [] : [{ key: 'abort', label: 'abort', help: 'stop the install (asks first)', action: { type: 'overlay', overlay: 'abort' } }]),
  help: [
    'The phases of the install with the time each took. Progress is counted in bytes really written or read; where there is no measure, a mark moves.',
    'Abort stops the engine and says in which state the disk is.',
  ],
  view: View,
};
