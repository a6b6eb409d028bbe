/** From a key press to an action. Pure, so that it can be tried with any keys without a terminal. */
import { findAction } from '../../ui/bindings.ts';
import { keyTable } from '../../ui/keys.ts';
import type { KeyPress } from '../../ui/keys.ts';
import { textAreaKey } from '../../ui/text-area.ts';
import { textFieldKey } from '../../ui/text-field.ts';
import { isRunning } from '../state.ts';
import type { Action, ConsoleState } from '../state.ts';
import { behaviourOf } from './screen.ts';
import type { Behaviours, Keys, Room } from './screen.ts';

/** Keys that work on every screen. */
const everywhere = (screens: Behaviours, state: ConsoleState): Keys => [
  ...(screens.rows.find((row) => row.when(state))?.id === state.screen || state.run !== null
    ? []
    : [{ key: 'back', label: 'back', help: 'one screen back; every answer is kept', action: { type: 'back' } } as const]),
  ...(state.run === null
    ? []
    : [{ key: 'log', label: 'log', help: 'the log of the install', action: { type: 'overlay', overlay: 'log' } } as const]),
  { key: 'inFull', label: '', help: 'what this screen has no room for, and every problem', action: { type: 'many', actions: [{ type: 'highlight', list: 'in-full', index: 0 }, { type: 'overlay', overlay: 'in-full' }] } },
  { key: 'redraw', label: '', help: 'draw the screen anew', action: { type: 'redraw' } },
  { key: 'color', label: '', help: 'colours on or off', action: { type: 'switch-color' } },
  { key: 'plain', label: '', help: 'plain questions, one a line, in place of screens', action: { type: 'switch-plain' } },
  { key: 'goShell', label: 'shell', help: 'a shell; exit comes back to this screen', action: { type: 'shell' } },
  { key: 'help', label: 'help', help: 'this page', action: { type: 'many', actions: [{ type: 'focus', screen: 'help', index: 0 }, { type: 'overlay', overlay: 'help' }] } },
  {
    key: 'quit',
    label: isRunning(state) ? '' : 'quit',
    help: isRunning(state) ? 'stop the install (asks first)' : 'leave the console (asks first)',
    action: { type: 'overlay', overlay: isRunning(state) ? 'abort' : 'quit' },
  },
];

/** All keys of what is on the screen; a screen's own come first and win. */
export const activeKeys = (screens: Behaviours, state: ConsoleState, room: Room): Keys => {
  const own = behaviourOf(screens, state).keys(state, room);
  if (state.overlay !== null) return own;
  const taken = new Set(own.map(({ key }) => key));
  return [
    ...own,
    ...everywhere(screens, state)
      .filter(({ key }) => !taken.has(key))
      // The footer names the shell once.
      .map((binding) => (binding.key === 'goShell' && taken.has('shell') ? { ...binding, label: '' } : binding)),
  ];
};

export const fieldHasFocus = (screens: Behaviours, state: ConsoleState, room: Room): boolean =>
  behaviourOf(screens, state).focus?.(state, room) != null;

/** ms after the screen changed by itself in which keys are taken for ones that were meant for the screen before. */
const handsOff = 1000;

const isTooEarly = ({ turnedAt }: ConsoleState, now: number): boolean => turnedAt !== null && now >= turnedAt && now - turnedAt < handsOff;

/** What a press at this time (ms since the epoch) means, or null. */
export const route = (screens: Behaviours, state: ConsoleState, press: KeyPress, room: Room, now: number): Action | null => {
  if (state.ending !== null) return null;
  // Any key stops the countdown, and does nothing else.
  if (state.countdownEnds !== null) return { type: 'stop-countdown' };
  if (isTooEarly(state, now) && press.key !== 'ctrl-c') return null;
  const focused = behaviourOf(screens, state).focus?.(state, room) ?? null;
  if (focused?.lines !== undefined) {
    const edit = textAreaKey(press);
    if (edit !== null) return { type: 'edit-text', text: focused.field, edit, limits: { maxLength: focused.maxLength, height: focused.lines } };
  } else if (focused !== null) {
    const edit = press.key === 'pasted-enter' && focused.separator !== undefined ? ({ edit: 'insert', text: focused.separator } as const) : textFieldKey(press);
    if (edit !== null) {
      const typed = { type: 'edit', field: focused.field, edit, maxLength: focused.maxLength } as const;
      return edit.edit === 'clear' && focused.emptied !== undefined ? { type: 'many', actions: [typed, focused.emptied] } : typed;
    }
  }
  return findAction(activeKeys(screens, state, room), press, focused !== null);
};

/** For tests that try every key. */
export const everyPress: readonly KeyPress[] = [
  ...new Set(Object.values(keyTable).flatMap(({ presses }) => presses as readonly string[])),
].map((press) => (press.length === 1 ? { key: 'text', text: press } : { key: press, text: '' }));
