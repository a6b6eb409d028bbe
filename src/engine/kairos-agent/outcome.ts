/** How a run of the agent ended, with a name for each way. Pure. */
import type { AgentTranscript } from './progress.ts';

export interface AgentExit {
  /** null: ended by a signal, or it could not be started. The shell that waits for the agent makes 128 and the number of a signal. */
  readonly exitCode: number | null;
  /** The program was not there. */
  readonly missing: boolean;
  /** It ended badly, and its program can't be read any more: with the medium that it was on, perhaps. */
  readonly gone?: boolean;
}

export interface AgentKind {
  /** This agent knows the progress events (its program holds the name of the variable that switches them on). */
  readonly knowsEvents: boolean;
  /** The live system is a UKI one: no events even where the agent knows them. */
  readonly uki: boolean;
}

export const agentFailures = [
  'agent-missing',
  'agent-killed',
  'agent-error',
  'agent-error-exit-0',
  'agent-refused',
  'agent-failed',
  'agent-no-done',
  'agent-did-nothing',
  'agent-garbage',
] as const;
export type AgentFailureId = (typeof agentFailures)[number];

export type AgentOutcome =
  | { readonly ok: true; /** How success was recognised. */ readonly by: 'done-event' | 'log-lines' }
  | { readonly ok: false; readonly id: AgentFailureId; readonly what: string; readonly hint: string };

const fail = (id: AgentFailureId, what: string, hint: string): AgentOutcome => ({ ok: false, id, what, hint });

/** What a shell ends with when the program that it should become is not there or can't be executed. */
export const shellNotFound: readonly (number | null)[] = [126, 127];

/** The agent itself ends with 0 or 1; 255 is a signal that Go's runtime passed on. */
const isSignal = (exitCode: number | null): boolean => exitCode === null || (exitCode > 128 && exitCode < 128 + 65) || exitCode === 255;

const where = (seen: AgentTranscript): string => (seen.step === null ? 'before its first step' : `in the step ${seen.step}`);

const lastWords = (seen: AgentTranscript): string => seen.tail.slice(-3).join(' / ').slice(0, 600);

const seeLog = 'see the log; nothing of it boots: install again when the cause is removed';

/**
 * Judges a run that was not aborted by us. Success is what was positively seen: the `done` event, or without events the
 * agent's last stage and exit code 0 (the caller checks the disk in any case).
 */
export const judgeAgent = (seen: AgentTranscript, exit: AgentExit, kind: AgentKind): AgentOutcome => {
  const early = seen.step === null && seen.events === 0;
  if (exit.missing || (early && shellNotFound.includes(exit.exitCode))) {
    return fail('agent-missing', 'kairos-agent is not there any more or cannot be executed', 'check its path; is the live medium still attached?');
  }
  const [error] = seen.errors;
  if (exit.gone === true) {
    return fail('agent-missing', `kairos-agent went away ${where(seen)}: its program cannot be read any more${error === undefined ? '' : ` (it said: ${error})`}`, 'is the live medium still attached? attach it and install again');
  }
  if (isSignal(exit.exitCode)) {
    return fail('agent-killed', `kairos-agent was killed ${where(seen)}${error === undefined ? '' : ` after the error: ${error}`}`, 'was the machine out of memory? see the kernel log');
  }
  if (error !== undefined) {
    return exit.exitCode === 0
      ? fail('agent-error-exit-0', `kairos-agent reported an error ${where(seen)} and still ended with exit code 0: ${error}`, seeLog)
      : fail('agent-error', `kairos-agent failed ${where(seen)}: ${error}`, seeLog);
  }
  if (exit.exitCode !== 0) {
    const words = lastWords(seen);
    return seen.step === null || seen.step === 'prepare'
      ? fail('agent-refused', `kairos-agent refused to install (exit code ${exit.exitCode}): ${words || 'it said nothing'}`, 'it says what it misses in the configuration, the source or the disk')
      : fail('agent-failed', `kairos-agent ended with exit code ${exit.exitCode} ${where(seen)}: ${words || 'it said nothing'}`, seeLog);
  }
  if (seen.skipped) {
    return fail('agent-did-nothing', 'kairos-agent did nothing: this system is booted from an installed disk', 'boot the installer medium');
  }
  if (seen.done) return { ok: true, by: 'done-event' };
  if (seen.garbage > 0 && seen.step === null) {
    return fail('agent-garbage', `what kairos-agent printed cannot be understood (${seen.garbage} of ${seen.lines} lines are not text)`, 'is it really kairos-agent? check its path');
  }
  if (seen.step === null || seen.step === 'prepare') {
    return fail('agent-did-nothing', 'kairos-agent ended with exit code 0 without installing anything', 'see the log for what it said');
  }
  const eventsExpected = (kind.knowsEvents && !kind.uki) || seen.events > 0;
  if (eventsExpected || !seen.reachedEnd) {
    return fail('agent-no-done', `kairos-agent ended with exit code 0 ${where(seen)}, without saying that it is done`, seeLog);
  }
  return { ok: true, by: 'log-lines' };
};
