/** Applies the precedence of answers: console, flags, kernel line, installer-data, user-data, defaults. */
import { resolveAnswers } from '../model/settings.ts';
import type { Answers, Origin, SettingLayer, SettingLayers, SettingName, SettingValues } from '../model/settings.ts';
import { isTrue } from '../model/truth.ts';

/** Settings that an `install:` block of a configuration speaks of in Kairos's own words. */
export const settingsOfInstallBlock = (install: Readonly<Record<string, unknown>>): SettingLayer => {
  const layer: SettingLayer = {};
  const { device, source, reboot, poweroff } = install;
  if (typeof device === 'string' && device !== '') layer.device = device;
  if (typeof source === 'string' && source !== '') layer.source = source;
  if (isTrue(reboot)) layer.finish = 'reboot';
  if (isTrue(poweroff)) layer.finish = 'poweroff';
  return layer;
};

/** Adds a layer under an origin; what that origin says already stays. */
export const withLayer = (layers: SettingLayers, origin: Origin, layer: SettingLayer): SettingLayers => ({
  ...layers,
  [origin]: { ...layer, ...layers[origin] },
});

const defaults: SettingLayer = {
  'data-volume': 'auto',
  'image-size': 16 * 1024 ** 3,
  engine: 'auto',
  audit: 'written',
};

/** The answers with their origins; `unattended` fills in what nobody is there to be asked. */
export const resolveLayers = (layers: SettingLayers): Answers => {
  const answers = resolveAnswers({ ...layers, default: { ...defaults, ...layers.default } });
  if (answers.unattended?.value !== true) return answers;
  const unattendedDefaults: SettingLayer = { device: 'auto', finish: 'none' };
  return resolveAnswers({ ...layers, default: { ...defaults, ...unattendedDefaults, ...layers.default } });
};

/** The value of an answer, or undefined. */
export const valueOf = <Name extends SettingName>(answers: Answers, name: Name): SettingValues[Name] | undefined =>
  answers[name]?.value;
