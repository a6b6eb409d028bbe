/** Where a console is shown, as its caller hands it over: the same for the installer and the recovery menu. */
import { abilitiesOf, openTerminal } from '../ui/terminal.ts';
import type { Terminal, TerminalInput, TerminalOutput } from '../ui/terminal.ts';
import type { Abilities } from '../ui/painter.ts';

export interface ConsoleTerminal {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly plain: boolean;
  readonly color: boolean;
  /** `TERM`, `LANG`, … as far as known; the process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Taken over already, with a first frame on it. */
  readonly opened?: Terminal | undefined;
}

const environmentOf = ({ environment = process.env }: ConsoleTerminal): Readonly<Record<string, string | undefined>> => environment;

export const abilitiesIn = (terminal: ConsoleTerminal): Abilities => abilitiesOf(environmentOf(terminal), terminal.color);

/** Plain questions can be printed as they are: there is no painter that would draw what a font lacks with something else. */
export const canPrintAll = (terminal: ConsoleTerminal): boolean => {
  const { unicode, consoleFont = false } = abilitiesIn(terminal);
  return unicode && !consoleFont;
};

/** Append-only questions instead of screens. */
export const isPlain = (terminal: ConsoleTerminal): boolean => terminal.plain || environmentOf(terminal)['TERM'] === 'dumb';

/** The terminal, taken over now unless it was before. */
export const openedTerminal = (terminal: ConsoleTerminal, onCrash: (error: unknown) => void): Terminal =>
  terminal.opened ?? openTerminal({ stdin: terminal.stdin, stdout: terminal.stdout, abilities: abilitiesIn(terminal), onCrash });
