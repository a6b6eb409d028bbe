/** Opens the recovery menu: `slipway recovery` at a terminal, and `slipway` on a node that was started from its own disk. */
import { firstRecoveryFrame } from '../../screens/first-frame.ts';
import type { RecoveryConsoleResult } from '../app/recovery-console.tsx';
import type { MenuOpened } from '../app/recovery/state.ts';
import type { NodeWish } from '../recovery/find-node.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import type { Output } from '../system/output.ts';
import { openOnFrame } from './first-frame.ts';
import type { Globals, ParsedCommandLine } from './parse.ts';

/** Opens the menu and waits for its end; the terminal is given back before this returns. */
export const openRecoveryMenu = async (globals: Globals, system: System, output: Output, wish: NodeWish, from: MenuOpened = {}): Promise<RecoveryConsoleResult> => {
  const opened: MenuOpened = { simulated: globals.machine !== undefined, ...from };
  const terminal = openOnFrame(globals, (size) => firstRecoveryFrame(version, size, opened));
  try {
    const { startRecoveryConsole } = await import('../../screens/recovery/index.ts');
    const { createRecoveryEffects } = await import('../app/recovery/effects.ts');
    const result = await startRecoveryConsole({ effects: createRecoveryEffects(system, wish), terminal, version, opened });
    for (const line of result.lastLines) output.print(line);
    return result;
  } finally {
    terminal.opened?.restore();
  }
};

/** Returns the exit code; 0 when the person wants a shell, which whoever started this gives. */
export const startRecoveryMenu = async (parsed: ParsedCommandLine, system: System, output: Output, wish: NodeWish): Promise<number> => (await openRecoveryMenu(parsed.globals, system, output, wish)).exitCode;
