/** Names of plain files in the root of a volume, without mounting it, and one of them as text. */
import { SlipwayError } from '../../model/problem.ts';
import type { Volume } from '../../model/facts.ts';
import { decodeText, maxDocumentBytes } from '../../sources/decode.ts';
import { readerFor } from '../../sources/volume-reader.ts';
import type { CommandResult, System } from '../../system/port.ts';
import type { ListedFile } from './session.ts';

/** ms; a CD in a slow drive */
const timeout = 60_000;
const mostFiles = 200;

const fail = (what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id: 'volume-files', severity: 'error', what, where, hint });

/** Names that the readers can be asked for: no path, no quote, nothing that a tool would take for an option or a pattern. */
const isPlainName = (name: string): boolean => /^[\w][\w .+@~-]{0,119}$/.test(name) && !name.endsWith(' ');

/** `-r--r--r--    1 0        0              12 Jan  1 2026 'user-data'` */
export const parseIsoListing = (text: string): readonly ListedFile[] =>
  text.split('\n').flatMap((line) => {
    const match = /^-\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s.*?\s'(.*)'\s*$/.exec(line);
    return match?.[2] === undefined ? [] : [{ name: match[2], size: Number(match[1]) }];
  });

/** `::/user-data`, and `::/folder/` */
export const parseFatListing = (text: string): readonly ListedFile[] =>
  text.split('\n').flatMap((line) => {
    const name = /^::\/([^/]+)$/.exec(line.trim())?.[1];
    return name === undefined ? [] : [{ name, size: null }];
  });

/** `/12/100644/0/0/user-data/512/` */
export const parseExtListing = (text: string): readonly ListedFile[] =>
  text.split('\n').flatMap((line) => {
    const [, inode, mode, , , name, size] = line.split('/');
    return inode === undefined || mode?.startsWith('100') !== true || name === undefined ? [] : [{ name, size: Number(size) || 0 }];
  });

interface Lister {
  readonly command: (path: string) => readonly string[];
  readonly package: string;
  readonly parse: (text: string) => readonly ListedFile[];
}

const ext: Lister = { command: (path) => ['debugfs', '-R', 'ls -p /', path], package: 'e2fsprogs', parse: parseExtListing };
const listers: Readonly<Record<string, Lister>> = {
  iso9660: { command: (path) => ['xorriso', '-report_about', 'FAILURE', '-osirrox', 'on', '-indev', `stdio:${path}`, '-lsl', '/'], package: 'xorriso', parse: parseIsoListing },
  vfat: { command: (path) => ['mdir', '-b', '-i', path, '::/'], package: 'mtools', parse: parseFatListing },
  ext2: ext,
  ext3: ext,
  ext4: ext,
};

const refuse = (result: CommandResult, program: string, lister: Lister, path: string): SlipwayError | null => {
  if (result.missing) return fail(`${program} is not installed`, path, `install the package ${lister.package}`);
  return result.exitCode === 0 ? null : fail('the volume cannot be read', path, 'check that it is still attached');
};

/** Plain files that could be a configuration, by name. Throws SlipwayError. */
export const listVolumeFiles = async (system: System, volume: Volume): Promise<readonly ListedFile[]> => {
  const lister = listers[volume.fstype ?? ''];
  if (lister === undefined) throw fail('its file system cannot be read here', volume.path, 'use iso9660, vfat or ext4');
  const command = lister.command(volume.path);
  const result = await system.run(command, { timeout, environment: { MTOOLS_SKIP_CHECK: '1' } });
  const refused = refuse(result, command[0] ?? '', lister, volume.path);
  if (refused !== null) throw refused;
  return lister
    .parse(result.stdout)
    .filter(({ name, size }) => isPlainName(name) && (size ?? 1) <= maxDocumentBytes && (size ?? 1) > 0)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .slice(0, mostFiles);
};

/** One file as text. Throws SlipwayError. */
export const readVolumeFile = async (system: System, volume: Volume, name: string): Promise<string> => {
  const reader = readerFor(volume.fstype ?? '');
  const where = `${name} on ${volume.path}`;
  if (reader === undefined || !isPlainName(name)) throw fail('it cannot be read here', where, 'copy it to another volume');
  const scratch = await system.memoryDirectory('volume-file');
  try {
    const result = await reader(system, volume.path, volume.fstype === 'vfat' ? name.toLowerCase() : name, scratch);
    if (result.kind === 'absent') throw fail('there is no such file any more', where, 'list the files again');
    if (result.kind !== 'read') throw fail(result.why, where, 'choose another file');
    const { text, problems } = decodeText(result.bytes, name);
    const [problem] = problems;
    if (text === undefined || problem !== undefined) throw fail(problem?.what ?? 'it is no text', where, problem?.hint ?? 'choose another file');
    return text;
  } finally {
    await system.remove(scratch);
  }
};
