/**
 * `slipway.<flag>[=value]` words of the kernel line. Quoting as in the kernel (`lib/cmdline.c`, `next_arg`): double
 * quotes keep blanks together, anywhere in a word; there is no escape character.
 */
import type { Problem } from '../model/problem.ts';
import type { SettingLayer, SettingName } from '../model/settings.ts';
import { readSetting, settings } from '../model/settings.ts';
import { fileSettings } from './settings-map.ts';
import { didYouMean } from './suggest.ts';

const prefix = 'slipway.';

/** A kernel line is at most some KiB; what a hypervisor may put behind that is not read. */
const longest = 65_536;

/** Splits a line into words, quotes removed. */
export const kernelWords = (line: string): readonly string[] => {
  const words: string[] = [];
  let word = '';
  let started = false;
  let quoted = false;
  for (const character of line.slice(0, longest)) {
    if (character === '"') {
      quoted = !quoted;
      started = true;
    } else if (!quoted && /\s/.test(character)) {
      if (started) words.push(word);
      word = '';
      started = false;
    } else {
      word += character;
      started = true;
    }
  }
  if (started) words.push(word);
  return words;
};

const wrong = (id: string, name: string, what: string, hint: string): Problem => ({
  id,
  severity: 'error',
  what,
  where: `kernel line, ${prefix}${name}`,
  hint,
});

/** Of a later version, or mistyped: it is told and left out. What hangs on it (a disk, a configuration) is then missing, and asked for. */
const ignored = (name: string): Problem => ({
  id: 'kernel-line-ignored',
  severity: 'warning',
  what: 'is no setting and was ignored',
  where: `kernel line, ${prefix}${name}`,
  hint: didYouMean(name, fileSettings, 'see `slipway install --help` for the settings'),
});

/** Words by which Kairos takes configuration from the kernel line; it merges them over everything else (kairos.md 1.6). */
const kairosConfigWord = /^(?:(?:kairos\.)?config_url|cos\.setup|kairos\.config)=|^(?:install|reset|upgrade|stages|k3s|k0s|p2p|kcrypt|users)[.[]/;

const overrides = (word: string): Problem => {
  const name = word.split('=')[0] ?? '';
  return {
    id: 'kernel-line-overrides',
    severity: 'warning',
    what: 'kairos-agent merges this word over every answer and file',
    where: `kernel line, ${name}`,
    hint: 'take it out of the boot entry unless it is meant',
  };
};

/** Reads the settings of a kernel line. A list may be given by repeating the word; of everything else the last one counts. */
export const readKernelLine = (line: string): { readonly layer: SettingLayer; readonly problems: readonly Problem[] } => {
  const layer: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const word of kernelWords(line)) {
    if (kairosConfigWord.test(word)) problems.push(overrides(word));
    if (!word.startsWith(prefix)) continue;
    const equals = word.indexOf('=');
    const name = word.slice(prefix.length, equals === -1 ? undefined : equals);
    const row = settings.find((candidate) => candidate.name === name);
    if (row === undefined) {
      problems.push(ignored(name));
      continue;
    }
    if (!fileSettings.includes(name)) {
      problems.push(wrong('setting-flag-only', name, 'is a flag of the command line only', 'remove it from the kernel line'));
      continue;
    }
    const read = readSetting(name as SettingName, equals === -1 ? '' : word.slice(equals + 1));
    if ('wrong' in read) {
      problems.push(wrong('setting-wrong', name, read.wrong, 'correct it in the boot menu'));
      continue;
    }
    const before = layer[name];
    layer[name] = Array.isArray(before) && Array.isArray(read.value) ? [...(before as unknown[]), ...(read.value as readonly unknown[])] : read.value;
  }
  return { layer: layer as SettingLayer, problems };
};
