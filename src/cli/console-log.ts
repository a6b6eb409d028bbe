/** The log of an install on the console is gone with it: what failed is kept in memory-backed storage, and what was asked for where it was asked for. */
import { dirname } from 'node:path';
import type { ConsoleState } from '../app/state.ts';
import type { System } from '../system/port.ts';

/** As the receipt: gone with the next start. */
const place = '/run/slipway/install.log';

const textOf = (run: NonNullable<ConsoleState['run']>): string => run.log.map(({ at, level, text }) => `${new Date(run.startedAt + at).toISOString()} ${level} ${text}\n`).join('');

/** Keeps the log of a run that failed, of any with `--log FILE`; returns the line that says where it is, or null where there is nothing to say. */
export const keepLog = async (system: System, asked: string | undefined, { run }: ConsoleState): Promise<string | null> => {
  if (run?.done == null || (run.done.ok && asked === undefined)) return null;
  if (!system.real) return 'SIMULATED slipway: the log is not kept: a recorded machine is played';
  const path = asked ?? place;
  if (asked === undefined) await system.makeDirectory(dirname(path), 0o755).catch(() => {});
  return (await system.append(path, textOf(run))) ? `slipway: the log is in ${path}` : `slipway: the log could not be written to ${path}`;
};
