/** Asks the machine, each thing with a limit of its own: what fails or is late is a problem, never an error. */
import type { Problem } from '../model/problem.ts';
import type { CommandResult, System } from '../system/port.ts';
import { within } from './limit.ts';

/**
 * ms. Settling comes first, the rest runs side by side, the look inside file systems comes last and has what is left of `whole`, `inside` at
 * the least: the sum stays under 10 s, with the second that a command may take to die. On a machine that is busy booting, `/sys` and `/proc` answer late without being broken: they get as
 * long as the commands beside them.
 */
export const probeLimits = { settle: 2000, list: 4000, part: 4000, disk: 3500, inside: 2000, whole: 9500 } as const;

/** Text of lsblk's JSON for thousands of disks. Bigger is not an answer. */
const listCap = 64 * 1024 * 1024;

/** Why a command's output can't be used, in words; null when it can. */
export const commandTrouble = (result: CommandResult): string | null => {
  if (result.missing) return 'is not installed';
  if (result.timedOut) return 'did not answer in time';
  if (result.truncated) return 'printed more than can be read';
  if (result.exitCode !== 0) return result.exitCode === null ? 'was ended by a signal' : `ended with exit code ${result.exitCode}`;
  return null;
};

/** A warning, never an error: what a missing list means is said by the verdicts, and an image file needs no disks. */
export const toolProblem = (tool: string, trouble: string, hint: string): Problem => ({
  id: `probe-${tool}`,
  severity: 'warning',
  what: `${tool} ${trouble}`,
  where: tool,
  hint,
});

export interface Asker {
  readonly problems: readonly Problem[];
  /** What `work` gives, or `fallback` and a problem when it is late; `what` names it. */
  part<T>(what: string, work: Promise<T>, fallback: T, limit?: number): Promise<T>;
  /** Output of a command, or null and a problem. */
  command(words: readonly string[], hint: string): Promise<string | null>;
  add(problem: Problem): void;
}

export const createAsker = (system: System, signal: AbortSignal | undefined): Asker => {
  const problems: Problem[] = [];
  const add = (problem: Problem): void => void problems.push(problem);
  return {
    problems,
    add,
    part: (what, work, fallback, limit = probeLimits.part) =>
      within(system, limit, work, fallback, () => add({ id: 'probe-slow', severity: 'warning', what: 'could not be read in time', where: what, hint: 'a device may be failing; see the kernel log' })),
    async command(words, hint) {
      const result = await system.run(words, { timeout: probeLimits.list, maxBytes: listCap, ...(signal === undefined ? {} : { signal }) });
      const trouble = commandTrouble(result);
      if (trouble === null) return result.stdout;
      add(toolProblem(words[0] ?? '', trouble, hint));
      // lsblk ends with 32 or 64 when one device failed; what it printed of the others still counts.
      return result.exitCode === 64 && result.stdout !== '' ? result.stdout : null;
    },
  };
};
