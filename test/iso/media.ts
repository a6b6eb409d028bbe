/** Disks and data volumes of the journeys, made on the host, and what is looked for on them from outside. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { parse } from 'yaml';

/** An empty disk. */
export const blankDisk = (file: string, size: number): string => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  truncateSync(file, size);
  return file;
};

/** A writable data volume as a PiKVM offers it: FAT on the whole drive. */
export const dataVolume = (image: string, files: Readonly<Record<string, string>>, label = 'CIDATA'): string => {
  blankDisk(image, 8 * 1024 ** 2);
  execFileSync('mkfs.vfat', ['-n', label, image], { stdio: 'ignore' });
  const folder = `${image}.files`;
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    execFileSync('mcopy', ['-i', image, join(folder, name), `::/${name}`]);
  }
  rmSync(folder, { recursive: true });
  return image;
};

/** Names of the files on a data volume. */
export const namesOn = (image: string): readonly string[] => execFileSync('mdir', ['-b', '-i', image, '::/'], { encoding: 'utf8' }).split('\n').map((line) => line.replace('::/', '')).filter((line) => line !== '');

export const fileOn = (image: string, name: string): string => execFileSync('mtype', ['-i', image, `::/${name}`], { encoding: 'utf8' });

const scalars = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value, ...value.split('\n').map((line) => line.trim())]
  : Array.isArray(value) ? value.flatMap(scalars)
  : value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([key, inner]) => [key, ...scalars(inner)])
  : [];

/**
 * Every string of an installer-data that is long enough to be told from chance, comments included, minus those that what is
 * kept contains too. Written anew here, so that the product's own idea of it is held against a second one.
 */
export const stringsOf = (installerData: string, kept: string): readonly string[] => {
  const comments = [...installerData.matchAll(/^\s*#\s+(.*)$/gm)].map((match) => (match[1] ?? '').trim());
  const words = new Set(['#cloud-config', 'cloud-config', 'stages', 'before-install', 'after-install', 'commands', 'permissions', 'content', 'slipway', 'poweroff', 'unattended']);
  return [...new Set([...scalars(parse(installerData)), ...comments])].filter((text) => text.length >= 12 && !words.has(text) && !kept.includes(text) && !text.startsWith('/dev/'));
};

const chunkSize = 4 * 1024 ** 2;
const zeros = Buffer.alloc(chunkSize);

const isZero = (bytes: Buffer): boolean =>
  bytes.length <= chunkSize ? bytes.equals(zeros.subarray(0, bytes.length)) : isZero(bytes.subarray(0, chunkSize)) && isZero(bytes.subarray(chunkSize));

/** Numbers of the chunks that a sparse file has blocks for; null where the file system cannot tell. Reading holes would take most of the time. */
const writtenChunks = (file: string): ReadonlySet<number> | null => {
  const { status, stdout } = spawnSync('filefrag', ['-v', '-b1', '-s', file], { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  const rows = [...(stdout ?? '').matchAll(/^\s*\d+:\s+(\d+)\.\.\s*(\d+):/gm)];
  if (status !== 0 || rows.length === 0) return null;
  const chunks = new Set<number>();
  for (const [, first, last] of rows) {
    for (let chunk = Math.floor(Number(first) / chunkSize); chunk <= Math.floor(Number(last) / chunkSize); chunk += 1) chunks.add(chunk);
  }
  return chunks;
};

/** Every chunk of a file that holds something, with `before` bytes of the one ahead of it in front. */
function* chunksOf(file: string, before = 0): Generator<{ readonly at: number; readonly bytes: Buffer }> {
  const handle = openSync(file, 'r');
  const { size } = fstatSync(handle);
  const buffer = Buffer.alloc(before + chunkSize);
  const written = writtenChunks(file);
  try {
    for (let at = 0; at < size; at += chunkSize) {
      if (written !== null && !written.has(at / chunkSize)) continue;
      const start = Math.max(0, at - before);
      const read = readSync(handle, buffer, 0, at - start + chunkSize, start);
      const bytes = buffer.subarray(0, read);
      if (!isZero(bytes)) yield { at: start, bytes };
    }
  } finally {
    closeSync(handle);
  }
}

/** Which of `strings` are anywhere on the raw disk: plain, as UTF-16 or as base64. */
export const findOnDisk = (disk: string, strings: readonly string[]): readonly string[] => {
  const patterns = strings.flatMap((text) => [
    { text, bytes: Buffer.from(text) },
    { text: `${text} (UTF-16)`, bytes: Buffer.from(text, 'utf16le') },
    { text: `${text} (base64)`, bytes: Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)) },
  ]);
  const longest = Math.max(...patterns.map((pattern) => pattern.bytes.length));
  const found = new Set<string>();
  for (const { bytes } of chunksOf(disk, longest)) {
    for (const pattern of patterns) if (!found.has(pattern.text) && bytes.includes(pattern.bytes)) found.add(pattern.text);
  }
  return [...found];
};

/** SHA-256 of what a disk holds; what reads as zero does not count. */
export const digestOf = (file: string): string => {
  const hash = createHash('sha256');
  for (const { at, bytes } of chunksOf(file)) hash.update(`${at}:`).update(bytes);
  return hash.digest('hex');
};

export const example = (name: string): string => readFileSync(join(import.meta.dirname, '../../cloud-configs/examples/factory', name), 'utf8');
