/** The `slipway:` map of a document: the settings of an install, as keys. */
import { isMap } from 'yaml';
import type { Problem } from '../model/problem.ts';
import type { SettingLayer, SettingName } from '../model/settings.ts';
import { quotedKey } from '../model/shown-key.ts';
import { readSetting, settings } from '../model/settings.ts';
import { collectProblems } from './problem-collector.ts';
import { isReceiptKey } from './receipt-key.ts';
import { didYouMean } from './suggest.ts';
import type { KeyPath, ParsedYaml } from './yaml-nodes.ts';
import { entriesOf, follow, toData } from './yaml-nodes.ts';

export interface SettingsMap {
  readonly layer: SettingLayer;
  /** `receipt_key`: an ed25519 private key, PEM or base64. Secret. */
  readonly receiptKey: string | null;
  readonly problems: readonly Problem[];
}

/** Settings that may stand in a file or on the kernel line. */
export const fileSettings: readonly string[] = settings
  .filter((setting) => !('flagOnly' in setting && setting.flagOnly))
  .map((setting) => setting.name);

/** Reads a `slipway:` map. `node` null: there is none. */
export const readSettingsMap = (document: ParsedYaml, node: unknown, keyPath: KeyPath): SettingsMap => {
  const target = follow(document, node);
  const layer: Record<string, unknown> = {};
  let receiptKey: string | null = null;
  const { report: wrong, all } = collectProblems(document);
  if (target === null) return { layer: {}, receiptKey, problems: [] };
  if (!isMap(target)) {
    wrong(keyPath, 'wrong-type', '"slipway" takes a map of settings', 'write "slipway:" and the settings under it, as key: value');
    return { layer: {}, receiptKey, problems: all() };
  }
  for (const [key, value] of entriesOf(document, target)) {
    const path = [...keyPath, key];
    const data = toData(document, value);
    if (key === 'receipt_key') {
      if (typeof data === 'string' && data !== '') receiptKey = data;
      if (receiptKey === null || !isReceiptKey(receiptKey)) wrong(path, 'wrong-type', '"receipt_key" takes an ed25519 private key', 'give it as PEM, or as base64 of the DER or of its 32 bytes (openssl genpkey -algorithm ed25519)');
    } else if (!fileSettings.includes(key)) {
      const flagOnly = settings.some((setting) => setting.name === key);
      wrong(
        path,
        flagOnly ? 'setting-flag-only' : 'unknown-key',
        flagOnly ? `${quotedKey(key)} is a flag of the command line only` : `${quotedKey(key)} is no setting`,
        flagOnly ? `start slipway with --${key}` : didYouMean(key, [...fileSettings, 'receipt_key'], 'see `slipway install --help` for the settings'),
      );
    } else {
      const read = readSetting(key as SettingName, data);
      if ('wrong' in read) wrong(path, 'setting-wrong', `"${key}" ${read.wrong}`, 'see `slipway install --help`');
      else layer[key] = read.value;
    }
  }
  return { layer: layer as SettingLayer, receiptKey, problems: all() };
};
