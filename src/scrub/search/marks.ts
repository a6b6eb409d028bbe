/**
 * Magic numbers of what can be unpacked, or at least told of, as the search reports them: aligned 32-bit words that the matcher finds, gzip at
 * any byte, and zlib, whose two bytes say little, where a file may begin. Pure.
 */
import type { Mark } from './matcher.ts';
import type { PackedFormat } from './unpack.ts';

/** Known by their magic number, not unpacked: a report notes that they are there. */
export const unreadKinds = ['bzip2', 'lzma', 'lzop', '7z'] as const;
export type UnreadKind = (typeof unreadKinds)[number];

/** `journal-lz4`: a data object of a systemd journal that is compressed with LZ4, which has no magic number of its own. */
export type CandidateKind = PackedFormat | 'squashfs' | 'ext' | 'journal-lz4' | UnreadKind;

/** Something at `position` (bytes from the start of the source) may be worth unpacking. */
export interface Candidate {
  readonly kind: CandidateKind;
  readonly position: number;
}

const kinds: readonly CandidateKind[] = ['gzip', 'xz', 'zstd', 'lz4', 'squashfs', 'ext', 'journal-lz4', 'zip', 'zlib', ...unreadKinds];
const idOf = (kind: CandidateKind): number => kinds.indexOf(kind);

/** Where an ext superblock's magic number stands, from the start of the file system. */
const extMagicAt = 1080;

/** bytes; files begin at multiples of it */
const sector = 512;

const wordOf = (text: string): number => Buffer.from(text, 'latin1').readInt32LE();

export const marks: readonly Mark[] = [
  // The fourth byte of a gzip header has five flags.
  ...Array.from({ length: 32 }, (_, flags) => ({ word: (flags << 24) | 0x088b1f, id: 0 })),
  { word: 0x587a37fd, id: 1 },
  { word: 0xfd2fb528, id: 2 },
  { word: 0x184d2204, id: 3 },
  { word: 0x73717368, id: 4 },
  // 0xef53 and the state: clean, with errors, with orphans.
  ...Array.from({ length: 8 }, (_, state) => ({ word: (state << 16) | 0xef53, id: 5 })),
  { word: 0x0201, id: 6 },
  { word: wordOf('PK\x03\x04'), id: idOf('zip') },
  ...Array.from({ length: 9 }, (_, level) => ({ word: wordOf(`BZh${level + 1}`), id: idOf('bzip2') })),
  // Properties of every writer, and the lower half of a dictionary that is a power of two.
  ...[0, 1, 2, 4, 8, 16, 32, 64, 128].map((high) => ({ word: (high << 24) | 0x5d, id: idOf('lzma') })),
  { word: wordOf('\x89LZO'), id: idOf('lzop') },
  { word: wordOf('7z\xbc\xaf'), id: idOf('7z') },
];

const gzipMagic = Buffer.from([0x1f, 0x8b, 8]);

/** How hard it was tried, in the second byte. */
const zlibLevels: ReadonlySet<number> = new Set([0x01, 0x5e, 0x9c, 0xda]);

/**
 * Reports what aligned words cannot find, in `buffer[0, length)` of which what ends at or before `from` was reported before; `base` is where
 * the buffer lies in the source.
 */
export const findUnaligned = (buffer: Uint8Array, from: number, length: number, base: number, onMark: (id: number, position: number) => void): void => {
  const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
  for (let at = bytes.indexOf(gzipMagic, Math.max(0, from - 2)); at !== -1; at = bytes.indexOf(gzipMagic, at + 1)) {
    if (at % 4 !== 0) onMark(0, base + at);
  }
  const first = Math.max(0, from - 1);
  for (let at = first + ((sector - ((base + first) % sector)) % sector); at + 1 < length; at += sector) {
    if (bytes[at] === 0x78 && zlibLevels.has(bytes[at + 1] ?? 0)) onMark(idOf('zlib'), base + at);
  }
};

/** What a mark at a position may be, or null when nothing of that kind can stand there. */
export const candidateOf = (id: number, position: number): Candidate | null => {
  const kind = kinds[id];
  if (kind === undefined) return null;
  if (kind === 'ext') return position >= extMagicAt && (position - extMagicAt) % sector === 0 ? { kind, position: position - extMagicAt } : null;
  if (kind === 'journal-lz4') return position % 8 === 0 ? { kind, position } : null;
  if (kind === 'lzma') return position % sector === 0 ? { kind, position } : null;
  return { kind, position };
};

/** Whether the bytes behind a magic number bear it out. At least 14 of them. */
export const isUnreadKind = (kind: UnreadKind, head: Uint8Array): boolean => {
  const bytes = Buffer.from(head);
  if (bytes.length < 14) return false;
  if (kind === 'bzip2') return bytes.subarray(4, 10).toString('latin1') === '1AY&SY';
  if (kind === 'lzop') return bytes.subarray(4, 9).toString('latin1') === '\0\r\n\x1a\n';
  if (kind === '7z') return bytes[4] === 0x27 && bytes[5] === 0x1c && bytes[6] === 0;
  // A dictionary of 4 KiB to 1.5 GiB, a size that is unknown or below 1 TiB, and the first byte of the range coder.
  const dictionary = bytes.readUInt32LE(1);
  const size = bytes.readBigUInt64LE(5);
  return dictionary >= 4096 && dictionary <= 0x60000000 && (dictionary & (dictionary - 1)) === 0 && (size === 2n ** 64n - 1n || (size > 0n && size < 2n ** 40n)) && bytes[13] === 0;
};
