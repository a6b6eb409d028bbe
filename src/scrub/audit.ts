/**
 * The proof: reads a target back and searches it for install-only material. A report names places, offsets and key
 * paths, never a value.
 */
import type { AuditMode, AuditReport } from '../model/audit.ts';
import type { System } from '../system/port.ts';
import type { PatternSet } from './patterns.ts';
import { createCollector } from './search/collect.ts';
import type { Collector } from './search/collect.ts';
import { createDeepSearcher } from './search/deep.ts';
import { openReadBack } from './search/read-back.ts';
import { walkTree } from './search/tree.ts';

/** A part of the target that has a name. */
export interface AuditPlace {
  /** `COS_OEM` */
  readonly label: string;
  /** bytes from the start of the target */
  readonly start: number;
  /** bytes */
  readonly size: number;
  /** Another device that is read in its place from `start`: an opened LUKS mapping. */
  readonly path?: string;
}

export interface AuditOptions {
  /** Disk image or block device. */
  readonly path: string;
  /** bytes the target is known to have; a smaller one is noted */
  readonly size?: number;
  /** What lies outside of them is reported as `GPT`. */
  readonly partitions: readonly AuditPlace[];
  readonly mode: AuditMode;
  readonly patterns: PatternSet;
  /** SHA-256 (hex) of image files that were made before any install-only stage ran: a file of the target that is equal to one is searched raw, but not unpacked. */
  readonly trustedImages?: readonly string[];
  /** bytes */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const report = (
  mode: AuditMode,
  patterns: PatternSet,
  collector: Collector,
  rest: Pick<AuditReport, 'bytesRead' | 'places' | 'readPath' | 'duration'>,
): AuditReport => ({
  mode,
  patterns: patterns.patterns.length,
  notSearchable: patterns.notSearchable,
  hits: collector.hits,
  ...(collector.notes.length > 0 ? { notes: collector.notes } : {}),
  ...rest,
});

/** The label and offset within it of a position on the target. */
const attribute = (partitions: readonly AuditPlace[], position: number): { place: string; offset: number } => {
  const partition = partitions.find((candidate) => position >= candidate.start && position < candidate.start + candidate.size);
  return partition === undefined ? { place: 'GPT', offset: position } : { place: partition.label, offset: position - partition.start };
};

/**
 * Reads every block of a disk image or block device, and of opened mappings, and searches them.
 * @throws SlipwayError when the target cannot be read; the signal's reason when it is aborted.
 */
export const auditTarget = async (system: System, options: AuditOptions): Promise<AuditReport> => {
  const { mode, patterns, signal } = options;
  const begin = system.now();
  const collector = await createCollector(patterns, signal);
  if (mode === 'off') return report(mode, patterns, collector, { bytesRead: 0, places: [], readPath: 'nothing was read', duration: 0 });

  const onDisk = options.partitions.filter((partition) => partition.path === undefined);
  const mapped = options.partitions.filter((partition) => partition.path !== undefined);
  const places = new Map<string, number>();
  let bytesRead = 0;
  const disk = await openReadBack(system, options.path, signal);
  if (options.size !== undefined && disk.source.size < options.size) collector.note(`the target has ${disk.source.size} bytes, ${options.size} were expected`);
  const total = disk.data.reduce((sum, extent) => sum + extent.size, 0) + mapped.reduce((sum, place) => sum + place.size, 0);
  const count = (bytes: number): void => {
    bytesRead += bytes;
    options.onProgress?.(bytesRead, total);
  };
  const searcher = createDeepSearcher({
    collector,
    trusted: new Set(options.trustedImages),
    onRead: count,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    await searcher.search(disk.source, disk.data, (position) => attribute(onDisk, position));
  } finally {
    await disk.close();
  }
  for (const place of onDisk) {
    const bytes = disk.data.reduce((sum, extent) => sum + Math.max(0, Math.min(extent.start + extent.size, place.start + place.size) - Math.max(extent.start, place.start)), 0);
    places.set(place.label, (places.get(place.label) ?? 0) + bytes);
  }
  const outside = bytesRead - [...places.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (outside > 0) places.set('GPT', outside);
  for (const place of mapped) {
    const mapping = await openReadBack(system, place.path ?? '', signal);
    try {
      const bytes = await searcher.search(mapping.source, [{ start: place.start, size: place.size }], (position) => ({ place: place.label, offset: position - place.start }));
      places.set(place.label, (places.get(place.label) ?? 0) + bytes);
    } finally {
      await mapping.close();
    }
  }
  return report(mode, patterns, collector, {
    bytesRead,
    places: [...places].map(([place, bytes]) => ({ place, bytes })),
    readPath: disk.how,
    duration: system.now() - begin,
  });
};

export interface TreeOptions {
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Searches the files of a directory, their names and link targets. Links are not followed. Hits are named by the file's
 * path within the directory.
 * @throws the signal's reason when it is aborted.
 */
export const auditTree = async (system: System, directory: string, patterns: PatternSet, options: TreeOptions = {}): Promise<AuditReport> => {
  const begin = system.now();
  const collector = await createCollector(patterns, options.signal);
  const bytesRead = await walkTree(system, directory, collector, options);
  return report('full', patterns, collector, {
    bytesRead,
    places: [{ place: directory, bytes: bytesRead }],
    readPath: 'files read through their file system; deleted files and free space are not seen this way',
    duration: system.now() - begin,
  });
};
