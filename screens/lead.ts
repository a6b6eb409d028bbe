/** From what is missing for a plan to the screen that asks for it. Pure. */
import { isError } from '../src/model/problem.ts';
import type { Problem } from '../src/model/problem.ts';
import { openQuestions } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';

interface Lead {
  readonly title: string;
  readonly action: Action;
}

const titles: Readonly<Record<string, string>> = { disk: 'Disk', identity: 'Identity', cluster: 'Cluster', encryption: 'Encryption' };

/** Errors of the planner that one screen takes care of. */
const askedOn: Readonly<Record<string, string>> = { 'device-missing': 'disk', 'user-missing': 'identity', 'user-name': 'identity' };

/** The screen that takes care of an error, or null: all that speaks against encryption is answered where it is asked for. */
const screenFor = (problem: Problem): string | null => (!isError(problem) ? null : /^(?:encryption|tpm)-/.test(problem.id) ? 'encryption' : (askedOn[problem.id] ?? null));

/** The screen that asks for the first thing that is missing, or null where no screen does. */
export const leadOf = (state: ConsoleState): Lead | null => {
  const missing = [...openQuestions(state).map(({ screen }) => screen), ...(state.outcome?.problems ?? []).flatMap((problem) => screenFor(problem) ?? [])];
  const [screen] = missing;
  return screen === undefined ? null : { title: titles[screen] ?? screen, action: { type: 'go', screen } };
};
