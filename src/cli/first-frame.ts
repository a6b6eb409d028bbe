/** Takes the terminal over with a first frame on it, before the console is loaded: nobody looks at an empty screen meanwhile. */
import { abilitiesIn, isPlain } from '../app/console-terminal.ts';
import type { ConsoleTerminal } from '../app/console-terminal.ts';
import { crash } from '../app/crash.ts';
import { openTerminal, sizeOf } from '../ui/terminal.ts';
import type { Size } from '../ui/terminal.ts';
import type { Globals } from './parse.ts';

/** The process's own terminal, with a frame on it unless plain questions are wanted. */
export const openOnFrame = ({ plain, color }: Globals, frame: (size: Size) => string): ConsoleTerminal => {
  const { stdin, stdout } = process;
  const terminal: ConsoleTerminal = { stdin, stdout, plain, color };
  if (isPlain(terminal)) return terminal;
  const opened = openTerminal({ stdin, stdout, abilities: abilitiesIn(terminal), onCrash: crash });
  opened.show(frame(sizeOf(stdout)));
  return { ...terminal, opened };
};
