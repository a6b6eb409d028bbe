/**
 * `npm run fuzz`: broken, twisted and random documents through everything that reads one. Fails on a crash, a document that
 * takes over five seconds, install-only words in what is kept, or a second cut that differs. FUZZ_COUNT, FUZZ_SEED.
 */
import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import { isError } from '../src/model/problem.ts';
import { stripInstallerData, stripUserData, stripWholeUserData } from '../src/scrub/strip.ts';
import { buildKeptConfig } from '../src/sources/answers-to-config.ts';
import { decodeText } from '../src/sources/decode.ts';
import { checkInstallerData } from '../src/sources/installer-data.ts';
import { readKernelLine } from '../src/sources/kernel-line.ts';
import { readMetaData } from '../src/sources/meta-data.ts';
import { readPrompts } from '../src/sources/prompts.ts';
import { checkUserData } from '../src/sources/user-data.ts';
import { dice, makeDocument, makePlainDocument } from '../test/properties/documents.ts';

const count = Number(process.env['FUZZ_COUNT'] ?? 100_000);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
/** ms */
const longest = 5000;

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

let slowest = 0;
let accepted = 0;
const started = performance.now();

const check = (text: string, seed: number, how: string): void => {
  const began = performance.now();
  try {
    const split = stripUserData(text, 'user-data');
    const { kept, problems, items } = split;
    if (!isDeepStrictEqual(split, stripWholeUserData(text, 'user-data'))) throw new Error('the short way cuts otherwise than the complete parser');
    checkUserData(text, 'user-data');
    checkInstallerData(text, 'installer-data');
    stripInstallerData(text, 'installer-data');
    readMetaData(text, 'meta-data');
    readKernelLine(text);
    readPrompts(text, 'plugin');
    if (!problems.some(isError)) {
      accepted += 1;
      const again = stripUserData(kept, 'user-data');
      if (again.kept !== kept || again.removed.length > 0) throw new Error('a second cut finds something');
      if (!kept.startsWith('#cloud-config')) throw new Error('what is kept has no header');
      // Values that stand once in the text and are searched for must be gone.
      for (const { value, searched } of items) {
        if (searched && /^GONE\w+z$/.test(value) && text.split(value).length === 2 && kept.includes(value)) throw new Error('an install-only word is kept');
      }
      if (seed % 10 === 0) buildKeptConfig({ documents: [{ name: 'u', text }, { name: 'v', text: kept }], answers: { hostname: 'n', user: 'op', sshKeys: ['github:x'] }, metaHostname: null });
    }
  } catch (error) {
    console.error(`seed ${seed} (${how}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${JSON.stringify(text)}`);
    process.exit(1);
  }
  const took = performance.now() - began;
  if (took > longest) {
    console.error(`seed ${seed} (${how}) took ${Math.round(took)} ms\n${JSON.stringify(text.slice(0, 2000))}`);
    process.exit(1);
  }
  slowest = Math.max(slowest, took);
};

for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
  const random = dice(seed);
  const kind = seed % 10;
  if (kind < 3) check(mutate(makeDocument(seed).text, random), seed, 'changed');
  else if (kind < 5) check(mutate(makePlainDocument(seed), random), seed, 'changed, plain');
  else if (kind < 6) check(makePlainDocument(seed), seed, 'plain');
  else if (kind < 9) check(soup(random), seed, 'pieces');
  else {
    const { text } = decodeText(noise(random), 'noise');
    if (text !== undefined) check(text, seed, 'noise');
  }
  if (process.stdout.isTTY && seed % 1000 === 0) process.stdout.write(`\r${seed}`);
}
const seconds = (performance.now() - started) / 1000;
console.log(`${count} documents, ${accepted} of them valid, no crash; slowest ${Math.round(slowest)} ms, ${Math.round(count / seconds)} a second`);
