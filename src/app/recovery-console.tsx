/** The recovery menu: what `slipway` opens on a node that is installed. */
import { render } from 'ink';
import { exitCodes } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import { abilitiesOf, hearEnds, openTerminal } from '../ui/terminal.ts';
import type { TerminalInput, TerminalOptions, TerminalOutput } from '../ui/terminal.ts';
import type { RecoveryEffects } from './recovery/effects.ts';
import { startRecoveryPlain } from './recovery/plain.ts';
import { RecoveryRoot } from './recovery/root.tsx';
import { createRecoveryRunner } from './recovery/runner.ts';
import type { RecoveryScreens } from './recovery/screen.ts';
import { initialRecoveryState } from './recovery/state.ts';
import type { RecoveryEnding, RecoveryState } from './recovery/state.ts';
import { createRecoveryStore } from './recovery/store.ts';
import type { RecoveryStore } from './recovery/store.ts';

export interface RecoveryConsoleOptions {
  readonly effects: RecoveryEffects;
  readonly screens: RecoveryScreens;
  readonly terminal: {
    readonly stdin: TerminalInput;
    readonly stdout: TerminalOutput;
    readonly plain: boolean;
    readonly color: boolean;
    /** `TERM`, `LANG`, … as far as known. */
    readonly environment?: Readonly<Record<string, string | undefined>>;
  };
  readonly version: string;
  /** ms since the epoch; the clock by default */
  readonly now?: () => number;
  /** A bug: the terminal was given back already. Ends the process by default. */
  readonly onCrash?: (error: unknown) => void;
}

export interface RecoveryConsoleResult {
  readonly exitCode: ExitCode;
  /** The person wants a shell: whoever started this gives it. */
  readonly shell: boolean;
  /** Printed below whatever was on the terminal before. */
  readonly lastLines: readonly string[];
}

const crash = (error: unknown): void => {
  process.stderr.write(`slipway: a bug stopped the console: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCodes.bug);
};

interface Front {
  readonly redraw: () => void;
  readonly stop: () => void;
}

const screenFront = (screens: RecoveryScreens, store: RecoveryStore, options: TerminalOptions): Front => {
  const terminal = openTerminal(options);
  // Debug mode hands every frame over whole: what is new in it is the painter's business.
  const ink = render(<RecoveryRoot screens={screens} store={store} />, {
    stdin: options.stdin as NodeJS.ReadStream,
    stdout: terminal.frames as unknown as NodeJS.WriteStream,
    debug: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  ink.waitUntilExit().catch((error: unknown) => {
    terminal.restore();
    options.onCrash(error);
  });
  return {
    redraw: terminal.redraw,
    stop: () => {
      ink.unmount();
      terminal.restore();
    },
  };
};

const lastLines = (state: RecoveryState): readonly string[] => (state.run?.done == null ? [] : [`slipway: ${state.run.done.text}`]);

/** Runs the menu to its end; the terminal is given back before this returns. */
export const runRecoveryConsole = async (options: RecoveryConsoleOptions): Promise<RecoveryConsoleResult> => {
  const { stdin, stdout, color, environment = process.env } = options.terminal;
  const now = options.now ?? Date.now;
  let redraw = (): void => {};
  const runner = createRecoveryRunner({ effects: options.effects, now, redraw: () => redraw() });
  const store = createRecoveryStore(initialRecoveryState(options.version, now()), runner.perform);
  const ended = new Promise<RecoveryEnding>((resolve) => {
    store.subscribe(() => {
      const { ending } = store.get();
      if (ending !== null) resolve(ending);
    });
  });
  const abilities = abilitiesOf(environment, color);
  // A signal ends an action that is under way, then the menu.
  const onSignal = (): void => {
    store.dispatch({ type: 'quit' });
    void runner.idle().then(() => store.dispatch({ type: 'quit' }));
  };
  const onCrash = options.onCrash ?? crash;
  const plain = options.terminal.plain || environment['TERM'] === 'dumb';
  const front: Front = plain
    ? (() => {
        const unhear = hearEnds(onSignal, onCrash);
        const questions = startRecoveryPlain({ screens: options.screens, store, stdin, stdout, unicode: abilities.unicode });
        stdout.on('error', onSignal);
        return {
          redraw: () => {},
          stop: () => {
            questions.stop();
            unhear();
          },
        };
      })()
    : screenFront(options.screens, store, { stdin, stdout, abilities, onSignal, onCrash });
  redraw = front.redraw;
  try {
    runner.start(store);
    const ending = await ended;
    await runner.idle();
    return { ...ending, lastLines: lastLines(store.get()) };
  } finally {
    runner.stop();
    front.stop();
  }
};
