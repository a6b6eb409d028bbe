/** The node at a glance: what runs and why, what is whole and what is not. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { RecoveryScreenRow, RecoveryViewProps } from '../../src/app/recovery/screen.ts';
import type { RecoveryState } from '../../src/app/recovery/state.ts';
import { formatProblem } from '../../src/model/problem.ts';
import { cleanText } from '../../src/model/foreign-text.ts';
import { logTitle, problemLinesOf, statusLines } from '../../src/recovery/describe.ts';
import { Line } from '../../src/ui/text.tsx';
import { Gap, List, plainChoice } from '../parts.tsx';
import { fit } from '../../src/ui/text.tsx';
import { wrapText } from '../parts.tsx';
import { noNodeText, statusBehaviour } from './status-first.ts';
import { menuKeys, rowsOf, TextRows } from './parts.tsx';
import type { TextRow } from './parts.tsx';

const labelWidth = 15;

const statusRows = (state: RecoveryState, columns: number): readonly TextRow[] => {
  const status = state.looked?.status;
  if (status === undefined) return [];
  const rows = statusLines(status).flatMap(([label, text]): TextRow[] => {
    const role = /DAMAGED|MISSING/.test(text) ? 'danger' : 'plain';
    return wrapText(text.trimEnd(), columns - labelWidth).slice(0, 2).map((line, index) => ({ text: fit(index === 0 ? label : '', labelWidth) + line, role }));
  });
  const problems = status.problems.flatMap((problem, index) => rowsOf([problemLinesOf(status)[index] ?? ''], problem.severity === 'error' ? 'danger' : problem.severity === 'warning' ? 'warning' : 'muted', columns));
  return [...problems, ...rows, ...(status.log.length === 0 ? [] : rowsOf([logTitle(status), ...status.log.slice(-4).map((line) => `log: ${line}`)], 'muted', columns))];
};

const page = (rows: number): number => Math.max(1, rows - 1);

const candidateOf = (state: RecoveryState): number => Math.max(0, Math.min(state.highlights['candidate'] ?? 0, state.candidates.length - 1));

/** No node, and not one to be chosen either: what is left is the machine itself. */
const offersMachine = (state: RecoveryState): boolean => state.looked === null && state.machine !== null && state.candidates.length === 0;

const machineText = 'Enter shows what can be done without a node: network, logs, a shell, power.';

const View = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  if (state.looked === null) {
    return (
      <Box flexDirection="column">
        <Line role="title">{noNodeText(state)}</Line>
        <Gap />
        {state.candidates.length > 0 ? (
          <>
            <Line>More than one disk holds an installed system. Which one?</Line>
            <Gap />
            <List items={state.candidates.map(({ path, text }) => ({ key: path, text: cleanText(text, 200) }))} highlighted={candidateOf(state)} columns={columns} rows={Math.max(1, rows - 4)} />
          </>
        ) : (
          <TextRows lines={[...(state.problem === null ? [] : rowsOf([cleanText(formatProblem(state.problem), 1000)], 'danger', columns)), ...(offersMachine(state) ? rowsOf(['', machineText], 'plain', columns) : [])]} rows={Math.max(1, rows - 2)} />
        )}
      </Box>
    );
  }
  const lines = statusRows(state, columns);
  const start = Math.min(state.highlights['status'] ?? 0, Math.max(0, lines.length - page(rows)));
  return (
    <Box flexDirection="column">
      <Line role="title">{state.looking ? 'Looking again ...' : lines.length > rows ? `This node (lines ${start + 1} to ${Math.min(lines.length, start + page(rows))} of ${lines.length})` : 'This node'}</Line>
      {lines.slice(start, start + page(rows)).map(({ text, role }, index) => (
        <Line key={start + index} role={role}>
          {text}
        </Line>
      ))}
    </Box>
  );
};

export const status: RecoveryScreenRow = {
  ...statusBehaviour,
  keys: (state, room) => {
    const at = state.highlights['status'] ?? 0;
    const last = Math.max(0, statusRows(state, room.columns).length - page(room.rows));
    const to = (index: number) => ({ type: 'highlight', list: 'status', index: Math.max(0, Math.min(last, index)) }) as const;
    return [
      ...(state.looked !== null || state.looking || state.candidates.length === 0
        ? []
        : [{ key: 'accept', label: 'this one', help: 'look at the highlighted disk', action: { type: 'pick', device: state.candidates[candidateOf(state)]?.path ?? '' } } as const, ...menuKeys('candidate', candidateOf(state), state.candidates.length, room.rows - 4)]),
      ...(state.looked === null && !offersMachine(state) ? [] : [{ key: 'accept', label: 'actions', help: state.looked === null ? 'what can be done without a node' : 'what can be done with it', action: { type: 'go', screen: 'actions' } } as const]),
      ...statusBehaviour.keys(state, room),
      ...(last === 0
        ? []
        : ([
            { key: 'up', label: 'scroll', help: 'one line up', action: to(at - 1) },
            { key: 'down', label: '', help: 'one line down', action: to(at + 1) },
            { key: 'pageUp', label: '', help: 'one page up', action: to(at - page(room.rows)) },
            { key: 'pageDown', label: '', help: 'one page down', action: to(at + page(room.rows)) },
          ] as const)),
    ];
  },
  help: ['What is known of the node: what runs and why, which systems and partitions are whole, what the next boot starts. Nothing was changed so far.'],
  view: View,
  ask: (state) => {
    if (state.looking) return null;
    if (state.looked === null && state.candidates.length > 0) {
      const { lines, pick } = plainChoice(state.candidates.map(({ text }) => text), -1);
      return {
        lines: ['More than one disk holds an installed system.', ...lines],
        prompt: 'Number of the disk',
        answer: (line) => {
          const disk = state.candidates[pick(line) ?? -1];
          return disk === undefined ? 'that is not one of the numbers' : [{ type: 'pick', device: disk.path }];
        },
      };
    }
    if (state.looked === null) {
      return {
        lines: state.problem === null ? [] : [cleanText(formatProblem(state.problem), 1000)],
        prompt: offersMachine(state) ? 'Enter shows what can be done without a node, r looks again, quit leaves' : 'r looks again, quit leaves',
        answer: (line) => (line === 'r' ? [{ type: 'look' }] : line === '' && offersMachine(state) ? [{ type: 'go', screen: 'actions' }] : 'type r or quit'),
      };
    }
    const { status: known } = state.looked;
    let label = '';
    const lines = statusLines(known).map(([name, text]) => {
      label = name === '' ? label : name;
      return `${label}: ${text.replaceAll(/\s+/g, ' ')}`;
    });
    return { lines: [...lines, ...problemLinesOf(known), ...(known.log.length === 0 ? [] : [logTitle(known), ...known.log.slice(-4)])], prompt: 'Enter shows the actions, r looks again', answer: (line) => (line === '' ? [{ type: 'go', screen: 'actions' }] : line === 'r' ? [{ type: 'look' }] : 'press Enter, or type r') };
  },
};
