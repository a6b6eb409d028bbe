/**
 * The ready-made configurations of `cloud-configs/`. They are part of the program, not of the machine: carried as text
 * (`preset-texts.ts`, generated), so that the executable, a played machine and the planner's tests all have them.
 */
import { presetTexts } from './preset-texts.ts';

export interface Preset {
  /** `k3s-single`: the file's name without `.yaml`. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences, from the file's header. */
  readonly description: string;
  readonly text: string;
}

/** The header: comment lines below `#cloud-config`, the first of them the title, up to an empty line or a key. */
export const readPresetHeader = (text: string): { readonly title: string; readonly description: string } => {
  const lines = text.split(/\r?\n/).slice(1);
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const [title = '', ...rest] = lines.slice(0, end === -1 ? undefined : end).map((line) => line.replace(/^#\s?/, '').trim());
  return { title: title.replace(/\.$/, ''), description: rest.join(' ').trim() };
};

/** Every preset, by name. */
export const listPresets = (): readonly Preset[] =>
  Object.entries(presetTexts).map(([name, text]) => ({ name, ...readPresetHeader(text), text }));

/** The text of one preset, or null. */
export const readPreset = (name: string): string | null => (Object.hasOwn(presetTexts, name) ? (presetTexts[name] ?? null) : null);
