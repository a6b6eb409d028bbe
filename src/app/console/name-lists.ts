/** Timezones and keymaps that this machine has, to pick from. The image that is installed is the one that runs here, as a rule. */
import { SlipwayError } from '../../model/problem.ts';
import { checkKeymap, checkTimezone } from '../../sources/answers-to-config.ts';
import type { System } from '../../system/port.ts';
import type { NameList } from './session.ts';

/** tzdata's own tables; the third column is the name (zone1970.tab(5)). */
const zoneTables = ['/usr/share/zoneinfo/zone1970.tab', '/usr/share/zoneinfo/zone.tab'];
/** Debian's console-data and console-setup, kbd, and where systemd looks (localectl). */
const keymapFolders = ['/usr/share/keymaps', '/usr/share/kbd/keymaps', '/usr/lib/kbd/keymaps'];
const deepest = 4;
const mostNames = 2000;

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0)).slice(0, mostNames);

/** Names in a table of tzdata. */
export const parseZoneTable = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split('\t')[2]?.trim() ?? '')
    .filter((name) => name !== '' && checkTimezone(name) === null);

const timezones = async (system: System): Promise<readonly string[]> => {
  for (const path of zoneTables) {
    const names = parseZoneTable((await system.readText(path)) ?? '');
    if (names.length > 0) return sorted(['UTC', ...names]);
  }
  // Without tzdata here: the names that this program knows itself.
  return sorted(['UTC', ...Intl.supportedValuesOf('timeZone')]);
};

/** `de-latin1.map.gz` is the keymap de-latin1; what is included by others is none. */
const keymapOf = (name: string): string | null => {
  const keymap = /^(.+)\.k?map(?:\.gz|\.bz2|\.xz|\.zst)?$/.exec(name)?.[1];
  return keymap === undefined || checkKeymap(keymap) !== null ? null : keymap;
};

const keymapsIn = async (system: System, folder: string, depth: number): Promise<readonly string[]> => {
  if (depth === 0) return [];
  const names: string[] = [];
  for (const name of (await system.list(folder)) ?? []) {
    const keymap = keymapOf(name);
    if (keymap !== null) names.push(keymap);
    else if (!name.includes('.') && name !== 'include') names.push(...(await keymapsIn(system, `${folder}/${name}`, depth - 1)));
  }
  return names;
};

const keymaps = async (system: System): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const folder of keymapFolders) found.push(...(await keymapsIn(system, folder, deepest)));
  if (found.length > 0) return sorted(found);
  const listed = await system.run(['localectl', 'list-keymaps', '--no-pager']);
  return sorted(listed.stdout.split('\n').map((line) => line.trim()).filter((name) => checkKeymap(name) === null));
};

/** Throws SlipwayError when there is nothing to pick from. */
export const listNames = async (system: System, list: NameList): Promise<readonly string[]> => {
  const names = list === 'timezone' ? await timezones(system) : await keymaps(system);
  if (names.length > 0) return names;
  throw new SlipwayError({ id: 'no-names', severity: 'error', what: 'no keymap is installed here', where: '/usr/share/keymaps', hint: 'close this and type the name; the installed system has to have it' });
};
