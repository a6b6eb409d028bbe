/** The screens of the recovery menu, and the menu with them. */
import { runRecoveryConsole } from '../../src/app/recovery-console.tsx';
import type { RecoveryConsoleOptions, RecoveryConsoleResult } from '../../src/app/recovery-console.tsx';
import type { RecoveryScreens } from '../../src/app/recovery/screen.ts';
import { actions } from './actions.tsx';
import { ask } from './ask.tsx';
import { makeRecoveryOverlays } from './overlays.tsx';
import { result, running } from './running.tsx';
import { status } from './status.tsx';

export const recoveryScreens: RecoveryScreens = { rows: [status, actions, ask, running, result], overlays: makeRecoveryOverlays(() => recoveryScreens) };

/** The recovery menu with these screens. */
export const startRecoveryConsole = (options: Omit<RecoveryConsoleOptions, 'screens'>): Promise<RecoveryConsoleResult> => runRecoveryConsole({ ...options, screens: recoveryScreens });
