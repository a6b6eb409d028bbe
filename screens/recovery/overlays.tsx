/** Help, and the questions before leaving and before stopping. */
import { Box } from 'ink';
import { recoveryFocus, recoveryKeys, recoveryRow } from '../../src/app/recovery/screen.ts';
import type { RecoveryDrawn, RecoveryKeys, RecoveryScreens } from '../../src/app/recovery/screen.ts';
import type { RecoveryOverlay, RecoveryState } from '../../src/app/recovery/state.ts';
import { helpLines } from '../../src/ui/bindings.ts';
import { fit } from '../../src/ui/text.tsx';
import { Gap } from '../parts.tsx';
import { rowsOf, TextRows } from './parts.tsx';

const close: RecoveryKeys = [
  { key: 'back', label: 'close', action: { type: 'overlay', overlay: null } },
  { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
  { key: 'redraw', label: '', action: { type: 'redraw' } },
];

const question = (title: string, linesOf: (state: RecoveryState) => readonly string[], yes: RecoveryKeys[number]): RecoveryDrawn => ({
  title,
  keys: () => [yes, { key: 'no', label: 'no, go on', action: { type: 'overlay', overlay: null } }, { key: 'redraw', label: '', action: { type: 'redraw' } }],
  view: ({ state, columns, rows }) => {
    const lines = linesOf(state);
    return (
      <Box flexDirection="column">
        <Gap />
        <TextRows lines={[...rowsOf(lines.slice(0, 1), 'title', columns), ...rowsOf(lines.slice(1), 'plain', columns)]} rows={rows - 1} />
      </Box>
    );
  },
});

export const makeRecoveryOverlays = (screens: () => RecoveryScreens): Readonly<Record<RecoveryOverlay, RecoveryDrawn>> => ({
  help: {
    title: 'Help',
    keys: () => close,
    view: ({ state, columns, rows }) => {
      const under: RecoveryState = { ...state, overlay: null };
      const keys = helpLines(recoveryKeys(screens(), under, { columns, rows }), recoveryFocus(screens(), under, { columns, rows }) !== null);
      return (
        <Box flexDirection="column">
          <TextRows
            lines={[
              ...rowsOf(recoveryRow(screens(), under).help, 'plain', columns),
              { text: '', role: 'plain' },
              ...keys.map(({ key, label }) => ({ text: `  ${fit(key, 14)} ${label}`, role: 'plain' as const })),
              { text: '', role: 'plain' },
              ...rowsOf(['Without the menu: slipway recovery ACTION --yes --json'], 'muted', columns),
            ]}
            rows={rows}
          />
        </Box>
      );
    },
  },
  quit: question(
    'Leave?',
    (state) => ['Leave the recovery menu?', `Nothing is under way. What was done stays done.${state.fromInstaller ? ' The installer goes on as it was left.' : ''}`, '', 'y leaves, n or Esc goes on.'],
    { key: 'yes', label: 'leave', action: { type: 'leave' } },
  ),
  abort: question(
    'Stop?',
    () => ['Stop the action?', 'Everything that it opened is closed. What was written to already stays as it is; repeating the action mends it. An interrupted reset leads the next boot into recovery.', '', 'y stops it, n or Esc lets it go on.'],
    { key: 'yes', label: 'stop', action: { type: 'abort' } },
  ),
});
