/**
 * Reads a target back from the medium, not from the page cache.
 *
 * A block device is flushed and its cached pages are dropped with `blockdev --flushbufs`; under a loop device the
 * backing file is treated too. A file is written out with `sync FILE` and its pages are dropped with
 * `dd if=FILE iflag=nocache count=0`, which opens it for reading only. What is then read comes from the medium.
 * The holes of a sparse image file (from its extent map, `filefrag -v -s`) are not read: they have no place on the medium.
 */
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import type { ByteSource, Extent } from './source.ts';

/** bytes of one read */
export const chunkSize = 1024 * 1024;

export interface ReadBack {
  readonly source: ByteSource;
  /** What to read, in order; everything else is a hole and reads as zero. */
  readonly data: readonly Extent[];
  /** How the page cache was got out of the way, in words. */
  readonly how: string;
  close(): Promise<void>;
}

const fileTools = 120_000;

/** Drops cached pages; returns in words what was done, or null when no tool did it. */
const dropFile = async (system: System, path: string, signal?: AbortSignal): Promise<string | null> => {
  const options = { timeout: fileTools, ...(signal === undefined ? {} : { signal }) };
  const sync = await system.run(['sync', path], options);
  const drop = await system.run(['dd', `if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], options);
  return sync.exitCode === 0 && drop.exitCode === 0 ? 'sync and posix_fadvise(DONTNEED) by dd iflag=nocache' : null;
};

const dropDevice = async (system: System, path: string, signal?: AbortSignal): Promise<string | null> => {
  const options = { timeout: fileTools, ...(signal === undefined ? {} : { signal }) };
  const flush = await system.run(['blockdev', '--flushbufs', path], options);
  if (flush.exitCode !== 0) return null;
  const name = (await system.realPath(path)) ?? path;
  const loop = /^\/dev\/loop\d+$/.test(name) ? (await system.run(['losetup', '--noheadings', '--output', 'BACK-FILE', name], options)).stdout.trim() : '';
  const below = loop === '' ? '' : await dropFile(system, loop, signal);
  return below === null ? null : `blockdev --flushbufs${below === '' ? '' : `, its backing file by ${below}`}`;
};

/** Reads `filefrag -v` output: the parts of the file that have blocks, in bytes, in order. Null when it is not understood. Pure. */
export const parseFilefrag = (text: string, size: number): readonly Extent[] | null => {
  const blockSize = Number(/blocks? of (\d+) bytes\)/.exec(text)?.[1]);
  if (!Number.isSafeInteger(blockSize) || blockSize <= 0) return null;
  const extents: Extent[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*\d+:\s*(\d+)\.\.\s*(\d+):/.exec(line);
    if (match === null) continue;
    const start = Number(match[1]) * blockSize;
    const end = Math.min(size, (Number(match[2]) + 1) * blockSize);
    if (end > start) extents.push({ start, size: end - start });
  }
  return /\d+ extents? found/.test(text) ? extents : null;
};

/** Widens extents by `margin` bytes on both sides and joins those that touch: a pattern may begin with a hole's zeros. Pure. */
export const widen = (extents: readonly Extent[], margin: number, size: number): readonly Extent[] => {
  const out: { start: number; size: number }[] = [];
  for (const extent of extents) {
    const start = Math.max(0, extent.start - margin);
    const end = Math.min(size, extent.start + extent.size + margin);
    const last = out.at(-1);
    if (last !== undefined && start <= last.start + last.size) last.size = Math.max(last.size, end - last.start);
    else out.push({ start, size: end - start });
  }
  return out;
};

const dataOf = async (system: System, path: string, size: number): Promise<readonly Extent[] | null> => {
  const result = await system.run(['filefrag', '-v', '-s', path], { timeout: fileTools, maxBytes: 64 * 1024 * 1024 });
  if (result.exitCode !== 0 || result.truncated) return null;
  const extents = parseFilefrag(result.stdout, size);
  return extents === null ? null : widen(extents, 4096, size);
};

/** Size of a block device in bytes, or null. */
const deviceSize = async (system: System, path: string): Promise<number | null> => {
  const result = await system.run(['blockdev', '--getsize64', path]);
  const size = Number(result.stdout.trim());
  return result.exitCode === 0 && Number.isSafeInteger(size) && size > 0 ? size : null;
};

/**
 * Opens a disk image or block device to be read back. Nothing is written to it.
 * @throws SlipwayError when it is neither, or cannot be opened.
 */
export const openReadBack = async (system: System, path: string, signal?: AbortSignal): Promise<ReadBack> => {
  const real = (await system.realPath(path)) ?? path;
  const stat = await system.stat(real);
  const size = stat?.kind === 'block' ? await deviceSize(system, real) : stat?.kind === 'file' ? stat.size : null;
  if (stat === null || size === null) {
    throw new SlipwayError({ id: 'cannot-read-back', severity: 'error', what: 'this is no disk image or block device that can be read', where: path, hint: 'check the path; devices need root' });
  }
  const dropped = stat.kind === 'block' ? await dropDevice(system, real, signal) : await dropFile(system, real, signal);
  const map = stat.kind === 'file' && stat.allocated < stat.size ? await dataOf(system, real, size) : null;
  const file = await system.open(real);
  const how = [dropped === null ? 'read with the page cache, which could not be dropped' : `read from the medium after ${dropped}`];
  if (map !== null) how.push('holes of the image file, known from its extent map, count as zeros');
  return {
    source: { size, read: (buffer, position) => file.read(buffer, position) },
    data: map ?? [{ start: 0, size }],
    how: how.join('; '),
    close: () => file.close(),
  };
};
