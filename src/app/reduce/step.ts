/** One step of the reducer: the next state, and what must be done in the world. */
import { withExtras } from '../console/config-answers.ts';
import { layersOf } from '../state.ts';
import type { Action, Command, ConsoleState } from '../state.ts';
import { emptyField } from '../../ui/text-field.ts';

export interface Step {
  readonly state: ConsoleState;
  readonly commands: readonly Command[];
}

export type Reduce = (state: ConsoleState, action: Action) => Step;

export const only = (state: ConsoleState): Step => ({ state, commands: [] });

/** Both, one after the other; the second begins where the first ended. */
export const followedBy = (first: Step, second: (state: ConsoleState) => Step): Step => {
  const { state, commands } = second(first.state);
  return { state, commands: [...first.commands, ...commands] };
};

/** Looks at the machine anew; what was planned before is void. */
export const look = (state: ConsoleState): Step => {
  const number = state.lookNumber + 1;
  return {
    state: { ...state, lookNumber: number, looking: true, lookText: '', lookProblem: null, told: null, outcome: null, volumesChanged: false },
    // What earlier looks read from files must not be taken for given.
    commands: [{ do: 'look', number, layers: { ...state.given, console: state.answers }, instead: state.useDocument ? state.document : null }],
  };
};

/** Plans with the answers as they are now. */
export const plan = (state: ConsoleState): Step =>
  state.input === null || state.looking
    ? only(state)
    : {
        state,
        commands: [
          {
            do: 'plan',
            input: { ...state.input, sources: withExtras(state.input.sources, state.extras), layers: layersOf(state), passwordHash: state.passwordHash ?? state.input.passwordHash },
          },
        ],
      };

export const clearField = (state: ConsoleState, field: string): ConsoleState => ({
  ...state,
  fields: { ...state.fields, [field]: emptyField },
});
