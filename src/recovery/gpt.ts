/**
 * A GPT that sfdisk does not see: without the protective MBR in the first sector it takes the disk for an empty one, though the table or
 * its backup is whole (UEFI 2.10, 5.3). Read as it lies there; nothing is written.
 */
import type { TablePartition } from '../probe/partition-table.ts';
import type { System } from '../system/port.ts';

export interface LostGpt {
  /** Which of the two tables is whole. */
  readonly from: 'primary' | 'backup';
  readonly rows: readonly TablePartition[];
  /** What makes sfdisk write the same table, with the same ids. */
  readonly script: string;
}

/** The checksum of GPT: CRC-32 as of ISO 3309. */
export const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xff_ff_ff_ff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1;
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0;
};

interface Header {
  readonly diskId: string;
  readonly firstUsable: number;
  readonly lastUsable: number;
  readonly entriesAt: number;
  readonly count: number;
  readonly entrySize: number;
  readonly entriesCrc: number;
}

/** The first three groups are little-endian. */
const guidAt = (view: Buffer, at: number): string => {
  const hex = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => (view[at + index] ?? 0).toString(16).padStart(2, '0')).join('').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** null: it is no header, or it fails its check. */
const readHeader = (sector: Buffer): Header | null => {
  if (sector.length < 92 || sector.toString('latin1', 0, 8) !== 'EFI PART') return null;
  const size = sector.readUInt32LE(12);
  if (size < 92 || size > sector.length) return null;
  const checked = Buffer.from(sector.subarray(0, size));
  checked.writeUInt32LE(0, 16);
  if (crc32(checked) !== sector.readUInt32LE(16)) return null;
  const number = (at: number): number => Number(sector.readBigUInt64LE(at));
  return { diskId: guidAt(sector, 56), firstUsable: number(40), lastUsable: number(48), entriesAt: number(72), count: sector.readUInt32LE(80), entrySize: sector.readUInt32LE(84), entriesCrc: sector.readUInt32LE(88) };
};

const noType = '00000000-0000-0000-0000-000000000000';

/** Attribute bits in sfdisk's words. */
const attributesOf = (bits: bigint): string =>
  [...(['RequiredPartition', 'NoBlockIOProtocol', 'LegacyBIOSBootable'] as const).filter((_, bit) => ((bits >> BigInt(bit)) & 1n) === 1n), ...Array.from({ length: 16 }, (_, index) => 48 + index).filter((bit) => ((bits >> BigInt(bit)) & 1n) === 1n).map((bit) => `GUID:${bit}`)].join(' ');

/** Text inside sfdisk's double quotes. */
const quoted = (text: string): string => `"${Array.from(Buffer.from(text), (byte) => (/[\w .,:+-]/.test(String.fromCodePoint(byte)) ? String.fromCodePoint(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')}"`;

const readEntries = (entries: Buffer, header: Header, sector: number): { readonly rows: readonly TablePartition[]; readonly lines: readonly string[] } => {
  const rows: TablePartition[] = [];
  const lines: string[] = [];
  for (let index = 0; index < header.count; index += 1) {
    const at = index * header.entrySize;
    const type = guidAt(entries, at);
    if (type === noType) continue;
    const [first, last] = [Number(entries.readBigUInt64LE(at + 32)), Number(entries.readBigUInt64LE(at + 40))];
    const name = entries.toString('utf16le', at + 56, at + 128).replace(/\0.*$/s, '');
    const attributes = attributesOf(entries.readBigUInt64LE(at + 48));
    rows.push({ start: first * sector, size: (last - first + 1) * sector, name: name === '' ? null : name, type });
    lines.push(`${index + 1} : start=${first}, size=${last - first + 1}, type=${type}, uuid=${guidAt(entries, at + 16)}${name === '' ? '' : `, name=${quoted(name)}`}${attributes === '' ? '' : `, attrs="${attributes}"`}`);
  }
  return { rows, lines };
};

/** Reads the table of `path`, `size` bytes long, from its front or from its end; null: neither is whole. */
export const readLostGpt = async (system: System, path: string, size: number): Promise<LostGpt | null> => {
  const file = await system.open(path);
  const read = async (position: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, await file.read(buffer, position));
  };
  try {
    for (const sector of [512, 4096]) {
      for (const [from, position] of [['primary', sector], ['backup', size - sector]] as const) {
        if (position < sector) continue;
        const header = readHeader(await read(position, sector));
        if (header === null || header.entrySize < 128 || header.entrySize > 4096 || header.count > 1024) continue;
        const entries = await read(header.entriesAt * sector, header.count * header.entrySize);
        if (crc32(entries) !== header.entriesCrc) continue;
        const { rows, lines } = readEntries(entries, header, sector);
        const head = ['label: gpt', `label-id: ${header.diskId}`, 'unit: sectors', `table-length: ${header.count}`, `first-lba: ${header.firstUsable}`, `last-lba: ${header.lastUsable}`, ''];
        return { from, rows, script: `${[...head, ...lines].join('\n')}\n` };
      }
    }
    return null;
  } finally {
    await file.close();
  }
};
