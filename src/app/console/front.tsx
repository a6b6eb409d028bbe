/**
 * The ways to show the console: screens, drawn by Ink, or plain questions. Either can take the other's place, and give the terminal
 * to a shell for a while; the state is the store's, so nothing is lost on the way.
 */
import { paletteOf } from './branding.ts';
import type { Branding } from '../../plan/input.ts';
import type { Line } from '../../system/port.ts';
import { createMemoryGuard } from '../../system/memory.ts';
import { mount } from '../../ui/mount.tsx';
import { hearEnds, leaveAgain, sizeOf } from '../../ui/terminal.ts';
import { canPrintAll, isPlain, openedTerminal } from '../console-terminal.ts';
import type { ConsoleTerminal } from '../console-terminal.ts';
import type { Store } from '../store.ts';
import { startPlain } from './plain.ts';
import { Root } from './root.tsx';
import type { Screens } from './screen.ts';

export interface FrontOptions {
  readonly screens: Screens;
  readonly store: Store;
  readonly terminal: ConsoleTerminal;
  /** ms since the epoch */
  readonly now: () => number;
  /** Somebody wants the program to end. */
  readonly onSignal: () => void;
  readonly onCrash: (error: unknown) => void;
}

/** How the console is shown. */
export interface Look {
  readonly plain: boolean;
  readonly color: boolean;
}

export interface Front {
  look(): Look;
  redraw(): void;
  switchColor(): void;
  /** From screens to plain questions, or back. */
  switchPlain(): void;
  /** The terminal is somebody else's while this works; then everything is shown again. */
  lend(work: (line: Line) => Promise<void>): Promise<void>;
  /** Gives the terminal back. */
  stop(): void;
}

/** One of the two ways. */
interface Shown {
  redraw(): void;
  switchColor(): void;
  /** Neither shows nor listens until `wake`. */
  rest(): void;
  wake(): void;
  end(): void;
}

const showScreens = ({ screens, store, terminal: given, now, onSignal, onCrash }: FrontOptions): Shown => {
  const terminal = openedTerminal(given, onCrash);
  const guard = createMemoryGuard();
  // The frame is on its way: it counts as shown when the terminal has taken it.
  const onFrame = (newPlan: string | null): void => terminal.whenPainted(newPlan === null ? null : () => store.dispatch({ type: 'shown', hash: newPlan, now: now() }));
  const show = (): (() => void) => mount(terminal, <Root screens={screens} store={store} now={now} onFrame={onFrame} />, { onCrash, onRender: guard });
  let unmount = show();
  let branding: Branding | undefined;
  const paint = (): void => {
    const next = store.get().input?.branding;
    if (next === undefined || JSON.stringify(next) === JSON.stringify(branding)) return;
    branding = next;
    const palette = paletteOf(next);
    if (Object.keys(palette).length > 0) terminal.setPalette(palette);
  };
  paint();
  const unsubscribe = store.subscribe(paint);
  terminal.hear(onSignal);
  return {
    redraw: terminal.redraw,
    switchColor: terminal.switchColor,
    rest: () => {
      terminal.lend();
      unmount();
    },
    wake: () => {
      terminal.takeBack();
      unmount = show();
    },
    end: () => {
      unsubscribe();
      unmount();
      terminal.restore();
    },
  };
};

const showQuestions = ({ screens, store, terminal, now, onSignal, onCrash }: FrontOptions, afterScreens = false): Shown => {
  const { stdin, stdout } = terminal;
  const unhear = hearEnds((signal) => {
    if (afterScreens && signal === 'SIGINT') stdout.write(leaveAgain);
    onSignal();
  }, onCrash);
  const start = (): { readonly stop: () => void } => {
    // Ink lets go of the input so that it holds up no end of the program.
    stdin.ref?.();
    return startPlain({ screens, store, now, stdin, stdout, unicode: canPrintAll(terminal) });
  };
  let plain = start();
  stdout.on('error', onSignal);
  return {
    redraw: () => {},
    switchColor: () => {},
    rest: () => plain.stop(),
    wake: () => {
      plain = start();
    },
    end: () => {
      plain.stop();
      unhear();
      stdout.off('error', onSignal);
    },
  };
};

const lineOf = ({ stdin, stdout }: ConsoleTerminal): Line => ({
  input: stdin,
  write: (data) => void stdout.write(data),
  size: () => sizeOf(stdout),
  onResize: (listener) => {
    const onResize = (): void => listener(sizeOf(stdout));
    stdout.on('resize', onResize);
    return () => void stdout.off('resize', onResize);
  },
});

export const createFront = (options: FrontOptions): Front => {
  const { store, terminal } = options;
  let plain = isPlain(terminal);
  let { color } = terminal;
  let shown = plain ? showQuestions(options) : showScreens(options);
  return {
    look: () => ({ plain, color }),
    redraw: () => shown.redraw(),
    switchColor: () => {
      color = !color;
      shown.switchColor();
    },
    switchPlain: () => {
      if (plain && (terminal.stdin.isTTY !== true || terminal.stdout.isTTY !== true || isPlain({ ...terminal, plain: false }))) {
        return store.dispatch({ type: 'notice', text: 'this line can show plain questions only' });
      }
      shown.end();
      plain = !plain;
      // What was opened for the first frame has been given back.
      shown = plain ? showQuestions(options, true) : showScreens({ ...options, terminal: { ...terminal, color, opened: undefined } });
      // Whoever asked plain questions stopped the input at the end; Ink, which listens by now, does not start it again.
      if (!plain) setImmediate(() => terminal.stdin.resume());
    },
    lend: async (work) => {
      const { stdin, stdout } = terminal;
      shown.rest();
      stdout.write('This is a shell. The console goes on when it ends: exit, or Ctrl-D.\r\n');
      // Ink switches raw mode off a moment after it went. What is typed now is the shell's, byte by byte.
      await new Promise((resolve) => setImmediate(resolve));
      stdin.setRawMode?.(true);
      stdin.ref?.();
      try {
        await work(lineOf(terminal));
      } finally {
        stdin.setRawMode?.(false);
        shown.wake();
      }
    },
    stop: () => shown.end(),
  };
};
