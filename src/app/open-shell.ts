/** A shell on the terminal of the console, and back. */
import { SlipwayError } from '../model/problem.ts';
import type { Line, System } from '../system/port.ts';

/** The person's own shell where it is there, else the one that is always there. */
const shellOf = async (system: System): Promise<string> => {
  const own = system.environment('SHELL');
  return own !== undefined && own.startsWith('/') && (await system.stat(own)) !== null ? own : '/bin/sh';
};

/** Waits until the shell has ended; throws SlipwayError when there is none. */
export const openShell = async (system: System, line: Line, signal: AbortSignal): Promise<void> => {
  const shell = await shellOf(system);
  const { missing } = await system.attach([shell, '-i'], line, signal);
  if (missing) throw new SlipwayError({ id: 'shell-missing', severity: 'error', what: 'cannot be started', where: shell, hint: 'use another terminal of this machine' });
};
