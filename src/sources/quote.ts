/** Text as a YAML scalar that every reader takes for this text: YAML 1.1 and 1.2, in block and in flow style. Pure. */
import { stringify } from 'yaml';

/** What a terminal acts on, or a reader takes for a line break or no character at all; JSON lets it stand. */
const mustBeEscaped = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON on one line that is YAML, too. */
export const jsonAsYaml = (value: unknown): string => JSON.stringify(value).replace(mustBeEscaped, escape);

/** In double quotes, escaped. */
export const doubleQuoted = (text: string): string => jsonAsYaml(text);

/** Words that a reader of YAML 1.1 takes for something else than text. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

const surelyText = /^[A-Za-z/$][\w/.+$@%=-]*$/;

/**
 * True for a text of one line that needs no quotes in block style, whoever reads it: it begins as no number, date or null does
 * (gopkg.in/yaml.v3 `resolve.go`), is none of the words that are truths, and the library would not quote it either.
 */
export const isPlainText = (text: string): boolean => {
  if (!/^[A-Za-z/$_(]/.test(text) || words.test(text)) return false;
  if (surelyText.test(text)) return true;
  return text.search(mustBeEscaped) === -1 && stringify(text, { lineWidth: 0, compat: 'yaml-1.1', defaultStringType: 'PLAIN', blockQuote: false }).trimEnd() === text;
};
