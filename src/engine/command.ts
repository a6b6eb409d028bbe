/** Runs a tool that must succeed. */
import { SlipwayError } from '../model/problem.ts';
import { cleanText } from '../model/foreign-text.ts';
import type { CommandResult, RunOptions, System } from '../system/port.ts';

/** The last lines of what a failing tool said, made safe for the screen. */
const tail = (text: string): string =>
  text
    .trim()
    .split('\n')
    .slice(-3)
    .map((line) => cleanText(line, 200))
    .join(' / ');

/**
 * Runs `command` and returns its result. Throws SlipwayError when it is missing, runs out of time or ends with
 * another exit code than 0; throws the signal's reason on abort. `what` completes "could not …".
 */
export const mustRun = async (
  system: System,
  what: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> => {
  const result = await system.run(command, { timeout: 0, ...options });
  options.signal?.throwIfAborted();
  if (result.exitCode === 0) return result;
  const program = command[0] ?? '';
  const why = result.missing
    ? `${program} is not installed`
    : result.timedOut
      ? `${program} did not end in time`
      : `${program} ended with ${result.exitCode ?? 'a signal'}: ${tail(result.stderr || result.stdout)}`;
  throw new SlipwayError({ id: 'tool-failed', severity: 'error', what: `could not ${what}: ${why}`, where: program, hint: 'see the log' });
};
