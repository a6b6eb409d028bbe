/**
 * Every setting of an install, once. Flags, `slipway.` kernel words, the `slipway:` map of
 * installer-data, the help text and the reference table all come from this table.
 */
import { isFalse, isTrue } from './truth.ts';

export type SettingKind = 'switch' | 'text' | 'list' | 'choice' | 'choices' | 'seconds' | 'size';

export interface Setting {
  readonly name: string;
  readonly kind: SettingKind;
  /** For help: `FILE|URL`. Empty for switches. */
  readonly values: string;
  /** Allowed words of a `choice` or `choices`. */
  readonly words?: readonly string[];
  /** In words, for help and the reference. */
  readonly fallback: string;
  readonly help: string;
  /** Not accepted from a kernel line or installer-data: it makes sense on a command line only. */
  readonly flagOnly?: boolean;
}

const setting = <const T extends Setting>(row: T): T => row;

export const settings = [
  setting({ name: 'unattended', kind: 'switch', values: '', fallback: 'off', help: 'ask nothing' }),
  setting({ name: 'config', kind: 'list', values: 'FILE|URL|preset:NAME', fallback: "the data volume's user-data", help: 'cloud-config to keep; repeatable, later wins' }),
  setting({ name: 'installer-data', kind: 'list', values: 'FILE|URL', fallback: "the data volume's installer-data", help: 'install-only material; repeatable', flagOnly: true }),
  setting({ name: 'data-volume', kind: 'text', values: 'auto|none|LABEL|DEVICE|FILE', fallback: 'auto', help: 'where user-data and installer-data are' }),
  setting({ name: 'wait-for-data', kind: 'seconds', values: 'SECONDS', fallback: '0; 30 unattended without --config', help: 'wait for a data volume to appear' }),
  setting({ name: 'device', kind: 'text', values: 'auto|/dev/…|serial:S|wwn:W|model:GLOB|smallest|largest|script:///PATH', fallback: 'none in the console; auto unattended', help: 'the disk to install to' }),
  setting({ name: 'allow-data-loss', kind: 'switch', values: '', fallback: 'off', help: 'consent, unattended, to a target that holds data' }),
  setting({ name: 'allow', kind: 'choices', values: 'removable,network-disk', words: ['removable', 'network-disk'], fallback: 'none', help: 'other cautions to accept unattended' }),
  setting({ name: 'wipe-other', kind: 'list', values: '/dev/…|serial:S|wwn:W|model:GLOB', fallback: 'none', help: 'another disk that carries names of a Kairos install: wipe them; repeatable' }),
  setting({ name: 'reinstall', kind: 'switch', values: '', fallback: 'off', help: 'repeat an install that is already there with the same kept configuration' }),
  setting({ name: 'source', kind: 'text', values: 'oci:|docker:|dir:|file:|ocifile:', fallback: 'the live system', help: 'the image to install' }),
  setting({ name: 'engine', kind: 'choice', values: 'auto|kairos-agent|builtin', words: ['auto', 'kairos-agent', 'builtin'], fallback: 'auto', help: 'what lays down the system' }),
  setting({ name: 'target-image', kind: 'text', values: 'FILE', fallback: 'off', help: 'install into this disk image file (builtin engine)' }),
  setting({ name: 'image-size', kind: 'size', values: 'SIZE', fallback: '16G', help: "the image file's size: 16G, 8192M" }),
  setting({ name: 'encrypt', kind: 'text', values: 'LABEL,…|none', fallback: 'from config', help: 'partitions to encrypt' }),
  setting({ name: 'kms', kind: 'text', values: 'URL', fallback: 'from config', help: 'key server for encrypted partitions' }),
  setting({ name: 'partition', kind: 'list', values: 'oem.size=MiB|extra.NAME.size=MiB,fs=FS,label=LABEL', fallback: 'from config', help: 'a partition; repeatable' }),
  setting({ name: 'hostname', kind: 'text', values: 'NAME', fallback: 'from config', help: "the node's name" }),
  setting({ name: 'user', kind: 'text', values: 'NAME', fallback: 'from config', help: 'an admin user' }),
  setting({ name: 'ssh-key', kind: 'list', values: 'KEY|github:USER|gitlab:USER', fallback: 'from config', help: "the user's SSH keys; repeatable" }),
  setting({ name: 'password-file', kind: 'text', values: 'FILE', fallback: 'from config', help: "file with the user's password; only its hash is kept", flagOnly: true }),
  setting({ name: 'finish', kind: 'choice', values: 'reboot|poweroff|shell|none', words: ['reboot', 'poweroff', 'shell', 'none'], fallback: 'asked in the console; unattended from config, else none', help: 'what to do after success' }),
  setting({ name: 'expect-plan', kind: 'text', values: 'HASH', fallback: 'off', help: 'refuse any plan but this one', flagOnly: true }),
  setting({ name: 'receipt', kind: 'text', values: 'DIRECTORY|URL', fallback: 'the data volume if writable, and /run/slipway', help: 'where the receipt goes' }),
  setting({ name: 'audit', kind: 'choice', values: 'full|written|off', words: ['full', 'written', 'off'], fallback: 'written', help: 'how much of the target is read back' }),
] as const;

