/**
 * Searches a source raw, then what is packed in it: compressed files (also deleted ones: they are found by their magic
 * numbers, not through a file system), data objects of systemd journals, squashfs images, and the borders between
 * the pieces of fragmented files of ext2, ext3 and ext4.
 *
 * Not unpacked: bzip2, lzma, lzop, 7z and archives with encryption (noted); packed data in packed data of more than
 * {@link largestNested} bytes (noted); fragmented files of other file systems are searched by their pieces.
 */
import { createHash } from 'node:crypto';
import type { Collector } from './collect.ts';
import { openExt } from './ext.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { unpackLz4Block } from './lz4.ts';
import { candidateOf, isUnreadKind, unreadKinds } from './marks.ts';
import type { Candidate, CandidateKind, UnreadKind } from './marks.ts';
import { openSquashfs } from './squashfs.ts';
import type { ByteSource, Extent } from './source.ts';
import { inMemory, joined, partOf, readAt, readFully } from './source.ts';
import { createWorkspace } from './lzma2.ts';
import type { Workspace } from './lzma2.ts';
import { createMemoryKeeper } from './memory.ts';
import { makeBuffers, makePieceBuffer, searchExtent, searchPieces } from './stream.ts';
import type { PieceSearch } from './stream.ts';
import { unpack } from './unpack.ts';
import type { PackedFormat } from './unpack.ts';

/** Unpacked data up to this size (bytes) is kept to look for packed data in it. */
export const largestNested = 16 * 1024 * 1024;

/** Streams from this size on (bytes) are remembered when nothing was found in them. */
const largeStream = 64 * 1024;
const deepest = 4;
/** bytes; a bigger window of an .xz stream is not kept for the next one */
const largestKeptWindow = 16 * 1024 * 1024;
const mostCandidates = 1_000_000;
const smallestImage = 1024 * 1024;
/** journald stores no field of more than this many bytes, core dumps apart. */
const largestJournalObject = 1024 * 1024;

export interface DeepSearch {
  readonly collector: Collector;
  /** SHA-256, hex, of files that need not be unpacked. */
  readonly trusted: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  /** bytes read of the outermost source; 0 as a sign of life while something is unpacked */
  readonly onRead?: (bytes: number) => void;
}

/** Names a position of the outermost source. */
export type Attribute = (position: number) => { readonly place: string; readonly offset: number };

interface Context extends DeepSearch {
  // Memory is used again: a disk holds thousands of packed files, and what is left to the collector adds up.
  readonly buffers: readonly [Uint8Array, Uint8Array];
  readonly pieceBuffer: Uint8Array;
  readonly workspace: Workspace;
  /** Told how much memory (bytes) was used and is not any more. */
  readonly released: (bytes: number) => void;
  /** SHA-256 of squashfs images in which nothing was found. */
  readonly clean: Set<string>;
  /** The same for packed streams: by the hash of their first bytes, how long they are and the hash of all. A node's images hold each kernel three times. */
  readonly cleanStreams: Map<string, { readonly size: number; readonly hash: string }>;
  /** What was noted as not unpacked: place and kind. */
  readonly unread: Set<string>;
}

/** Where a search is: what it reports for a position of the source at hand. */
interface Scope {
  readonly attribute: Attribute;
  /** What was unpacked to get here. */
  readonly inside: string | undefined;
  readonly depth: number;
}

const within = (scope: Scope, what: string): string => (scope.inside === undefined ? what : `${scope.inside}, ${what}`);

/** Searches pieces as they come; one such search at a time. */
const piecesIn = (context: Context, onMatch: (pattern: number) => void, onMark?: (id: number, at: number) => void): PieceSearch =>
  searchPieces({ matcher: context.collector.matcher, onMatch, ...(onMark === undefined ? {} : { onMark }) }, context.pieceBuffer);

