/** Broken, twisted and random documents, and what must hold for every one of them. The same number makes the same document. */
import { isDeepStrictEqual } from 'node:util';
import { isError } from '../../src/model/problem.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRedactor } from '../../src/scrub/redact.ts';
import { stripInstallerData, stripUserData, stripWholeUserData } from '../../src/scrub/strip.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { decodeText } from '../../src/sources/decode.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { readKernelLine } from '../../src/sources/kernel-line.ts';
import { readMetaData } from '../../src/sources/meta-data.ts';
import { readPrompts } from '../../src/sources/prompts.ts';
import { checkUserData } from '../../src/sources/user-data.ts';
import { dice, makeDocument, makePlainDocument } from './documents.ts';

const pieces = [
  ': ', ':', '- ', '#', ' #', '\n', '\r\n', '\t', '  ', '|', '>', '|+\n', '>-\n', '"', "'", '{', '}', '[', ']', ', ', '&a ', '*a', '<<: *a\n', '!!binary ', '!x ', '? ', '---\n', '...\n', '%YAML 1.1\n',
  '@', '`', '{{ .X }}', '~', 'null', '0644', '\uFEFF', '\u0000', '\u001b[2J', '\u2028', '\ud800', 'é', '💥', '__proto__: x\n', 'install:\n', 'stages:\n', '  before-install:\n', 'users: ', '#cloud-config\n', 'x'.repeat(300),
];

/** A few changes at random places. */
const mutate = (text: string, random: () => number): string => {
  let result = text;
  const changes = 1 + Math.floor(random() * 6);
  for (let change = 0; change < changes; change += 1) {
    const at = Math.floor(random() * (result.length + 1));
    const length = Math.floor(random() ** 3 * 40);
    const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
    const kind = random();
    if (kind < 0.4) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind < 0.6) result = result.slice(0, at) + result.slice(at + length);
    else if (kind < 0.75) result = result.slice(0, at) + piece + result.slice(at + length);
    else if (kind < 0.9) {
      const from = Math.floor(random() * result.length);
      result = result.slice(0, at) + result.slice(from, from + length * 3) + result.slice(at);
    } else {
      const lines = result.split('\n');
      const line = Math.floor(random() * lines.length);
      lines.splice(Math.floor(random() * lines.length), 0, ...lines.splice(line, 1 + Math.floor(random() * 3)));
      result = lines.join('\n');
    }
  }
  return result;
};

const soup = (random: () => number): string => `#cloud-config\n${Array.from({ length: Math.floor(random() * 40) }, () => pieces[Math.floor(random() * pieces.length)] ?? '').join('')}`;

const noise = (random: () => number): Uint8Array => Uint8Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256));

export interface Twisted {
  readonly text: string;
  /** How it was made. */
  readonly how: string;
}

/** The document of a number; undefined for noise that is no text. */
export const makeTwisted = (seed: number): Twisted | undefined => {
  const random = dice(seed);
  const kind = seed % 10;
  if (kind < 3) return { text: mutate(makeDocument(seed).text, random), how: 'changed' };
  if (kind < 5) return { text: mutate(makePlainDocument(seed), random), how: 'changed, plain' };
  if (kind < 6) return { text: makePlainDocument(seed), how: 'plain' };
  if (kind < 9) return { text: soup(random), how: 'pieces' };
  const { text } = decodeText(noise(random), 'noise');
  return text === undefined ? undefined : { text, how: 'noise' };
};

/** Puts a document through everything that reads one. Gives whether it is valid. @throws what is wrong with the program */
export const checkTwisted = (text: string, seed: number): boolean => {
  const split = stripUserData(text, 'user-data');
  const { kept, problems, items } = split;
  if (!isDeepStrictEqual(split, stripWholeUserData(text, 'user-data'))) throw new Error('the short way cuts otherwise than the complete parser');
  checkUserData(text, 'user-data');
  checkInstallerData(text, 'installer-data');
  const { items: all } = stripInstallerData(text, 'installer-data');
  if (seed % 10 === 5) createRedactor(buildPatterns(all, { keptTexts: [kept] }));
  readMetaData(text, 'meta-data');
  readKernelLine(text);
  readPrompts(text, 'plugin');
  if (problems.some(isError)) return false;
  const again = stripUserData(kept, 'user-data');
  if (again.kept !== kept || again.removed.length > 0) throw new Error('a second cut finds something');
  if (!kept.startsWith('#cloud-config')) throw new Error('what is kept has no header');
  // Values that stand once in the text and are searched for must be gone.
  for (const { value, searched } of items) {
    if (searched && /^GONE\w+z$/.test(value) && text.split(value).length === 2 && kept.includes(value)) throw new Error('an install-only word is kept');
  }
  if (seed % 10 === 0) buildKeptConfig({ documents: [{ name: 'u', text }, { name: 'v', text: kept }], answers: { hostname: 'n', user: 'op', sshKeys: ['github:x'] }, metaHostname: null });
  return true;
};
