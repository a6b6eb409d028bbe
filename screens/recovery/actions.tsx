/** What can be done, and what cannot, with the reason and the way there. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { menuOf } from '../../src/app/recovery/state.ts';
import type { RecoveryState } from '../../src/app/recovery/state.ts';
import type { RecoveryScreenRow, RecoveryViewProps } from '../../src/app/recovery/screen.ts';
import type { RecoveryAction } from '../../src/recovery/actions.ts';
import { lossLines } from '../../src/recovery/describe.ts';
import { Gap, List, plainChoice } from '../parts.tsx';
import { menuKeys, rowsOf, TextRows } from './parts.tsx';
import type { TextRow } from './parts.tsx';

/** Lines under the list. */
const detailRows = 6;

const highlightOf = (state: RecoveryState): number => Math.max(0, Math.min(state.highlights['actions'] ?? 0, menuOf(state).length - 1));

const details = (action: RecoveryAction, columns: number): readonly TextRow[] => {
  if (action.refusal !== null) return rowsOf([`Not here: ${action.refusal.reason}.`, `The way there: ${action.refusal.way}.`], 'warning', columns);
  const by = action.by === 'kairos-agent' ? ['kairos-agent does this.'] : [];
  if (action.kept.length === 0 && action.lost.length === 0) return rowsOf([...by, 'It changes nothing on the disk.'], 'muted', columns);
  return [...rowsOf(lossLines(action).filter((line) => line.startsWith('lost')), action.lost.length === 0 ? 'muted' : 'danger', columns), ...rowsOf([...lossLines(action).filter((line) => !line.startsWith('lost')), ...by], 'muted', columns)];
};

const View = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  const menu = menuOf(state);
  const action = menu[highlightOf(state)];
  return (
    <Box flexDirection="column">
      <List
        items={menu.map(({ id, title, refusal }) => ({ key: id, text: `${title}${refusal === null ? '' : '  (not here)'}`, role: refusal === null ? 'plain' : 'muted' }))}
        highlighted={highlightOf(state)}
        columns={columns}
        rows={Math.max(1, Math.min(menu.length, rows - detailRows - 1))}
      />
      <Gap />
      {action !== undefined && <TextRows lines={details(action, columns)} rows={detailRows} />}
    </Box>
  );
};

export const actions: RecoveryScreenRow = {
  id: 'actions',
  title: 'Actions',
  keys: (state, room) => {
    const menu = menuOf(state);
    const action = menu[highlightOf(state)];
    return [
      ...(action === undefined ? [] : [{ key: 'accept', label: action.refusal === null ? 'choose' : 'why not', help: 'choose the highlighted action; nothing is done before the next question', action: { type: 'choose', action: action.id } } as const]),
      ...menuKeys('actions', highlightOf(state), menu.length, Math.max(1, room.rows - detailRows - 1)),
      { key: 'rescan', label: 'look again', action: { type: 'look' } },
    ];
  },
  help: ['Every action with what it keeps and what it loses. One that cannot be done now says why, and what leads there. Nothing is done before it was confirmed.'],
  view: View,
  ask: (state) => {
    const menu = menuOf(state);
    const { lines, pick } = plainChoice(menu.map(({ title, refusal }) => `${title}${refusal === null ? '' : ` (not here: ${refusal.reason}; ${refusal.way})`}`), -1);
    return {
      lines,
      prompt: 'Number of the action, back shows the node',
      answer: (line) => {
        const action = menu[pick(line) ?? -1];
        return action === undefined ? 'that is not one of the numbers' : [{ type: 'choose', action: action.id }];
      },
    };
  },
};
