/** The console: one of the two front ends over the shared effects. The other is the unattended mode. */
import { exitCodeMeaning } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import type { PlannedInstall } from '../model/plan.ts';
import { formatProblem, isError } from '../model/problem.ts';
import type { SettingLayers } from '../model/settings.ts';
import { formatBytes, plural } from '../ui/format.ts';
import { abilitiesIn } from './console-terminal.ts';
import type { ConsoleTerminal } from './console-terminal.ts';
import { crash } from './crash.ts';
import type { Effects } from './effects.ts';
import { makeReduce } from './reduce.ts';
import { initialState, resumedState } from './state.ts';
import type { ConsoleState, Ending, Preset } from './state.ts';
import { createStore } from './store.ts';
import { createFront } from './console/front.tsx';
import type { Front, Look } from './console/front.tsx';
import { createRunner } from './console/runner.ts';
import type { Screens } from './console/screen.ts';

export interface ConsoleOptions {
  readonly effects: Effects;
  /** The table of screens: `screens/index.ts`. */
  readonly screens: Screens;
  readonly layers: SettingLayers;
  readonly terminal: ConsoleTerminal;
  readonly version: string;
  readonly presets?: readonly Preset[];
  /** A recorded machine is played: everything shown is marked so. */
  readonly simulated?: boolean;
  /** Goes on as it was left. */
  readonly resume?: ConsoleState | undefined;
  /** ms since the epoch; the clock by default */
  readonly now?: () => number;
  /** Called when a plan was confirmed, right before it is carried out. */
  readonly onDestructiveConfirmed?: (planned: PlannedInstall) => void;
  /** A bug: the terminal was given back already. Ends the process by default. */
  readonly onCrash?: (error: unknown) => void;
}

export interface ConsoleResult {
  readonly exitCode: ExitCode;
  /** What the caller has to do now that the terminal is free. */
  readonly finish: Ending['finish'];
  /** Printed below whatever was on the terminal before the console came. */
  readonly lastLines: readonly string[];
  /** As it was left, to go on with. */
  readonly left: ConsoleState;
  /** How it was shown at its end: a person may have switched. */
  readonly look: Look;
}

/** What remains on the terminal after the console is gone. */
const lastLines = (state: ConsoleState, ending: Ending): readonly string[] =>
  state.simulated ? resultLines(state, ending).map((line) => `SIMULATED ${line}`) : resultLines(state, ending);

const resultLines = (state: ConsoleState, { exitCode, finish }: Ending): readonly string[] => {
  const { run } = state;
  // Something else was wanted than an install: what is missing for one is of no interest.
  if (run === null && finish !== 'none') return finish === 'recovery' ? [] : ['slipway: nothing was written'];
  if (run?.done == null) {
    const errors = (state.outcome?.problems ?? []).filter(isError);
    return [`slipway: ${exitCodeMeaning[exitCode]}; nothing was written`, ...errors.map((problem) => `slipway: ${formatProblem(problem)}`)];
  }
  const { done, audit } = run;
  return [
    `slipway: ${done.text}`,
    ...(done.ok ? [] : [`slipway: ${exitCodeMeaning[exitCode]}; ${run.plan.targetText} was ${done.diskTouched ? 'written to' : 'not touched'}`]),
    ...run.problems.filter(isError).map((problem) => `slipway: ${formatProblem(problem)}`),
    ...(done.ok ? [] : [`slipway: what to do: ${done.result === 'interrupted' ? '' : 'mend what is named above and '}start slipway again${done.diskTouched ? '; the disk is unfinished, it can be installed to again' : ''}`]),
    ...(audit === null ? [] : [`slipway: audit ${audit.mode}: ${plural(audit.hits.length, 'hit')} in ${formatBytes(audit.bytesRead)}`]),
    ...run.receipts.map((receipt) => `slipway: receipt ${receipt}`),
  ];
};

/** Runs the console to its end; the terminal is given back before this returns. */
export const runConsole = async (options: ConsoleOptions): Promise<ConsoleResult> => {
  const now = options.now ?? Date.now;
  const { unicode, slow = false } = abilitiesIn(options.terminal);
  const first = options.screens.rows[0]?.id ?? '';
  let front: Front | undefined;
  const runner = createRunner({
    effects: options.effects,
    now,
    redraw: () => front?.redraw(),
    switchColor: () => front?.switchColor(),
    switchPlain: () => front?.switchPlain(),
    lend: async (work) => front?.lend(work),
    ...(options.onDestructiveConfirmed === undefined ? {} : { onConfirmed: options.onDestructiveConfirmed }),
  });
  const store = createStore(
    makeReduce(options.screens.rows),
    options.resume !== undefined
      ? resumedState(options.resume, now())
      : initialState({ version: options.version, now: now(), given: options.layers, presets: options.presets ?? [], canSave: options.effects.saveReport !== undefined, unicode, slow, simulated: options.simulated ?? false, screen: first }),
    runner.perform,
  );
  const ended = new Promise<Ending>((resolve) => {
    store.subscribe(() => {
      const { ending } = store.get();
      if (ending !== null) resolve(ending);
    });
  });
  const onSignal = (): void => store.dispatch({ type: 'quit' });
  const onCrash = options.onCrash ?? crash;
  front = createFront({ screens: options.screens, store, terminal: options.terminal, now, onSignal, onCrash });
  try {
    runner.start(store);
    const ending = await ended;
    await runner.idle();
    return { ...ending, lastLines: lastLines(store.get(), ending), left: store.get(), look: front.look() };
  } finally {
    await runner.stop();
    front.stop();
  }
};
