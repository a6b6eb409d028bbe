/** What the frame says about a state: the same for the first frame, drawn before Ink is loaded, and for every later one. Pure. */
import { footerHints } from '../../ui/bindings.ts';
import { roomIn } from '../../ui/frame-lines.ts';
import type { FrameText } from '../../ui/frame-lines.ts';
import type { ConsoleState } from '../state.ts';
import { finishCountdown } from './countdown.ts';
import { activeKeys, fieldHasFocus } from './route.ts';
import { behaviourOf, currentRow } from './screen.ts';
import type { Behaviours } from './screen.ts';
import { stateLine, stepOf } from './state-line.ts';

/** `Welcome > [Disk] > Review`; nothing before the machine was looked at, when nobody knows what there is to ask. */
const wayOf = (screens: Behaviours, state: ConsoleState): string =>
  state.input === null
    ? ''
    : screens.rows
        .filter((row) => row.when(state))
        .map(({ id, title }) => (id === state.screen ? `[${title}]` : title))
        .join(' > ');

/** What is said below the view. */
const noticeOf = (state: ConsoleState): string =>
  // Below the log nobody sees that the machine is about to go down.
  (state.overlay === null ? null : finishCountdown(state)) ?? state.notice;

/** Everything in the frame but the view. */
export const frameTextOf = (screens: Behaviours, state: ConsoleState, columns: number, rows: number): FrameText => {
  const notice = noticeOf(state);
  const room = roomIn(columns, rows, notice);
  const drawn = behaviourOf(screens, state);
  return {
    columns,
    rows,
    product: `Slipway ${state.version}${state.simulated ? ' SIMULATED' : ''}`,
    title: state.overlay === null ? drawn.title : `${currentRow(screens, state).title}: ${drawn.title}`,
    step: state.run === null ? stepOf(screens, state) : '',
    way: state.run === null && state.overlay === null ? wayOf(screens, state) : '',
    hints: footerHints(activeKeys(screens, state, room), fieldHasFocus(screens, state, room), columns),
    notice,
    stateLine: stateLine(screens, state),
    line: state.input?.branding?.line ?? null,
  };
};