const hashOf = async (context: Context, source: ByteSource, size: number): Promise<string> => {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(1024 * 1024);
  for (let at = 0; at < size; ) {
    context.signal?.throwIfAborted();
    const count = await readFully(source, buffer.subarray(0, Math.min(buffer.length, size - at)), at);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    at += count;
    context.onRead?.(0);
  }
  return hash.digest('hex');
};

/** Searches the border between two neighbouring pieces of a file. */
const searchSeam = async (context: Context, source: ByteSource, scope: Scope, before: Extent, behind: Extent): Promise<void> => {
  const { matcher } = context.collector;
  const left = Math.min(matcher.overlap, before.size);
  const right = Math.min(matcher.overlap, behind.size);
  const bytes = new Uint8Array(left + right);
  if (before.start >= 0) await readFully(source, bytes.subarray(0, left), before.start + before.size - left);
  if (behind.start >= 0) await readFully(source, bytes.subarray(left), behind.start);
  // What ends before the seam was found already; what starts behind it, too.
  matcher.scan(bytes, left, bytes.length, (pattern, start) => {
    if (start >= left) return;
    const { place, offset } = scope.attribute(before.start >= 0 ? before.start + before.size - left + start : behind.start);
    context.collector.hit(pattern, place, offset, within(scope, 'a file in pieces'));
  });
};

const exploreExt = async (context: Context, source: ByteSource, layout: Layout, scope: Scope, position: number): Promise<void> => {
  const outer = layout.locate(position);
  const fileSystem = await openExt(outer.source, outer.position);
  if (fileSystem === null) return;
  for await (const file of fileSystem.files()) {
    context.signal?.throwIfAborted();
    context.onRead?.(0);
    const shifted = file.extents.map((extent) => (extent.start < 0 ? extent : { start: extent.start + outer.position, size: extent.size }));
    const extents = outer.toBase(shifted);
    if (context.trusted.size > 0 && file.size >= smallestImage && context.trusted.has(await hashOf(context, joined(source, extents), file.size))) {
      layout.skip(extents);
    }
    if (extents.length < 2) continue;
    layout.addFile(extents);
    for (let i = 1; i < extents.length; i += 1) {
      context.signal?.throwIfAborted();
      context.onRead?.(0);
      const [before, behind] = [extents[i - 1], extents[i]];
      if (before !== undefined && behind !== undefined) await searchSeam(context, source, scope, before, behind);
    }
  }
};

