/** Opens the recovery menu: `slipway recovery` at a terminal, and `slipway` on a node that was started from its own disk. */
import { firstRecoveryFrame } from '../../screens/first-frame.ts';
import type { NodeWish } from '../recovery/find-node.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import type { Output } from '../system/output.ts';
import { openOnFrame } from './first-frame.ts';
import type { ParsedCommandLine } from './parse.ts';

/** Returns the exit code; 0 when the person wants a shell, which whoever started this gives. */
export const startRecoveryMenu = async (parsed: ParsedCommandLine, system: System, output: Output, wish: NodeWish): Promise<number> => {
  const terminal = openOnFrame(parsed.globals, (size) => firstRecoveryFrame(version, size));
  try {
    const { startRecoveryConsole } = await import('../../screens/recovery/index.ts');
    const { createRecoveryEffects } = await import('../app/recovery/effects.ts');
    const { exitCode, lastLines } = await startRecoveryConsole({ effects: createRecoveryEffects(system, wish), terminal, version });
    for (const line of lastLines) output.print(line);
    return exitCode;
  } finally {
    terminal.opened?.restore();
  }
};
