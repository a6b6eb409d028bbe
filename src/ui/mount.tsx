/** Puts a view on an open terminal, by Ink. */
import { render } from 'ink';
import type { ReactNode } from 'react';
import { createMemoryGuard } from '../system/memory.ts';
import type { Terminal } from './terminal.ts';

/** Returns how to take it off again. A view that throws is a bug: the terminal is given back, then `onCrash` is called. */
export const mount = (terminal: Terminal, view: ReactNode, onCrash: (error: unknown) => void): (() => void) => {
  // Debug mode hands every frame over whole: what is new in it is the painter's business.
  const ink = render(view, {
    stdin: terminal.input as NodeJS.ReadStream,
    stdout: terminal.frames as unknown as NodeJS.WriteStream,
    debug: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    onRender: createMemoryGuard(),
  });
  ink.waitUntilExit().catch((error: unknown) => {
    terminal.restore();
    onCrash(error);
  });
  return () => ink.unmount();
};
