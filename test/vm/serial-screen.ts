/** What a person at a machine's serial line sees: its bytes through a real terminal model, 80x24. */
import xterm from '@xterm/headless';
import type { Machine } from './machine.ts';

export interface SerialScreen {
  /** 24 lines. */
  screen(): string;
  /** Waits until the screen shows `pattern`; gives the screen. @throws Error with the screen when it does not within `timeout` ms */
  see(pattern: RegExp, timeout?: number): Promise<string>;
}

export const watchScreen = (machine: Machine): SerialScreen => {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, scrollback: 0 });
  // Programs ask a terminal what it is; without an answer they wait.
  terminal.onData((text) => machine.write(text));
  let fed = 0;
  const feed = (): Promise<void> =>
    new Promise((resolve) => {
      const text = machine.rawText;
      terminal.write(text.slice(fed), resolve);
      fed = text.length;
    });
  const screen = (): string => Array.from({ length: 24 }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '').join('\n');
  return {
    screen,
    async see(pattern, timeout = 180_000) {
      for (const end = Date.now() + timeout; ; ) {
        await feed();
        if (pattern.test(screen())) return screen();
        if (Date.now() > end) throw new Error(`the screen did not show ${pattern} within ${timeout / 1000} s; it shows:\n${screen()}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  };
};