export type SettingName = (typeof settings)[number]['name'];

/** The value of a setting once read: switches are booleans, lists are lists, sizes are bytes, the rest is text. */
export interface SettingValues {
  unattended: boolean;
  config: readonly string[];
  'installer-data': readonly string[];
  'data-volume': string;
  /** seconds */
  'wait-for-data': number;
  device: string;
  'allow-data-loss': boolean;
  allow: readonly string[];
  'wipe-other': readonly string[];
  reinstall: boolean;
  source: string;
  engine: 'auto' | 'kairos-agent' | 'builtin';
  'target-image': string;
  /** bytes */
  'image-size': number;
  encrypt: string;
  kms: string;
  partition: readonly string[];
  hostname: string;
  user: string;
  'ssh-key': readonly string[];
  'password-file': string;
  finish: 'reboot' | 'poweroff' | 'shell' | 'none';
  'expect-plan': string;
  receipt: string;
  audit: 'full' | 'written' | 'off';
}

/** Where an answer came from, highest precedence first. */
export const origins = ['console', 'flag', 'kernel-line', 'installer-data', 'user-data', 'default'] as const;
export type Origin = (typeof origins)[number];

/** One place's answers. A layer holds only what that place says. */
export type SettingLayer = Partial<SettingValues>;

export type SettingLayers = Partial<Record<Origin, SettingLayer>>;

export interface Answer<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** The answers after precedence was applied, each with its origin. */
export type Answers = { readonly [Name in SettingName]?: Answer<SettingValues[Name]> };

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** Reads `16G`, `8192M`, `1.5T` or plain bytes (base 1024). Returns bytes, or undefined when it isn't a size. */
export const parseSize = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const unit = sizeUnits[(match?.[2] ?? '').toUpperCase()];
  if (match?.[1] === undefined || unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};

export type ReadSetting = { readonly value: SettingValues[SettingName] } | { readonly wrong: string };

/**
 * Reads one setting from text or from a YAML value (string, number, boolean, list).
 * Returns the typed value, or in `wrong` what would have been right.
 */
export const readSetting = (name: SettingName, raw: unknown): ReadSetting => {
  const row = settings.find((candidate) => candidate.name === name);
  if (row === undefined) return { wrong: `${name} is not a setting` };
  const text = typeof raw === 'string' ? raw : typeof raw === 'number' ? String(raw) : undefined;
  switch (row.kind) {
    case 'switch':
      if (isTrue(raw) || raw === '' || raw === 'true' || raw === '1') return { value: true };
      if (isFalse(raw) || raw === 'false' || raw === '0') return { value: false };
      return { wrong: 'takes true or false' };
    case 'list':
      if (Array.isArray(raw) && raw.every((item) => typeof item === 'string')) return { value: raw };
      return text === undefined || text === '' ? { wrong: `takes ${row.values}` } : { value: [text] };
    case 'choices': {
      const items = Array.isArray(raw) ? raw : text?.split(',').map((item) => item.trim());
      const bad = items?.find((item) => !(row.words as readonly unknown[]).includes(item));
      if (items === undefined || bad !== undefined) return { wrong: `takes ${row.words.join(', ')}` };
      return { value: items as string[] };
    }
    case 'choice':
      if (text !== undefined && (row.words as readonly string[]).includes(text)) {
        return { value: text as SettingValues['finish'] };
      }
      return { wrong: `takes ${row.words.join(', ')}` };
    case 'seconds': {
      const seconds = Number(text);
      if (text === undefined || text === '' || !Number.isInteger(seconds) || seconds < 0 || seconds > 86_400) {
        return { wrong: 'takes whole seconds, 0 to 86400' };
      }
      return { value: seconds };
    }
    case 'size': {
      const bytes = text === undefined ? undefined : parseSize(text);
      return bytes === undefined ? { wrong: 'takes a size such as 16G or 8192M' } : { value: bytes };
    }
    case 'text':
      return text === undefined || text === '' ? { wrong: `takes ${row.values}` } : { value: text };
  }
};

/** Applies the precedence: the first origin that says something wins; nothing is merged. */
export const resolveAnswers = (layers: SettingLayers): Answers => {
  const resolved: Record<string, Answer<unknown>> = {};
  for (const origin of origins) {
    for (const [name, value] of Object.entries(layers[origin] ?? {})) {
      if (value !== undefined && resolved[name] === undefined) resolved[name] = { value, origin };
    }
  }
  return resolved as Answers;
};
