/** The recovery menu: what `slipway` opens on a node that is installed. */
import type { ExitCode } from '../model/exit-code.ts';
import { createMemoryGuard } from '../system/memory.ts';
import { mount } from '../ui/mount.tsx';
import { hearEnds } from '../ui/terminal.ts';
import type { Terminal } from '../ui/terminal.ts';
import { canPrintAll, isPlain, openedTerminal } from './console-terminal.ts';
import type { ConsoleTerminal } from './console-terminal.ts';
import { crash } from './crash.ts';
import type { RecoveryEffects } from './recovery/effects.ts';
import { startRecoveryPlain } from './recovery/plain.ts';
import type { RecoveryPlainOptions } from './recovery/plain.ts';
import { RecoveryRoot } from './recovery/root.tsx';
import { createRecoveryRunner } from './recovery/runner.ts';
import type { RecoveryScreens } from './recovery/screen.ts';
import { initialRecoveryState } from './recovery/state.ts';
import type { MenuOpened, RecoveryEnding, RecoveryState } from './recovery/state.ts';
import { createRecoveryStore } from './recovery/store.ts';
import type { RecoveryStore } from './recovery/store.ts';

export interface RecoveryConsoleOptions {
  readonly effects: RecoveryEffects;
  readonly screens: RecoveryScreens;
  readonly terminal: ConsoleTerminal;
  readonly version: string;
  /** From where, and what was known there. */
  readonly opened?: Omit<MenuOpened, 'hasEditor'>;
  /** ms since the epoch; the clock by default */
  readonly now?: () => number;
  /** A bug: the terminal was given back already. Ends the process by default. */
  readonly onCrash?: (error: unknown) => void;
}

export interface RecoveryConsoleResult {
  readonly exitCode: ExitCode;
  /** The person wants a shell: whoever started this gives it. */
  readonly shell: boolean;
  /** Back to the installer that the menu was opened from. */
  readonly toInstaller?: boolean;
  /** Printed below whatever was on the terminal before. */
  readonly lastLines: readonly string[];
}

interface Front {
  readonly redraw: () => void;
  readonly stop: () => void;
}

const screenFront = (screens: RecoveryScreens, store: RecoveryStore, terminal: Terminal, onCrash: (error: unknown) => void): Front => {
  const unmount = mount(terminal, <RecoveryRoot screens={screens} store={store} />, { onCrash, onRender: createMemoryGuard() });
  return {
    redraw: terminal.redraw,
    stop: () => {
      unmount();
      terminal.restore();
    },
  };
};

const plainFront = (options: RecoveryPlainOptions, onSignal: () => void, onCrash: (error: unknown) => void): Front => {
  const unhear = hearEnds(onSignal, onCrash);
  const questions = startRecoveryPlain(options);
  options.stdout.on('error', onSignal);
  return {
    redraw: () => {},
    stop: () => {
      questions.stop();
      unhear();
    },
  };
};

const lastLines = ({ run, simulated }: RecoveryState): readonly string[] => (run?.done == null ? [] : [`${simulated ? 'SIMULATED ' : ''}slipway: ${run.done.text}`]);

/** Runs the menu to its end; the terminal is given back before this returns. */
export const runRecoveryConsole = async (options: RecoveryConsoleOptions): Promise<RecoveryConsoleResult> => {
  const now = options.now ?? Date.now;
  let redraw = (): void => {};
  const runner = createRecoveryRunner({ effects: options.effects, now, redraw: () => redraw() });
  const store = createRecoveryStore(initialRecoveryState(options.version, now(), { ...options.opened, hasEditor: !isPlain(options.terminal) }), runner.perform);
  const ended = new Promise<RecoveryEnding>((resolve) => {
    store.subscribe(() => {
      const { ending } = store.get();
      if (ending !== null) resolve(ending);
    });
  });
  // A signal ends an action that is under way, then the menu.
  const onSignal = (): void => {
    store.dispatch({ type: 'quit' });
    void runner.idle().then(() => store.dispatch({ type: 'quit' }));
  };
  const onCrash = options.onCrash ?? crash;
  let front: Front;
  if (isPlain(options.terminal)) {
    const { stdin, stdout } = options.terminal;
    front = plainFront({ screens: options.screens, store, stdin, stdout, unicode: canPrintAll(options.terminal) }, onSignal, onCrash);
  } else {
    const terminal = openedTerminal(options.terminal, onCrash);
    front = screenFront(options.screens, store, terminal, onCrash);
    terminal.hear(onSignal);
  }
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
