/**
 * Reads single files out of a file system without mounting it, with the tools that know its format. Whatever a volume
 * holds, only plain files of its root folder and of at most 1 MiB come out, and only into memory.
 */
import { maxDocumentBytes } from './decode.ts';
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

const collect = async (system: System, path: string): Promise<FileResult> => {
  const bytes = await system.readBytes(path, maxDocumentBytes);
  await system.remove(path);
  return bytes === null ? { kind: 'failed', why: 'it could not be read' } : { kind: 'read', bytes };
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
  const line = listing.stdout.split('\n').find((row) => row.trimEnd().endsWith(` '${name}'`) || row.includes(` '${name}' -> `));
  if (line === undefined) return { kind: 'absent' };
  if (!line.startsWith('-')) return notPlain(line.startsWith('l') ? 'a link' : line.startsWith('d') ? 'a folder' : 'something special');
  const size = Number(/^\S+\s+\d+\s+\S+\s+\S+\s+(\d+)\s/.exec(line)?.[1] ?? Number.NaN);
  if (!(size <= maxDocumentBytes)) return tooBig;
  const copy = `${scratch}/${name}`;
  const extracted = await system.run([...open, '-extract', `/${name}`, copy], { timeout });
  return extracted.exitCode === 0 ? collect(system, copy) : unreadable('xorriso', extracted.exitCode);
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
  const copy = `${scratch}/${name}`;
  const copied = await system.run(['mcopy', '-n', '-i', volume, `::/${name}`, copy], { timeout, environment });
  return copied.exitCode === 0 ? collect(system, copy) : unreadable('mcopy', copied.exitCode);
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
  const copy = `${scratch}/${name}`;
  const dumped = await system.run(['debugfs', '-R', `dump /${name} ${copy}`, volume], { timeout });
  return dumped.exitCode === 0 ? collect(system, copy) : unreadable('debugfs', dumped.exitCode);
};

const readers: Readonly<Record<string, Reader>> = { iso9660: readIso, vfat: readFat, ext2: readExt, ext3: readExt, ext4: readExt };

/** The reader for a file system type as `blkid` names it, or undefined. */
export const readerFor = (fstype: string): Reader | undefined => readers[fstype];

/** Reads a file of a folder: a mounted volume, or one that was named. A link is refused, wherever it leads. */
export const readFromFolder = async (system: System, folder: string, name: string): Promise<FileResult> => {
  const path = `${folder}/${name}`;
  const stat = await system.stat(path);
  if (stat === null) return { kind: 'absent' };
  if (stat.kind !== 'file') return notPlain(stat.kind === 'link' ? 'a link' : stat.kind === 'directory' ? 'a folder' : 'something special');
  if (stat.size > maxDocumentBytes) return tooBig;
  const bytes = await system.readBytes(path, maxDocumentBytes);
  return bytes === null ? { kind: 'failed', why: 'it could not be read' } : { kind: 'read', bytes };
};
