/**
 * Carries an action out. It ends with exactly one `done` event and never throws; every way out runs the clean-up list first. What may
 * not be done here is refused before anything is touched.
 */
import { exitCodes } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import { SlipwayError } from '../model/problem.ts';
import { actionFor, agentDoes } from './actions.ts';
import type { ActionId } from './actions.ts';
import type { RecoveryEvent } from './events.ts';
import { runWithAgent } from './run/agent.ts';
import { runAudit } from './run/audit.ts';
import { runBoot, runRollback } from './run/boot-choice.ts';
import { runEdit, runRedeploy, runScrub } from './run/config-files.ts';
import type { ActionContext, ActionResult } from './run/context.ts';
import { runFsck } from './run/fsck.ts';
import { runLogs } from './run/logs.ts';
import { runNetwork, runPower, runShell } from './run/machine.ts';
import { runReset } from './run/reset.ts';
import { runUnlock } from './run/unlock.ts';
import { runUpgrade } from './run/upgrade.ts';

/** One action on one node; who writes is known when it ends. */
export type ActionRun = Omit<ActionContext, 'state'>;

type Runner = (context: ActionContext) => Promise<ActionResult>;

/** `status` is what everything begins with. */
const runners: Readonly<Partial<Record<ActionId, Runner>>> = {
  reset: runReset,
  'reset-oem': runReset,
  reinstall: runReset,
  upgrade: runUpgrade,
  'upgrade-recovery': runUpgrade,
  boot: runBoot,
  rollback: runRollback,
  redeploy: runRedeploy,
  edit: runEdit,
  audit: runAudit,
  scrub: runScrub,
  fsck: runFsck,
  unlock: runUnlock,
  network: runNetwork,
  logs: runLogs,
  shell: runShell,
  power: runPower,
};

type Done = Extract<RecoveryEvent, { event: 'done' }>;

const failure = (error: unknown, context: ActionContext): readonly RecoveryEvent[] => {
  const { action, signal, node } = context;
  const touched = context.state.diskTouched;
  const end = (exitCode: ExitCode, result: string, text: string): Done => ({ event: 'done', action, exitCode, ok: false, result, diskTouched: touched, text, written: [] });
  const disk = touched ? `${node.path} was written to` : `${node.path} was not touched`;
  if (signal.aborted) return [end(touched ? exitCodes.failedTouched : exitCodes.interrupted, 'interrupted', `interrupted; ${disk}${touched ? '; repeat it' : ''}`)];
  if (error instanceof SlipwayError) {
    const { problem } = error;
    const invalid = !touched && (action === 'edit' || action === 'reinstall' || action === 'audit' ? !/^(?:node-|target-|tool-)/.test(problem.id) : /^(?:source-|boot-choice|power-word|network-interface|network-address|logs-token)/.test(problem.id));
    const exitCode = touched ? exitCodes.failedTouched : invalid ? exitCodes.answersInvalid : exitCodes.failedUntouched;
    return [{ event: 'problem', ...problem }, end(exitCode, 'failed', `${action} failed: ${problem.what} (${problem.where}); ${disk}; ${problem.hint}`)];
  }
  const what = error instanceof Error ? error.message : String(error);
  return [
    { event: 'problem', id: 'bug', severity: 'error', what: `unexpected: ${what}`, where: action, hint: 'this is a bug in slipway; please report it with the log' },
    end(exitCodes.bug, 'failed', `a bug in slipway (${what}); ${disk}`),
  ];
};

/** Returns what its `done` event says, too. */
export const runAction = async (run: ActionRun): Promise<Done> => {
  const { action, status, means, emit } = run;
  const row = actionFor(action, status, means, run.options.word);
  const state = { diskTouched: false };
  const context: ActionContext = { ...run, state };
  const last: RecoveryEvent[] = [];
  emit({ event: 'action', action, target: status.target.text, by: row.by, kept: row.kept, lost: row.lost });
  if (row.refusal !== null) {
    const { reason, way } = row.refusal;
    last.push(
      { event: 'problem', id: 'recovery-refused', severity: 'error', what: reason, where: action, hint: way },
      { event: 'done', action, exitCode: exitCodes.machineUnsuitable, ok: false, result: 'refused', diskTouched: false, text: `${action} cannot be done here: ${reason}; ${way}`, written: [] },
    );
  } else {
    try {
      const runner = row.by === 'kairos-agent' && agentDoes(status, means) ? runWithAgent : runners[action];
      if (runner === undefined) throw new SlipwayError({ id: 'recovery-refused', severity: 'error', what: 'needs kairos-agent, which is not what laid this disk down', where: action, hint: 'there is nothing to do' });
      const { text, written = [], exitCode = exitCodes.done } = await runner(context);
      last.push({ event: 'done', action, exitCode, ok: exitCode === exitCodes.done, result: exitCode === exitCodes.done ? 'done' : 'found', diskTouched: state.diskTouched, text, written });
    } catch (error) {
      last.push(...failure(error, context));
    }
  }
  for (const what of await run.system.cleanup.run()) emit({ event: 'problem', id: 'cleanup-failed', severity: 'warning', what: `could not be undone: ${what}`, where: 'clean-up', hint: 'look at it before you go on' });
  for (const event of last) emit(event);
  return last.at(-1) as Done;
};
