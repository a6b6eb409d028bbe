/** Opens the recovery menu: `slipway recovery` at a terminal, and `slipway` on a node that was started from its own disk. */
import { createRecoveryEffects } from '../app/recovery/effects.ts';
import type { NodeWish } from '../recovery/find-node.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import type { Output } from '../system/output.ts';
import type { ParsedCommandLine } from './parse.ts';

/** Returns the exit code; 0 when the person wants a shell, which whoever started this gives. */
export const startRecoveryMenu = async (parsed: ParsedCommandLine, system: System, output: Output, wish: NodeWish): Promise<number> => {
  const { startRecoveryConsole } = await import('../../screens/recovery/index.ts');
  const { exitCode, lastLines } = await startRecoveryConsole({
    effects: createRecoveryEffects(system, wish),
    terminal: { stdin: process.stdin, stdout: process.stdout, plain: parsed.globals.plain, color: parsed.globals.color },
    version,
  });
  for (const line of lastLines) output.print(line);
  return exitCode;
};
