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

/** The one word of Kairos by which a kernel line names a configuration as a whole: it is fetched and merged. */
const configUrlWord = /^(?:kairos\.)?config_url=/;

/** Words by which Kairos takes single values from the kernel line (kairos.md 1.6). Both engines see to it that they have no effect. */
const kairosConfigWord = /^(?:cos\.setup|kairos\.config)=|^(?:install|reset|upgrade|stages|users|bundles|grub_options|options|k3s|k0s|p2p)[.[]/;

const kcryptWord = /^kcrypt[.[]/;

/** What says the same to Slipway. */
const insteadOf: Readonly<Record<string, string>> = {
  'install.device': 'write slipway.device=',
  'install.source': 'write slipway.source=',
  'install.reboot': 'write slipway.finish=reboot',
  'install.poweroff': 'write slipway.finish=poweroff',
  'install.auto': 'write slipway.unattended',
  'install.encrypted_partitions': 'write slipway.encrypt=',
  'cos.setup': 'write config_url=',
};

const leftOut = (word: string): Problem => {
  const name = word.split('=')[0] ?? '';
  return {
    id: 'kernel-line-ignored',
    severity: 'warning',
    what: 'Slipway leaves this word out, whatever engine installs',
    where: `kernel line, ${name}`,
    hint: insteadOf[name.replace(/\[.*/, '')] ?? 'put it into a configuration, and name that by config_url= or slipway.config=',
  };
};

const readByKcrypt = (word: string): Problem => ({
  id: 'kernel-line-overrides',
  severity: 'warning',
  what: 'kairos-agent reads this word by itself when it encrypts, and the node does not keep it',
  where: `kernel line, ${word.split('=')[0] ?? ''}`,
  hint: 'write slipway.kms=, or kcrypt: into user-data, and take the word out of the boot entry',
});

export interface KernelLine {
  readonly layer: SettingLayer;
  /** Address of a configuration to be merged with what else there is. */
  readonly configUrl: string | null;
  readonly problems: readonly Problem[];
}

/** Reads the settings of a kernel line. A list may be given by repeating the word; of everything else the last one counts. */
export const readKernelLine = (line: string): KernelLine => {
  const layer: Record<string, unknown> = {};
  const problems: Problem[] = [];
  let configUrl: string | null = null;
  for (const word of kernelWords(line)) {
    if (configUrlWord.test(word)) configUrl = word.slice(word.indexOf('=') + 1);
    else if (kairosConfigWord.test(word)) problems.push(leftOut(word));
    else if (kcryptWord.test(word)) problems.push(readByKcrypt(word));
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
  return { layer: layer as SettingLayer, configUrl: configUrl === '' ? null : configUrl, problems };
};
