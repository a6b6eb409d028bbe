/** A root shell at the other end of a machine's serial line: commands in, what they print and their exit code out. */
import type { Machine } from './machine.ts';

export interface SerialShell {
  /**
   * Types a command and waits for its end.
   *
   * @param timeout milliseconds
   */
  run(command: string, timeout?: number): Promise<{ readonly code: number; readonly text: string }>;
}

/** For a shell that waits for its first command. Echo and prompt are turned off: what comes is what commands print. */
export const openSerialShell = (machine: Machine): SerialShell => {
  let commands = 0;
  const run = async (command: string, timeout: number): Promise<{ code: number; text: string }> => {
    commands += 1;
    const from = machine.text.length;
    // Put together by the shell: an echo of the command itself is no answer.
    machine.write(`${command}; echo "<$?""-${commands}>"\r`);
    const [all, code] = await machine.waitFor(new RegExp(`<(\\d+)-${commands}>`), timeout);
    const text = machine.text.slice(from);
    return { code: Number(code), text: text.slice(0, text.lastIndexOf(all)).trim() };
  };
  let quiet: Promise<unknown> | undefined;
  return {
    async run(command, timeout = 120_000) {
      await (quiet ??= run('stty -echo; PS1=', timeout));
      return run(command, timeout);
    },
  };
};
