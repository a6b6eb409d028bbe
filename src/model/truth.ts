/**
 * True and false as Kairos reads them. Its decoder (gopkg.in/yaml.v3 `decode.go`, into a Go bool) takes the words of YAML 1.1, in quotes
 * too; its merge and every other reader see them as text. Whoever asks whether something is switched on has to know both.
 */

const trueWords = ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'] as const;
const falseWords = ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'] as const;

/** The words that are text to YAML 1.2, and true or false where Kairos wants that. `true` in quotes is none of them: the decoder refuses it. */
export const truthWord = new RegExp(`^(?:${[...trueWords, ...falseWords].join('|')})$`);

/** True where Kairos reads a switch as on. */
export const isTrue = (value: unknown): boolean => value === true || (trueWords as readonly unknown[]).includes(value);

/** True where Kairos reads a switch as off; one that isn't there says neither. */
export const isFalse = (value: unknown): boolean => value === false || (falseWords as readonly unknown[]).includes(value);
