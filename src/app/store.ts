/** Holds the state. Thirty lines are enough for the screens and for plain mode alike. */
import type { Reduce } from './reduce/step.ts';
import type { Action, Command, ConsoleState } from './state.ts';

export interface Store {
  readonly get: () => ConsoleState;
  readonly dispatch: (action: Action) => void;
  /** Called after every change; returns how to stop that. */
  readonly subscribe: (listener: () => void) => () => void;
}

export const createStore = (reduce: Reduce, initial: ConsoleState, perform: (command: Command) => void): Store => {
  let state = initial;
  const listeners = new Set<() => void>();
  const dispatch = (action: Action): void => {
    const step = reduce(state, action);
    if (step.state !== state) {
      state = step.state;
      for (const listener of listeners) listener();
    }
    for (const command of step.commands) perform(command);
  };
  return {
    get: () => state,
    dispatch,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
