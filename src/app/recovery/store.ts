/** Holds the state of the recovery menu. */
import { reduceRecovery } from './state.ts';
import type { RecoveryCommand, RecoveryState, RecoveryUiAction } from './state.ts';

export interface RecoveryStore {
  readonly get: () => RecoveryState;
  readonly dispatch: (action: RecoveryUiAction) => void;
  /** Called after every change; returns how to stop that. */
  readonly subscribe: (listener: () => void) => () => void;
}

export const createRecoveryStore = (initial: RecoveryState, perform: (command: RecoveryCommand) => void): RecoveryStore => {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const step = reduceRecovery(state, action);
      if (step.state !== state) {
        state = step.state;
        for (const listener of listeners) listener();
      }
      for (const command of step.commands) perform(command);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
