/**
 * Keys, once. The table names every key the console knows; footers and help are generated from it.
 * One read from a terminal may hold several keys (`yes\r`), so input is split before anybody looks at it.
 */
import { graphemesOf } from './graphemes.ts';

/** A physical key after splitting: a name for special keys, the text itself for the rest. */
export interface KeyPress {
  /** `enter`, `escape`, `up`, `ctrl-c`, …; `text` for printable characters. */
  readonly key: string;
  /** The character(s) for `text`; empty otherwise. */
  readonly text: string;
}

interface KeyRow {
  /** Presses that mean it. Single characters count as such only while no field has the focus. */
  readonly presses: readonly string[];
  /** How footer and help write it. */
  readonly shown: string;
}

const row = (shown: string, ...presses: readonly string[]): KeyRow => ({ shown, presses });

/** The one key table. */
export const keyTable = {
  up: row('Up', 'up', 'k'),
  down: row('Down', 'down', 'j'),
  pageUp: row('PgUp', 'pageup', 'ctrl-b'),
  pageDown: row('PgDn', 'pagedown', 'ctrl-f'),
  first: row('Home', 'home', 'g'),
  last: row('End', 'end', 'G'),
  accept: row('Enter', 'enter'),
  back: row('Esc', 'escape'),
  nextField: row('Tab', 'tab'),
  previousField: row('Shift-Tab', 'shift-tab'),
  toggle: row('Space', ' '),
  left: row('Left', 'left', 'h'),
  right: row('Right', 'right', 'l'),
  help: row('?', '?', 'ctrl-g'),
  quit: row('q', 'q', 'ctrl-c'),
  interrupt: row('Ctrl-C', 'ctrl-c'),
  redraw: row('Ctrl-L', 'ctrl-l'),
  color: row('Ctrl-T', 'ctrl-t'),
  log: row('o', 'o', 'ctrl-o'),
  filter: row('/', '/'),
  nextMatch: row('n', 'n'),
  previousMatch: row('N', 'N'),
  rescan: row('r', 'r', 'ctrl-r'),
  retry: row('r', 'r'),
  again: row('i', 'i'),
  view: row('v', 'v', 'ctrl-v'),
  diff: row('d', 'd', 'ctrl-d'),
  change: row('c', 'c'),
  abort: row('a', 'a', 'q', 'ctrl-c'),
  yes: row('y', 'y', 'Y'),
  no: row('n', 'n', 'N', 'escape'),
  use: row('u', 'u'),
  release: row('u', 'u'),
  edit: row('e', 'e', 'ctrl-x'),
  add: row('+', '+'),
  remove: row('-', '-'),
  shell: row('s', 's'),
  /** Works on every screen, in fields too: out to a shell and back. */
  goShell: row('!', '!', 'ctrl-z'),
  plain: row('Ctrl-P', 'ctrl-p'),
  powerOff: row('p', 'p'),
  save: row('w', 'w'),
  wipe: row('w', 'w'),
  code: row('x', 'x'),
  files: row('f', 'f'),
  pick: row('Ctrl-K', 'ctrl-k'),
  recovery: row('m', 'm'),
  undo: row('Ctrl-U', 'ctrl-u'),
  redo: row('Ctrl-Y', 'ctrl-y'),
  nextProblem: row('Ctrl-N', 'ctrl-n'),
  search: row('Ctrl-F', 'ctrl-f'),
  /** Everything that a screen has no room for; works in fields too. */
  inFull: row('Ctrl-N', 'ctrl-n'),
  network: row('t', 't'),
} as const satisfies Readonly<Record<string, KeyRow>>;

export type KeyName = keyof typeof keyTable;

/** The part of Ink's key description that is used here. */
export interface InkKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

const special = (key: string): readonly KeyPress[] => [{ key, text: '' }];

const controlNames: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\r\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007F': 'backspace',
  '\u001B': 'escape',
};

/** One character as it came from the terminal. */
const pressOf = (grapheme: string): KeyPress | null => {
  const named = controlNames[grapheme];
  if (named !== undefined) return { key: named, text: '' };
  const code = grapheme.codePointAt(0) ?? 0;
  if (code > 0 && code < 0x1b) return { key: `ctrl-${String.fromCodePoint(code + 0x60)}`, text: '' };
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return null;
  return { key: 'text', text: grapheme };
};

/** Splits what one read held into single presses; control characters that mean nothing are dropped. */
export const splitText = (text: string): readonly KeyPress[] =>
  graphemesOf(text)
    .map(pressOf)
    .filter((press) => press !== null);

/** Turns one Ink input event into presses. */
export const splitKeys = (input: string, key: InkKey): readonly KeyPress[] => {
  if (key.upArrow) return special('up');
  if (key.downArrow) return special('down');
  if (key.leftArrow) return special('left');
  if (key.rightArrow) return special('right');
  if (key.pageUp) return special('pageup');
  if (key.pageDown) return special('pagedown');
  if (key.home) return special('home');
  if (key.end) return special('end');
  if (key.tab) return special(key.shift ? 'shift-tab' : 'tab');
  if (key.return) return special('enter');
  if (key.backspace) return special('backspace');
  if (key.delete) return special('delete');
  // ESC and the rest of a sequence can arrive apart on a slow line; what is left of it is not typed text.
  if (key.escape) return special('escape');
  if (key.ctrl && /^[a-z]$/.test(input)) return special(`ctrl-${input}`);
  if (key.meta) return [];
  return splitText(input);
};

/** True when this press means the named key. While a field has the focus, characters are text and mean nothing else. */
export const means = (press: KeyPress, name: KeyName, fieldHasFocus: boolean): boolean => {
  const presses: readonly string[] = keyTable[name].presses;
  if (press.key !== 'text') return presses.includes(press.key);
  return !fieldHasFocus && presses.includes(press.text);
};

/** How a key is written; in a field, its form that is not a character. */
export const shownKey = (name: KeyName, fieldHasFocus: boolean): string => {
  const { shown, presses } = keyTable[name] as KeyRow;
  if (!fieldHasFocus || shown.length > 1) return shown;
  const control = presses.find((press) => press.startsWith('ctrl-'));
  return control === undefined ? shown : `Ctrl-${control.slice(5).toUpperCase()}`;
};
