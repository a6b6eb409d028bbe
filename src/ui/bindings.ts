/** What a key does on a screen. Footer and help are made from the same rows that the keys are looked up in. */
import { keyTable, means, shownKey } from './keys.ts';
import type { KeyName, KeyPress } from './keys.ts';

export interface Binding<Action> {
  readonly key: KeyName;
  /** What it does, in a word or two; empty: works, but is not listed in the footer. */
  readonly label: string;
  /** A sentence for the help page; the label is used when there is none. */
  readonly help?: string;
  readonly action: Action;
}

/** The action of the first binding that this press means. */
export const findAction = <Action>(
  bindings: readonly Binding<Action>[],
  press: KeyPress,
  fieldHasFocus: boolean,
): Action | null => bindings.find(({ key }) => means(press, key, fieldHasFocus))?.action ?? null;

/** A key works in a field only when it has a press that is not a character. */
const reachable = (key: KeyName, fieldHasFocus: boolean): boolean =>
  !fieldHasFocus || (keyTable[key].presses as readonly string[]).some((press) => press.length > 1);

export interface Hint {
  readonly key: string;
  readonly label: string;
}

/** Without these nobody finds the way on, back, or to what the other keys do. */
const lasting: ReadonlySet<KeyName> = new Set(['accept', 'back', 'help']);

/** Columns of a footer line: a blank before the first, two between them. */
const hintsWidth = (hints: readonly Hint[]): number => hints.reduce((sum, { key, label }) => sum + key.length + label.length + 3, -1);

/** The hints of the footer, as many as fit into `width` columns. The last ones give way first, then quit; the lasting ones stay in any case. */
export const footerHints = <Action>(bindings: readonly Binding<Action>[], fieldHasFocus: boolean, width: number): readonly Hint[] => {
  let kept = bindings
    .filter(({ key, label }) => label !== '' && reachable(key, fieldHasFocus))
    .map(({ key, label }) => ({ name: key, key: shownKey(key, fieldHasFocus), label }));
  while (hintsWidth(kept) > width) {
    const next = kept.findLast(({ name }) => !lasting.has(name) && name !== 'quit') ?? kept.find(({ name }) => name === 'quit');
    if (next === undefined) break;
    kept = kept.filter((hint) => hint !== next);
  }
  return kept.map(({ key, label }) => ({ key, label }));
};

/** Every key of a screen with what it does, for the help page. */
export const helpLines = <Action>(bindings: readonly Binding<Action>[], fieldHasFocus: boolean): readonly Hint[] =>
  bindings
    .filter(({ key, label, help }) => (label !== '' || help !== undefined) && reachable(key, fieldHasFocus))
    .map(({ key, label, help }) => {
      const { presses } = keyTable[key];
      const others = presses.filter((press) => press.length === 1 && press !== keyTable[key].shown && press !== ' ');
      const written = shownKey(key, fieldHasFocus);
      return {
        key: fieldHasFocus || others.length === 0 ? written : `${written} ${others.join(' ')}`,
        label: help ?? label,
      };
    });