const exploreSquashfs = async (context: Context, source: ByteSource, position: number, scope: Scope): Promise<number> => {
  const image = await openSquashfs(source, position, context.released);
  if (image === null) return 0;
  const { place, offset } = scope.attribute(position);
  if (typeof image === 'string') {
    context.collector.note(`${place} at byte ${offset}: ${image}, not unpacked`);
    return 0;
  }
  const hash = await hashOf(context, partOf(source, position, image.size), image.size);
  if (context.trusted.has(hash) || context.clean.has(hash)) return image.size;
  const before = context.collector.count;
  const attribute: Attribute = () => ({ place, offset });
  for await (const bytes of image.tables()) {
    const pieces = piecesIn(context, (pattern) => context.collector.hit(pattern, place, offset, within(scope, 'squashfs tables')));
    pieces.push(bytes);
    pieces.end();
  }
  try {
    for await (const file of image.files()) {
      context.onRead?.(0);
      const inside = within(scope, `squashfs ${file.path}`);
      await search(context, file.source, [{ start: 0, size: file.source.size }], { attribute, inside, depth: scope.depth + 1 });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.collector.note(`${place} at byte ${offset}: a squashfs image that is damaged (${error.message}), not unpacked in full`);
  }
  if (context.collector.count === before) context.clean.add(hash);
  return image.size;
};

const exploreJournalObject = async (context: Context, source: ByteSource, position: number, scope: Scope): Promise<void> => {
  const head = await readAt(source, position, 80);
  if (head.length < 80) return;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const size = Number(view.getBigUint64(8, true));
  if (view.getUint32(4, true) !== 0 || size <= 80 || size > largestJournalObject) return;
  // Behind the hash: where its neighbours lie in the file, in multiples of 8.
  for (const at of [24, 32, 40, 48]) if (view.getBigUint64(at, true) % 8n !== 0n || view.getBigUint64(at, true) >= 2n ** 34n) return;
  const { place, offset } = scope.attribute(position);
  // The payload starts behind the header, which is 8 bytes longer in compact journals.
  for (const start of [64, 72]) {
    const unpacked = Number(view.getBigUint64(start, true));
    // LZ4 packs to a 255th at best, and journald keeps what it makes smaller only.
    if (unpacked < size - start - 8 || unpacked > 255 * size || unpacked > 16 * largestJournalObject) continue;
    const data = await readAt(source, position + start + 8, size - start - 8);
    const pieces = piecesIn(context, (pattern) => context.collector.hit(pattern, place, offset, within(scope, 'journal object')));
    pieces.push(unpackLz4Block(data, unpacked));
    pieces.end();
  }
};

/** Unpacks a stream and searches what comes out. Returns how many bytes of the source it took, 0 when it was none. */
const explorePacked = async (context: Context, source: ByteSource, candidate: Candidate & { kind: PackedFormat }, scope: Scope): Promise<number> => {
  const { place, offset } = scope.attribute(candidate.position);
  const inside = within(scope, candidate.kind);
  const head = createHash('sha256').update(await readAt(source, candidate.position, 4096)).digest('hex');
  const known = context.cleanStreams.get(head);
  const streamAt = (length: number): ByteSource => partOf(source, candidate.position, length);
  if (known !== undefined && (await hashOf(context, streamAt(known.size), known.size)) === known.hash) return known.size;
  const before = context.collector.count;
  const nested: Candidate[] = [];
  let size = 0;
  const pieces = piecesIn(
    context,
    (pattern) => context.collector.hit(pattern, place, offset, inside),
    (id, at) => {
      const found = candidateOf(id, at);
      if (found !== null && nested.length < mostCandidates) nested.push(found);
    },
  );
  const result = await unpack(
    candidate.kind,
    source,
    candidate.position,
    (bytes) => {
      context.signal?.throwIfAborted();
      pieces.push(bytes);
      size += bytes.length;
      context.onRead?.(0);
      // The window of an .xz stream is used again; what other decompressors give is new each time.
      if (candidate.kind !== 'xz') context.released(bytes.length);
    },
    context.workspace,
  );
  pieces.end();
  const window = context.workspace.window.length;
  if (window > largestKeptWindow) {
    context.workspace.window = new Uint8Array(0);
    context.released(window);
  }
  if (nested.length > 0 && scope.depth < deepest) {
    if (size <= largestNested) {
      // A second time, now kept: few packed files hold packed data.
      const bytes = new Uint8Array(size);
      let at = 0;
      const keep = (part: Uint8Array): void => {
        bytes.set(part.subarray(0, size - at), at);
        at += part.length;
      };
      await unpack(candidate.kind, source, candidate.position, keep, context.workspace);
      await explore(context, inMemory(bytes), nested, { attribute: () => ({ place, offset }), inside, depth: scope.depth + 1 });
      context.released(size);
    } else if (nested.some(({ kind }) => kind === 'xz' || kind === 'zstd' || kind === 'squashfs')) {
      context.collector.note(`${place}: ${inside} with packed data in it that was not unpacked a second time`);
    }
  }
  if (result.refused !== undefined) context.collector.note(`${place}: ${inside} with ${result.refused}, not unpacked in full`);
  if (!result.whole) return 0;
  if (context.collector.count === before && result.consumed >= largeStream) {
    context.cleanStreams.set(head, { size: result.consumed, hash: await hashOf(context, streamAt(result.consumed), result.consumed) });
  }
  return result.consumed;
};

const isUnread = (kind: CandidateKind): kind is UnreadKind => (unreadKinds as readonly string[]).includes(kind);

/** Tells once a place that something of a kind is there that is not unpacked. */
const noteUnread = async (context: Context, source: ByteSource, position: number, kind: UnreadKind, scope: Scope): Promise<void> => {
  const { place, offset } = scope.attribute(position);
  const key = `${place} ${scope.inside ?? ''} ${kind}`;
  if (context.unread.has(key) || !isUnreadKind(kind, await readAt(source, position, 16))) return;
  context.unread.add(key);
  context.collector.note(`${place}${scope.inside === undefined ? ` at byte ${offset}` : `, in ${scope.inside}`}: data packed with ${kind}, not unpacked`);
};

const explore = async (context: Context, source: ByteSource, candidates: readonly Candidate[], scope: Scope): Promise<void> => {
  const layout = createLayout(source);
  for (const { kind, position } of candidates) {
    if (kind === 'ext' && !layout.isSkipped(position)) await exploreExt(context, source, layout, scope, position);
  }
  // What was unpacked whole is not looked into again for its own parts.
  let done = 0;
  for (const candidate of candidates.toSorted((left, right) => left.position - right.position)) {
    const { kind, position } = candidate;
    if (kind === 'ext' || position < done || layout.isSkipped(position)) continue;
    context.signal?.throwIfAborted();
    const located = layout.locate(position);
    const here: Scope = { ...scope, attribute: () => scope.attribute(position) };
    let size = 0;
    if (kind === 'squashfs') size = await exploreSquashfs(context, located.source, located.position, here);
    else if (isUnread(kind)) await noteUnread(context, located.source, located.position, kind, here);
    else if (kind === 'journal-lz4') await exploreJournalObject(context, located.source, located.position, here);
    else size = await explorePacked(context, located.source, { kind, position: located.position }, here);
    if (located.source === source) done = position + size;
    else if (kind === 'squashfs' && size > 0) layout.skip(located.toBase([{ start: located.position, size }]));
  }
};

const search = async (context: Context, source: ByteSource, extents: readonly Extent[], scope: Scope): Promise<number> => {
  const candidates: Candidate[] = [];
  let bytes = 0;
  for (const extent of extents) {
    bytes += await searchExtent(
      source,
      extent,
      {
        matcher: context.collector.matcher,
        ...(context.signal === undefined ? {} : { signal: context.signal }),
        onRead: (count) => context.onRead?.(scope.depth === 0 ? count : 0),
        onMatch: (pattern, position) => {
          const { place, offset } = scope.attribute(position);
          context.collector.hit(pattern, place, offset, scope.inside);
        },
        onMark: (id, position) => {
          const candidate = candidateOf(id, position);
          if (candidate === null) return;
          if (candidates.length < mostCandidates) candidates.push(candidate);
          else context.collector.note(`${scope.attribute(position).place}: more packed data than is looked at`);
        },
      },
      context.buffers,
    );
  }
  if (candidates.length > 0 && scope.depth < deepest) await explore(context, source, candidates, scope);
  return bytes;
};

/** A search with its buffers, for one source after the other. */
export interface DeepSearcher {
  /**
   * Searches the extents of a source, in order, and what is packed in them. Returns the bytes that were read raw.
   * @throws what the source throws; the signal's reason when it is aborted
   */
  search(source: ByteSource, extents: readonly Extent[], attribute: Attribute): Promise<number>;
}

export const createDeepSearcher = (options: DeepSearch): DeepSearcher => {
  const { matcher } = options.collector;
  const released = createMemoryKeeper();
  const context: Context = {
    ...options,
    buffers: makeBuffers(matcher),
    pieceBuffer: makePieceBuffer(matcher),
    workspace: createWorkspace(released),
    released,
    clean: new Set(),
    cleanStreams: new Map(),
    unread: new Set(),
  };
  return { search: (source, extents, attribute) => search(context, source, extents, { attribute, inside: undefined, depth: 0 }) };
};
