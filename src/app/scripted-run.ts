/** Plays the install run of a recorded machine in its own time. Nothing is run, nothing is written. */
import type * as z from 'zod';
import { exitCodes } from '../model/exit-code.ts';
import { phases } from '../model/events.ts';
import type { InstallEvent } from '../model/events.ts';
import type { Problem } from '../model/problem.ts';
import { scriptedRunSchema } from '../model/scripted-run.ts';
import type { System } from '../system/port.ts';

const hint = 'look at the plan only (slipway plan), or see docs/recording-a-machine.md for the events of a run';

/** What is wrong with `engine` of a recording: the place, and what it should be. */
const wrong = (engine: unknown, issue: z.core.$ZodIssue | undefined): Problem =>
  engine === undefined
    ? { id: 'recording-without-install', severity: 'error', what: 'a recorded machine installs nothing, and this one brings no install run along to be played', where: 'engine', hint }
    : { id: 'recording-invalid', severity: 'error', what: `the recorded install run is not understood: ${issue?.message ?? 'unknown event'}`, where: ['engine', ...(issue?.path ?? [])].join('.'), hint };

/**
 * The events of `engine`, as a recording brings them, each after its pause; ends with exactly one `done`: on abort, and where there is no run
 * or it is not understood, with one of its own. Never throws.
 */
export const playScriptedRun = async function* (engine: unknown, system: Pick<System, 'sleep'>, signal: AbortSignal): AsyncGenerator<InstallEvent> {
  const read = scriptedRunSchema.safeParse(engine);
  if (!read.success) {
    const problem = wrong(engine, read.error.issues[0]);
    yield { event: 'problem', ...problem };
    yield { event: 'done', exitCode: exitCodes.failedUntouched, ok: false, result: 'failed', diskTouched: false, text: `${problem.what}; no disk was touched` };
    return;
  }
  for (const { after, ...row } of read.data) {
    try {
      signal.throwIfAborted();
      if (after > 0) await system.sleep(after, signal);
      signal.throwIfAborted();
    } catch {
      yield { event: 'done', exitCode: exitCodes.interrupted, ok: false, result: 'interrupted', diskTouched: false, text: 'the simulated run was interrupted; no disk was touched' };
      return;
    }
    if (row.event === 'done') yield { ...row, ok: row.exitCode === exitCodes.done };
    else if (row.event === 'phase') {
      const { step, ...phase } = row;
      yield { ...phase, index: phases.indexOf(row.phase) + 1, of: phases.length, ...(step === undefined ? {} : { step }) };
    } else yield row;
  }
};
