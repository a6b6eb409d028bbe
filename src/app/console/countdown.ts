/** What an install that begins by itself will do, for whoever could still stop it. Pure. */
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
