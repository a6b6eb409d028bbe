/**
 * The line of state at the bottom: `SLIPWAY <unit> <screen> <step> <percent> <verdict>`, plain capitals, so that
 * a program reading a video picture can follow a rack of machines.
 */
import { formatPercent } from '../../ui/format.ts';
import type { Facts } from '../../model/facts.ts';
import { isError } from '../../model/problem.ts';
import { isRunning, isStalled, problemsOf } from '../state.ts';
import type { ConsoleState } from '../state.ts';
import type { Behaviours } from './screen.ts';

/** One word of capitals, digits and dashes; never empty. */
const word = (text: string, maxLength: number): string =>
  text
    .toUpperCase()
    .replaceAll(/[^A-Z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, maxLength) || '-';

/** How this machine is told from the others in the rack; null where it has nothing of its own. */
export const unitIn = (facts: Pick<Facts, 'system' | 'nics'> | undefined): string | null => {
  const system = facts?.system;
  const mac = facts?.nics.find((nic) => nic.mac !== null)?.mac ?? null;
  const usable = (text: string | null | undefined): string | null =>
    text == null || /^(?:|none|default string|to be filled.*|not specified|0+)$/i.test(text.trim()) ? null : text;
  const unit = usable(system?.serial) ?? mac ?? usable(system?.uuid);
  return unit === null ? null : word(unit, 24);
};

export const unitOf = (state: ConsoleState): string => unitIn(state.input?.facts) ?? 'UNKNOWN';

export const verdictOf = (state: ConsoleState): string => {
  const done = state.run?.done ?? null;
  // The machine goes down by itself: whoever watches a rack has to know while there is time.
  if (done !== null && state.countdownEnds !== null) return 'COUNTDOWN';
  if (done !== null) return done.ok ? 'DONE' : 'FAILED';
  if (isRunning(state)) {
    if (state.run?.aborting === true) return 'STOPPING';
    return isStalled(state) ? 'STALLED' : 'RUNNING';
  }
  if (state.looking) return 'LOOKING';
  if (state.countdownEnds !== null) return 'COUNTDOWN';
  if (problemsOf(state).some(isError)) return 'BLOCKED';
  return state.screen === 'review' ? 'CONFIRM' : 'ASKING';
};

/** Position of the screen among those that have something to ask, as `2/4`; `-` until the machine was looked at. */
export const stepOf = (screens: Behaviours, state: ConsoleState): string => {
  if (state.input === null) return '-';
  const asked = screens.rows.filter((row) => row.when(state));
  return `${Math.max(0, asked.findIndex(({ id }) => id === state.screen)) + 1}/${Math.max(1, asked.length)}`;
};

export const stateLine = (screens: Behaviours, state: ConsoleState): string => {
  const run = state.run;
  const step = run === null ? stepOf(screens, state) : word(run.phases.at(-1)?.phase ?? 'start', 12);
  const percent = run === null || run.fraction === null ? '-' : formatPercent(run.fraction);
  return `SLIPWAY ${unitOf(state)} ${word(state.screen, 20)} ${step} ${percent} ${verdictOf(state)}`;
};
