/**
 * Reads single files out of a file system without mounting it, with the tools that know its format. Whatever a volume
 * holds, only plain files of its root folder and of at most 1 MiB come out, and only into memory.
 */
import { maxDocumentBytes } from './decode.ts';
import { cleanText } from '../model/foreign-text.ts';
import type { System } from '../system/port.ts';

/** What became of one file. */
export type FileResult =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string }
  /** The tool isn't installed, or could not read the volume. */
  | { readonly kind: 'failed'; readonly why: string };

/** Reads `name` of the volume's root into a file in `scratch` (memory-backed, private). */
type Reader = (system: System, volume: string, name: string, scratch: string) => Promise<FileResult>;

/** ms; a CD in a slow drive */
const timeout = 60_000;

const tooBig: FileResult = { kind: 'refused', why: 'it is bigger than 1 MiB' };

const missing = (program: string, packageName: string): FileResult => ({
  kind: 'failed',
  why: `${program} is not installed (package ${packageName})`,
});

const notPlain = (what: string): FileResult => ({ kind: 'refused', why: `it is ${what}, not a plain file` });

/** What else a volume calls by the same name, upper and lower case aside: which of the two is meant? */
const twin = (other: string): FileResult => ({ kind: 'refused', why: `there is ${cleanText(other, 40)} as well, and which of the two is meant is not clear` });

/** `size`: as the volume's own directory says. A tool that meets a bad block or an end too early may end well all the same. */
const collect = async (system: System, path: string, size: number | null): Promise<FileResult> => {
  // A tool makes a link out of a link, whatever it said before.
  const isFile = (await system.stat(path))?.kind === 'file';
  const bytes = isFile ? await system.readBytes(path, maxDocumentBytes) : null;
  await system.remove(path);
  if (bytes === null) return { kind: 'failed', why: 'it could not be read' };
  return size !== null && bytes.length !== size ? { kind: 'failed', why: `${bytes.length} of its ${size} bytes could be read` } : { kind: 'read', bytes };
};

const unreadable = (program: string, exitCode: number | null): FileResult => ({
  kind: 'failed',
  why: exitCode === null ? `${program} did not finish` : `${program} could not read the volume (exit code ${exitCode})`,
});

const readIso: Reader = async (system, volume, name, scratch) => {
  const open = ['xorriso', '-report_about', 'FAILURE', '-osirrox', 'on', '-indev', `stdio:${volume}`];
  const listing = await system.run([...open, '-lsl', '/'], { timeout });
  if (listing.missing) return missing('xorriso', 'xorriso');
  if (listing.exitCode !== 0) return unreadable('xorriso', listing.exitCode);
  // -r--r--r--    1 0        0              12 Jan  1 2026 'user-data'
  const isFor = (row: string): boolean => row.trimEnd().toLowerCase().endsWith(` '${name}'`) || row.toLowerCase().includes(` '${name}' -> `);
  const [line, ...others] = listing.stdout.split('\n').filter(isFor);
  if (line === undefined) return { kind: 'absent' };
  // A name may hold a line feed and look like a row: two rows are never what they seem.
  if (others.length > 0) return twin(/'([^']*)'/.exec(others[0] ?? '')?.[1] ?? name);
  if (!line.includes(`'${name}'`)) return { kind: 'refused', why: `its name is written ${cleanText(/'([^']*)'/.exec(line)?.[1] ?? '', 40)}` };
  if (!line.startsWith('-')) return notPlain(line.startsWith('l') ? 'a link' : line.startsWith('d') ? 'a folder' : 'something special');
  const size = Number(/^\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s/.exec(line)?.[1] ?? Number.NaN);
  if (!(size <= maxDocumentBytes)) return tooBig;
  const copy = `${scratch}/${name}`;
  const extracted = await system.run([...open, '-extract', `/${name}`, copy], { timeout });
  return extracted.exitCode === 0 ? collect(system, copy, size) : unreadable('xorriso', extracted.exitCode);
};

