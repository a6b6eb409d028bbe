/** What begins by itself in a moment, for whoever could still stop it: an install, or the way down after one. Pure. */
import { cleanText } from '../../model/foreign-text.ts';
import { planOf } from '../state.ts';
import type { ConsoleState } from '../state.ts';

/** The disk that is written, and what is lost: `It writes to /dev/sda, MODEL, 64 GiB, serial S; loses: ext4 "photos"`. Empty without a plan. */
export const countdownTarget = (state: ConsoleState): string => {
  const plan = planOf(state);
  if (plan === null) return '';
  const wiped = plan.wipes.map(({ target }) => target.path);
  return `It writes to ${cleanText(plan.targetText, 200)}${wiped.length === 0 ? '' : ` and wipes ${cleanText(wiped.join(', '), 200)}`}; loses: ${plan.lost.length === 0 ? 'nothing' : cleanText(plan.lost.join(', '), 300)}.`;
};

/** Whole seconds that are left; 0 where nothing counts. */
export const secondsLeft = ({ countdownEnds, now }: ConsoleState): number => (countdownEnds === null ? 0 : Math.max(0, Math.ceil((countdownEnds - now) / 1000)));

/** `Reboots in 7 s. Any key stops it.`; null where the machine does not go down by itself. */
export const finishCountdown = (state: ConsoleState): string | null =>
  state.countdownEnds === null || state.run === null ? null : `${state.run.plan.finish === 'poweroff' ? 'Powers off' : 'Reboots'} in ${secondsLeft(state)} s. Any key stops it.`;
