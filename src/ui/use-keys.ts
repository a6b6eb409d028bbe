/** The only place where Ink's input is listened to. */
import { useInput, usePaste } from 'ink';
import { splitKeys, splitText } from './keys.ts';
import type { KeyPress } from './keys.ts';

/** Hands over presses one by one, also from a paste or when several came in one read. */
export const useKeys = (onPress: (press: KeyPress) => void): void => {
  useInput((input, key) => {
    for (const press of splitKeys(input, key)) onPress(press);
  });
  usePaste((text) => {
    // A pasted line feed must not confirm anything: it has a name of its own, which only a text of several lines takes.
    for (const press of splitText(text)) {
      if (press.key === 'text') onPress(press);
      else if (press.key === 'enter' || press.key === 'tab') onPress({ key: `pasted-${press.key}`, text: '' });
    }
  });
};
