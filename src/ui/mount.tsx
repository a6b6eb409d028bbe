/** Puts a view on an open terminal, by Ink. */
import { render } from 'ink';
import type { ReactNode } from 'react';
import type { Terminal } from './terminal.ts';

export interface MountOptions {
  /** A view that throws is a bug: the terminal was given back before. */
  readonly onCrash: (error: unknown) => void;
  /** After every frame. */
  readonly onRender: () => void;
}

/** Returns how to take it off again. */
export const mount = (terminal: Terminal, view: ReactNode, { onCrash, onRender }: MountOptions): (() => void) => {
  // Debug mode hands every frame over whole: what is new in it is the painter's business.
  const ink = render(view, {
    stdin: terminal.input as NodeJS.ReadStream,
    stdout: terminal.frames as unknown as NodeJS.WriteStream,
    debug: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    onRender,
  });
  ink.waitUntilExit().catch((error: unknown) => {
    terminal.restore();
    onCrash(error);
  });
  return () => ink.unmount();
};
