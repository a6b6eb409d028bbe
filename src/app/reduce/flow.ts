/** From screen to screen, in the order of the table. */
import { staysOpen } from '../state.ts';
import type { ConsoleState } from '../state.ts';
import { only } from './step.ts';
import type { Step } from './step.ts';

/** The part of a screen's row that the flow needs. The order of the rows is the order of the screens. */
export interface FlowRow {
  readonly id: string;
  /** Has this screen anything to show or ask now? */
  readonly when: (state: ConsoleState) => boolean;
  /** Is everything answered that it asks? */
  readonly done: (state: ConsoleState) => boolean;
  /** What is missing, for the person, while it is not done. */
  readonly missing?: (state: ConsoleState) => string;
}

export interface Flow {
  /** Leaves a screen that has nothing to say any more. */
  readonly settle: (step: Step) => Step;
  /** To the next screen, when all is answered that this one asks. */
  readonly advance: (state: ConsoleState) => Step;
  /** Like `advance`; from a visit back to where it began. */
  readonly next: (state: ConsoleState) => Step;
  readonly back: (state: ConsoleState) => Step;
  readonly go: (state: ConsoleState, screen: string) => Step;
  /** To a screen that is not on the way otherwise. */
  readonly visit: (state: ConsoleState, screen: string) => Step;
  /** Shows the screens that are skipped otherwise, from the first of them on. */
  readonly customize: (state: ConsoleState) => Step;
}

export const makeFlow = (rows: readonly FlowRow[]): Flow => {
  const position = (screen: string): number => rows.findIndex(({ id }) => id === screen);

  const nextScreen = (state: ConsoleState): string | undefined =>
    rows.slice(position(state.screen) + 1).find((row) => row.when(state))?.id;

  const previousScreen = (state: ConsoleState): string | undefined =>
    rows.slice(0, Math.max(0, position(state.screen))).findLast((row) => row.when(state))?.id;

  const settle = ({ state, commands }: Step): Step => {
    if (rows[position(state.screen)]?.when(state) === true) return { state, commands };
    const screen = nextScreen(state) ?? previousScreen(state) ?? state.screen;
    const overlay = state.run?.done != null && staysOpen(state.overlay) ? state.overlay : null;
    return { state: screen === state.screen ? state : { ...state, screen, overlay }, commands };
  };

  const goNext = (state: ConsoleState): Step => {
    const row = rows[position(state.screen)];
    if (row !== undefined && !row.done(state)) {
      return only({ ...state, notice: row.missing?.(state) ?? 'something is not answered yet' });
    }
    return only({ ...state, screen: nextScreen(state) ?? state.screen, notice: '' });
  };

  /** From a visit the way leads back to where it began. */
  const comeBack = (state: ConsoleState): Step | null =>
    state.visit?.screen === state.screen ? only({ ...state, visit: null, screen: state.visit.from, notice: '' }) : null;

  return {
    settle,
    advance: goNext,
    next: (state) => comeBack(state) ?? goNext(state),
    back: (state) => comeBack(state) ?? only({ ...state, screen: previousScreen(state) ?? state.screen, notice: '' }),
    go: (state, screen) => (rows[position(screen)]?.when(state) === true ? only({ ...state, screen, notice: '' }) : only(state)),
    visit: (state, screen) =>
      state.run === null ? only({ ...state, visit: { screen, from: state.screen }, screen, overlay: null, notice: '' }) : only(state),
    customize: (state) => {
      if (state.input?.branding?.advancedDisabled === true) return only({ ...state, notice: 'this image offers no more questions' });
      const wanted = { ...state, customize: true, notice: '' };
      const extra = rows.find((row) => row.when(wanted) && !row.when({ ...state, customize: false }));
      return only(extra === undefined ? wanted : { ...wanted, screen: extra.id });
    },
  };
};
