/** The plan that was on the screen: nothing is begun by a key that came before somebody could look at it (invariant 1). */
import { planOf } from '../state.ts';
import type { Action, ConsoleState } from '../state.ts';
import { only } from './step.ts';
import type { Step } from './step.ts';

/**
 * ms that a plan is on the screen before a key can begin with it: longer than a keyboard waits until it repeats a key that is held down
 * (up to 660 ms by default), so that the key that led to the plan never consents to it.
 */
export const lookTime = 700;

/** A screen tells this plan whole from now on. What was drawn is old where the state has gone on meanwhile. */
export const planShown = (state: ConsoleState, { hash, now }: Extract<Action, { type: 'shown' }>): Step =>
  state.overlay !== null || state.run !== null || planOf(state)?.hash !== hash || state.shown?.hash === hash
    ? only(state)
    : only({ ...state, shown: { hash, screen: state.screen, at: now } });

/** What was shown counts for this plan on this screen only. */
export const withoutOldPlan = ({ state, commands }: Step): Step => {
  const { shown } = state;
  const isOld = shown !== null && (state.screen !== shown.screen || planOf(state)?.hash !== shown.hash);
  return { state: isOld ? { ...state, shown: null } : state, commands };
};

/** This plan is on the screen; long enough, where a key consents. */
export const wasSeen = ({ shown, now }: ConsoleState, hash: string, typed: boolean): boolean => shown?.hash === hash && (typed || now - shown.at >= lookTime);

/** The time to look begins anew: a key that is held down never comes to its end. */
export const lookAgain = (state: ConsoleState): ConsoleState => (state.shown === null ? state : { ...state, shown: { ...state.shown, at: state.now } });
