/** The front end without a person: gather, plan, install, and say so, line by line or as JSON. */
import { exitCodes } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import { phases } from '../model/events.ts';
import type { InstallEvent, Phase } from '../model/events.ts';
import { isError, SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { SettingLayers } from '../model/settings.ts';
import { exitCodeFor } from '../plan/exit-code-for.ts';
import type { PlanOutcome } from '../plan/input.ts';
import type { Effects } from './effects.ts';

export interface UnattendedRun {
  readonly effects: Effects;
  readonly layers: SettingLayers;
  readonly signal: AbortSignal;
  /** ms */
  sleep(duration: number, signal: AbortSignal): Promise<void>;
  /** Takes each event as it happens. */
  report(event: InstallEvent): void;
}

const refused = (problems: readonly Problem[]): InstallEvent => {
  const errors = problems.filter(isError);
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return {
    event: 'done',
    exitCode: exitCodeFor(problems),
    ok: false,
    result: 'failed',
    diskTouched: false,
    text: first === undefined ? 'refused; the disk was not touched' : `${first.what} (${first.where})${more}; the disk was not touched`,
  };
};

/** ms between looks at a machine that was too busy to answer: it is still booting, or a disk wakes up. A person would look again, too. */
const pauses = [3000, 10_000, 30_000] as const;

const wasBusy = (problems: readonly Problem[]): boolean => problems.some(({ id, what }) => id === 'probe-slow' || (id.startsWith('probe-') && what.endsWith('did not answer in time')));

/** Runs to the end. Returns the exit code; everything else was reported. */
export const runUnattended = async ({ effects, layers, signal, sleep, report }: UnattendedRun): Promise<ExitCode> => {
  const enter = (phase: Phase): void => report({ event: 'phase', phase, index: phases.indexOf(phase) + 1, of: phases.length });
  const end = (event: InstallEvent & { event: 'done' }): ExitCode => {
    report(event);
    return event.exitCode;
  };
  try {
    enter('probe');
    let atSources = false;
    const look = async (): Promise<PlanOutcome> => {
      const input = await effects.gather(layers, signal, (text) => {
        if (text === 'sources' && !atSources) {
          atSources = true;
          enter('sources');
        }
      });
      signal.throwIfAborted();
      return effects.plan(input);
    };
    let outcome = await look();
    enter('plan');
    for (const pause of pauses) {
      if (outcome.planned !== null || !wasBusy(outcome.problems)) break;
      report({ event: 'log', level: 'info', text: `the machine was too busy to answer in time; looking again in ${pause / 1000} s` });
      await sleep(pause, signal);
      outcome = await look();
    }
    const { planned, problems } = outcome;
    for (const problem of problems) report({ event: 'problem', ...problem });
    if (planned === null) return end(refused(problems) as InstallEvent & { event: 'done' });
    report({ event: 'plan', hash: planned.plan.hash, plan: planned.plan });
    // The flag is the consent: one exactly resolved target, and everything that is lost was agreed to.
    enter('confirm');
    let exitCode: ExitCode = exitCodes.bug;
    let finish = false;
    for await (const event of effects.install(planned, signal)) {
      report(event);
      if (event.event === 'done') {
        exitCode = event.exitCode;
        finish = event.ok;
      }
    }
    if (finish) await effects.finish(planned.plan.finish);
    return exitCode;
  } catch (error) {
    if (signal.aborted) {
      return end({ event: 'done', exitCode: exitCodes.interrupted, ok: false, result: 'interrupted', diskTouched: false, text: 'interrupted; the disk was not touched' });
    }
    if (error instanceof SlipwayError) {
      report({ event: 'problem', ...error.problem });
      return end(refused([error.problem]) as InstallEvent & { event: 'done' });
    }
    throw error;
  }
};
