/** When an install begins: by the countdown that the configuration asks for, or by a person's consent to this very plan. */
import { isError } from '../../model/problem.ts';
import { answersOf, hasConsent, planOf, problemsOf } from '../state.ts';
import type { Action, ConsoleState } from '../state.ts';
import { countdownLength, startRun } from './run.ts';
import { lookAgain, wasSeen } from './shown.ts';
import { clearField, only, plan } from './step.ts';
import type { Step } from './step.ts';

export const planned = (state: ConsoleState, action: Extract<Action, { type: 'planned' }>): Step => {
  const before = planOf(state)?.hash;
  const after = action.outcome.planned?.plan.hash;
  const next = { ...state, outcome: action.outcome, now: action.now };
  // Consent belongs to one plan.
  const cleared = before === after ? next : clearField(next, 'consent');
  const wanted = answersOf(state).unattended?.value === true && !state.countdownOver && state.run === null;
  if (!wanted || state.countdownEnds !== null) return only(cleared);
  const possible = action.outcome.planned !== null && !action.outcome.problems.some(isError);
  if (possible) return only({ ...cleared, countdownEnds: action.now + countdownLength });
  return only({ ...cleared, countdownOver: true, notice: 'unattended was asked for, but there is no plan that could be carried out' });
};

export const tick = (state: ConsoleState, now: number): Step => {
  const next = { ...state, now };
  const ready = next.outcome?.planned ?? null;
  if (next.countdownEnds === null || now < next.countdownEnds) return only(next);
  if (next.run?.done != null) return only({ ...next, ending: { exitCode: next.run.done.exitCode, finish: next.run.plan.finish } });
  return ready === null ? only({ ...next, countdownEnds: null, countdownOver: true }) : startRun(next, ready, true);
};

/** Somebody is there after all. */
export const stopCountdown = (state: ConsoleState): Step => {
  const notice = 'stopped; nothing goes on by itself now';
  if (state.countdownEnds === null) return only(state);
  if (state.run !== null) return only({ ...state, countdownEnds: null, notice });
  return plan({ ...state, countdownEnds: null, countdownOver: true, answers: { ...state.answers, unattended: false }, notice });
};

export const confirm = (state: ConsoleState, { hash, typed = false }: Extract<Action, { type: 'confirm' }>): Step => {
  const ready = state.outcome?.planned ?? null;
  if (ready === null || ready.plan.hash !== hash || state.looking || state.run !== null) return only(state);
  if (problemsOf(state).some(isError)) return only({ ...state, notice: 'the problems come first' });
  if (!hasConsent(state, ready.plan)) {
    return only({ ...state, notice: 'not the characters that are asked for; nothing was started' });
  }
  if (!wasSeen(state, hash, typed)) return only({ ...lookAgain(state), notice: `look at the plan first; Enter again ${ready.already ? 'leaves it as it is' : 'begins'}` });
  return startRun(state, ready, false);
};
