/**
 * The ready-made configurations of `cloud-configs/`. They are part of the program (the executable carries the folder), not
 * of the machine: reading them does not go through the port, so that a played machine has them too.
 */
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Preset {
  /** `k3s-single`: the file's name without `.yaml`. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences, from the file's header. */
  readonly description: string;
  readonly text: string;
}

/** Beside the sources, and beside the bundle that the executable is made of. */
const places = ['../../cloud-configs/', './cloud-configs/', '../cloud-configs/'];

const safeName = /^[a-z0-9][a-z0-9-]*$/;

const folder = async (): Promise<{ readonly url: URL; readonly names: readonly string[] } | null> => {
  for (const place of places) {
    const url = new URL(place, import.meta.url);
    try {
      const names = (await readdir(fileURLToPath(url))).filter((name) => name.endsWith('.yaml'));
      if (names.length > 0) return { url, names: names.toSorted() };
    } catch {
      // not here: the next place
    }
  }
  return null;
};

/** The header: comment lines below `#cloud-config`, the first of them the title, up to an empty line or a key. */
export const readPresetHeader = (text: string): { readonly title: string; readonly description: string } => {
  const lines = text.split(/\r?\n/).slice(1);
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const [title = '', ...rest] = lines.slice(0, end === -1 ? undefined : end).map((line) => line.replace(/^#\s?/, '').trim());
  return { title: title.replace(/\.$/, ''), description: rest.join(' ').trim() };
};

/** Every preset, by name. Empty when the folder isn't there. */
export const listPresets = async (): Promise<readonly Preset[]> => {
  const found = await folder();
  if (found === null) return [];
  return Promise.all(
    found.names.map(async (file) => {
      const text = await readFile(new URL(file, found.url), 'utf8');
      return { name: file.replace(/\.yaml$/, ''), ...readPresetHeader(text), text };
    }),
  );
};

/** The text of one preset, or null. */
export const readPreset = async (name: string): Promise<string | null> => {
  if (!safeName.test(name)) return null;
  return (await listPresets()).find((preset) => preset.name === name)?.text ?? null;
};