const readFat: Reader = async (system, volume, name, scratch) => {
  const environment = { MTOOLS_SKIP_CHECK: '1' };
  const listing = await system.run(['mdir', '-b', '-i', volume, '::/'], { timeout, environment });
  if (listing.missing) return missing('mdir', 'mtools');
  if (listing.exitCode !== 0) return unreadable('mdir', listing.exitCode);
  // ::/user-data, and ::/folder/
  const names = listing.stdout.split('\n').map((row) => row.trim().replace(/^::\//, '').toLowerCase());
  if (names.includes(`${name}/`)) return notPlain('a folder');
  if (!names.includes(name)) return { kind: 'absent' };
  // Read to the screen first: that is where the size can be capped.
  const probe = await system.run(['mtype', '-i', volume, `::/${name}`], { timeout, environment, maxBytes: maxDocumentBytes });
  if (probe.truncated) return tooBig;
  if (probe.exitCode !== 0) return unreadable('mtype', probe.exitCode);
  const row = await system.run(['mdir', '-a', '-i', volume, `::/${name}`], { timeout, environment });
  // USER-D~1          123 2026-01-01  10:00  user-data
  const size = row.stdout.split('\n').flatMap((text) => /^\S+(?:\s\S+)?\s+(\d+)\s+\d{4}-\d{2}-\d{2}\s/.exec(text)?.[1] ?? []);
  const copy = `${scratch}/${name}`;
  const copied = await system.run(['mcopy', '-n', '-i', volume, `::/${name}`, copy], { timeout, environment });
  return copied.exitCode === 0 ? collect(system, copy, size.length === 1 ? Number(size[0]) : null) : unreadable('mcopy', copied.exitCode);
};

const readExt: Reader = async (system, volume, name, scratch) => {
  const stat = await system.run(['debugfs', '-R', `stat /${name}`, volume], { timeout });
  if (stat.missing) return missing('debugfs', 'e2fsprogs');
  if (stat.exitCode !== 0) return unreadable('debugfs', stat.exitCode);
  // Inode: 12   Type: regular    Mode:  0644   Flags: 0x80000 / … Size: 123
  const type = /\bType:\s*(\w+)/.exec(stat.stdout)?.[1];
  if (type === undefined) return /not found/.test(stat.stderr) ? { kind: 'absent' } : unreadable('debugfs', stat.exitCode);
  if (type !== 'regular') return notPlain(type === 'symlink' ? 'a link' : type === 'directory' ? 'a folder' : 'something special');
  const size = Number(/\bSize:\s*(\d+)/.exec(stat.stdout)?.[1] ?? Number.NaN);
  if (!(size <= maxDocumentBytes)) return tooBig;
  const upper = await system.run(['debugfs', '-R', `stat /${name.toUpperCase()}`, volume], { timeout });
  if (/\bType:/.test(upper.stdout)) return twin(name.toUpperCase());
  const copy = `${scratch}/${name}`;
  const dumped = await system.run(['debugfs', '-R', `dump /${name} ${copy}`, volume], { timeout });
  return dumped.exitCode === 0 ? collect(system, copy, size) : unreadable('debugfs', dumped.exitCode);
};

const readers: Readonly<Record<string, Reader>> = { iso9660: readIso, vfat: readFat, ext2: readExt, ext3: readExt, ext4: readExt };

/** The reader for a file system type as `blkid` names it, or undefined. */
export const readerFor = (fstype: string): Reader | undefined => readers[fstype];

/** Reads a file of a folder: a mounted volume, or one that was named. A link is refused, wherever it leads. */
export const readFromFolder = async (system: System, folder: string, name: string): Promise<FileResult> => {
  const names = await system.list(folder);
  // A volume that is pulled out has no files either: that is not the same as none.
  if (names === null) return { kind: 'failed', why: 'the folder cannot be read' };
  const others = names.filter((other) => other !== name && other.toLowerCase() === name);
  const path = `${folder}/${name}`;
  const stat = await system.stat(path);
  if (stat === null) {
    if (names.includes(name)) return { kind: 'failed', why: 'it could not be read' };
    return others[0] === undefined ? { kind: 'absent' } : { kind: 'refused', why: `its name is written ${cleanText(others[0], 40)}` };
  }
  if (names.includes(name) && others[0] !== undefined) return twin(others[0]);
  if (stat.kind !== 'file') return notPlain(stat.kind === 'link' ? 'a link' : stat.kind === 'directory' ? 'a folder' : 'something special');
  if (stat.size > maxDocumentBytes) return tooBig;
  const bytes = await system.readBytes(path, maxDocumentBytes);
  if (bytes === null) return { kind: 'failed', why: 'it could not be read' };
  return bytes.length === stat.size ? { kind: 'read', bytes } : { kind: 'failed', why: `${bytes.length} of its ${stat.size} bytes could be read` };
};
