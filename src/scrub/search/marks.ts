/** Magic numbers of what can be unpacked, as aligned 32-bit words that the matcher reports. Pure. */
import type { Mark } from './matcher.ts';
import type { PackedFormat } from './unpack.ts';

/** `journal-lz4`: a data object of a systemd journal that is compressed with LZ4, which has no magic number of its own. */
export type CandidateKind = PackedFormat | 'squashfs' | 'ext' | 'journal-lz4';

/** Something at `position` (bytes from the start of the source) may be worth unpacking. */
export interface Candidate {
  readonly kind: CandidateKind;
  readonly position: number;
}

const kinds: readonly CandidateKind[] = ['gzip', 'xz', 'zstd', 'lz4', 'squashfs', 'ext', 'journal-lz4'];

/** Where an ext superblock's magic number stands, from the start of the file system. */
const extMagicAt = 1080;

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
];

/** What a mark at a position may be, or null when nothing of that kind can stand there. */
export const candidateOf = (id: number, position: number): Candidate | null => {
  const kind = kinds[id];
  if (kind === undefined) return null;
  if (kind === 'ext') return position >= extMagicAt && (position - extMagicAt) % 512 === 0 ? { kind, position: position - extMagicAt } : null;
  if (kind === 'journal-lz4') return position % 8 === 0 ? { kind, position } : null;
  return { kind, position };
};
