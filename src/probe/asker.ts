/** Asks the machine, each thing with a limit of its own: what fails or is late is a problem, never an error. */
import type { Problem } from '../model/problem.ts';
import type { CommandResult, System } from '../system/port.ts';
import { steadyClock, within } from './limit.ts';

/**
 * ms. Settling comes first, the rest runs side by side and is over when `outside` is, whatever hangs; the look inside file systems comes last
 * and has what is left of `whole`, `inside` at the least: the sum stays under 10 s. On a machine that is busy booting, `/sys` and `/proc`
 * answer late without being broken: they get as long as the commands beside them.
 */
export const probeLimits = { udev: 1000, settle: 2000, list: 4000, part: 4000, disk: 3500, outside: 7400, inside: 2000, whole: 9500 } as const;

/** ms that a command may take to die, or to be given up as one that does not (`run-command.ts`). */
const dying = 1500;

/** ms. What is left when the time is over: enough for what answers from memory. */
const least = 100;

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
  /** When the last answer is waited for, by `steadyClock`. */
  readonly until: number;
  /** What `work` gives, or `fallback` and a problem when it is late; `what` names it. */
  part<T>(what: string, work: Promise<T>, fallback: T, limit?: number): Promise<T>;
  /** Output of a command, or null and a problem. */
  command(words: readonly string[], hint: string): Promise<string | null>;
  /** Runs a command with what time is left for it. */
  run(words: readonly string[], limit?: number): Promise<CommandResult>;
  add(problem: Problem): void;
}

export const createAsker = (system: System, signal: AbortSignal | undefined, until: number): Asker => {
  const problems: Problem[] = [];
  const add = (problem: Problem): void => void problems.push(problem);
  const atMost = (limit: number, reserve = 0): number => Math.max(least, Math.min(limit, until - reserve - steadyClock()));
  const run: Asker['run'] = (words, limit = probeLimits.list) => system.run(words, { timeout: atMost(limit, dying), maxBytes: listCap, ...(signal === undefined ? {} : { signal }) });
  return {
    problems,
    until,
    add,
    run,
    part: (what, work, fallback, limit = probeLimits.part) =>
      within(system, atMost(limit), work, fallback, () => add({ id: 'probe-slow', severity: 'warning', what: 'could not be read in time', where: what, hint: 'a device may be failing; see the kernel log' })),
    async command(words, hint) {
      const result = await run(words);
      const trouble = commandTrouble(result);
      if (trouble === null) return result.stdout;
      add(toolProblem(words[0] ?? '', trouble, hint));
      // lsblk ends with 32 or 64 when one device failed; what it printed of the others still counts.
      return result.exitCode === 64 && result.stdout !== '' ? result.stdout : null;
    },
  };
};
