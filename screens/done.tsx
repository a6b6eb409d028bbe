/** The end, when all went well: what was proven, where the receipt is, what happens next. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import type { ConsoleState, FinishAction, Run } from '../src/app/state.ts';
import { finishCountdown } from '../src/app/console/countdown.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatBytes, formatDuration, plural } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import { markedAt, rowKeys } from './marks.ts';
import { cutFields, fieldLines, Fields, Gap, linesOfProblems, List, plainChoice, plainProblems, plainRows, TextLines, wrapRow, wrapText } from './parts.tsx';
import type { FieldRow } from './parts.tsx';

const allFinishes: readonly { readonly id: FinishAction; readonly text: string }[] = [
  { id: 'reboot', text: 'reboot into the installed system' },
  { id: 'poweroff', text: 'power off' },
  { id: 'shell', text: 'a shell on this live system' },
  { id: 'none', text: 'leave the console, do nothing' },
];

/** Nothing is rebooted for the sake of an image file, nor is a machine that is no live system switched off for it, unless that was asked for. */
const finishesOf = (state: ConsoleState): typeof allFinishes => {
  const { run, input } = state;
  if (run?.plan.target.kind !== 'image') return allFinishes;
  const live = input?.facts.boot.state === 'live';
  return allFinishes
    .filter(({ id }) => id !== 'reboot' && (id !== 'poweroff' || live || run.plan.finish === 'poweroff'))
    .map((finish) => (finish.id === 'shell' && !live ? { ...finish, text: 'a shell' } : finish));
};

const highlightOf = (state: ConsoleState): number =>
  Math.max(0, markedAt(state, 'finish', finishesOf(state).map(({ id }) => id), finishesOf(state).findIndex(({ id }) => id === (state.run?.plan.finish ?? 'none'))));

const keys = (state: ConsoleState): Keys => [
  { key: 'code', label: 'QR code', help: 'unit, result, plan and receipt as a QR code', action: { type: 'overlay', overlay: 'code' } },
  ...rowKeys('finish', finishesOf(state).map(({ id }) => id), highlightOf(state), allFinishes.length),
  {
    key: 'accept',
    label: 'do it',
    help: 'do the highlighted thing and end',
    action: {
      type: 'end',
      ending: { exitCode: state.run?.done?.exitCode ?? 0, finish: finishesOf(state)[highlightOf(state)]?.id ?? 'none' },
    },
  },
];

/** The audit in plain words. */
export const auditText = (state: ConsoleState): string => {
  const audit = state.run?.audit ?? null;
  if (audit === null) return 'none was made; nothing is claimed';
  if (audit.mode === 'off') return 'switched off; nothing is claimed';
  const searched = `${formatBytes(audit.bytesRead)} read back, ${plural(audit.patterns, 'pattern')} searched for`;
  const blind = audit.notSearchable.length === 0 ? '' : `, ${audit.notSearchable.length} not searchable`;
  return `${audit.hits.length === 0 ? 'nothing found' : `${plural(audit.hits.length, 'place')} FOUND`}: ${searched}${blind}`;
};

const resultRows = (state: ConsoleState, run: Run, done: NonNullable<Run['done']>, columns: number): readonly FieldRow[] => [
  ...wrapRow('Result', cleanText(done.text, 300), columns, 2),
  ...wrapRow('Target', cleanText(run.plan.targetText, 200), columns, 2),
  ['Time', formatDuration((run.endedAt ?? state.now) - run.startedAt)],
  ['Removed', run.scrubbed === null ? 'nothing was to be removed' : plural(run.scrubbed.length, 'install-only part')],
  ...wrapRow('Audit', auditText(state), columns, 2),
  ...(run.receipts.length === 0 ? ['none'] : run.receipts).map((receipt, index) => [index === 0 ? 'Receipt' : '', cleanText(receipt, 200)] as const),
];

const headline = (done: NonNullable<Run['done']>): string => (done.already === true ? 'It was installed already; nothing was written.' : 'Installed.');

/** What a person has to do by hand; empty where no medium is in the way of the installed system. */
const mediumText = (state: ConsoleState): string => {
  const medium = state.input?.facts.boot.liveMedium ?? null;
  return medium === null || state.run?.plan.target.kind !== 'device' ? '' : `Remove the installer medium (${cleanText(medium, 40)}) when the machine goes down: it may start from it again.`;
};

const whatNext = 'What next? Nothing happens before it is chosen.';

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const { run } = state;
  if (run === null || run.done === null) return null;
  const result = resultRows(state, run, run.done, columns);
  const problems = linesOfProblems(run.problems, columns);
  const finishes = finishesOf(state);
  const medium = mediumText(state) === '' ? [] : wrapText(mediumText(state), columns).map((text) => ({ text, role: 'warning' as const }));
  const countdown = finishCountdown(state);
  const [, problemRoom = 0, resultRoom = 0, gaps = 0] = shareRows(rows, [
    [2 + medium.length + finishes.length + (countdown === null ? 0 : 1), 2 + medium.length + finishes.length + (countdown === null ? 0 : 1)],
    [Math.min(2, problems.length), problems.length],
    [Math.min(6, result.length), result.length],
    [0, 2],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="good">{headline(run.done)}</Line>
      {gaps > 1 && <Gap />}
      <Fields rows={cutFields(result, resultRoom)} />
      <TextLines lines={problems} rows={problemRoom} />
      {gaps > 0 && <Gap />}
      <TextLines lines={medium} rows={medium.length} />
      {countdown !== null && <Line role="danger">{countdown}</Line>}
      <Line role="title">{state.countdownEnds === null ? whatNext : 'What next?'}</Line>
      <List items={finishes.map(({ id, text }) => ({ key: id, text }))} highlighted={highlightOf(state)} columns={Math.min(columns, 44)} rows={finishes.length} />
    </Box>
  );
};

export const done: ScreenRow = {
  id: 'done',
  title: 'Done',
  when: (state) => state.run?.done?.ok === true,
  done: () => false,
  keys,
  help: ['The system is on the disk and was checked. The audit read the target back and searched it for everything that was for the install only.'],
  inFull: (state, columns) => {
    const { run } = state;
    return run === null || run.done === null ? [] : fieldLines(resultRows(state, run, run.done, 10_000), columns);
  },
  view: View,
  ask: (state) => {
    const { run } = state;
    if (run === null || run.done === null) return null;
    const { exitCode } = run.done;
    const { lines, pick } = plainChoice(
      finishesOf(state).map(({ text }) => text),
      highlightOf(state),
    );
    return {
      lines: [headline(run.done), ...plainRows(resultRows(state, run, run.done, 10_000)), ...plainProblems(run.problems), ...[mediumText(state)].filter((text) => text !== ''), whatNext, ...lines],
      prompt: 'Number; Enter takes the one with the star',
      answer: (line) => {
        const finish = finishesOf(state)[pick(line) ?? -1]?.id;
        return finish === undefined ? 'that is not one of the numbers' : [{ type: 'end', ending: { exitCode, finish } }];
      },
    };
  },
};
