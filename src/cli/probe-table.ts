/** What `slipway probe` prints for people. Pure. */
import type { Disk, Facts, Nic, Reason } from '../model/facts.ts';
import { isRefusal } from '../probe/reasons.ts';
import { formatTable, wrapText } from './columns.ts';
import type { Column } from './columns.ts';

/** `8.0 GiB`; base 1024, as the rest of Slipway. */
export const formatSize = (bytes: number): string => {
  if (bytes === 0) return '-';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
};

const present = (...parts: readonly (string | null | undefined | false)[]): string =>
  parts.filter((part) => typeof part === 'string' && part !== '').join(', ');

const firmwareOf = ({ uefi, secureBoot }: Facts['firmware']): string =>
  uefi ? `UEFI, Secure Boot ${secureBoot === null ? 'unknown' : secureBoot ? 'on' : 'off'}` : 'BIOS';

const summary = (facts: Facts): readonly (readonly [string, string])[] => {
  const { system, tpm, boot, kairos } = facts;
  return [
    ['Machine', present(system.vendor, system.product, system.serial !== null && `serial ${system.serial}`) || 'unknown'],
    ['Processor', present(facts.cpu.model, `${facts.cpu.cores} core${facts.cpu.cores === 1 ? '' : 's'}`, `${formatSize(facts.memory)} memory`)],
    ['Firmware', present(firmwareOf(facts.firmware), tpm.present ? `TPM ${tpm.version ?? 'of unknown version'}` : 'no TPM')],
    ['Running', present(boot.state === 'unknown' ? 'not a Kairos system' : `${boot.state}${boot.uki ? ' (UKI)' : ''}`, boot.liveMedium !== null && `from ${boot.liveMedium}`)],
    ['Kairos', present(kairos['KAIROS_RELEASE'] ?? kairos['KAIROS_VERSION'], kairos['KAIROS_FLAVOR'], kairos['KAIROS_MODEL'], kairos['KAIROS_VARIANT'])],
  ];
};

const modelOf = (disk: Disk): string => [disk.model, disk.serial].filter((part) => part !== null).join(' / ') || '-';

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

const isHidden = (disk: Disk): boolean => disk.reasons[0]?.id === 'not-a-disk';

interface PathTable {
  readonly title: string;
  /** The lines of each row. */
  readonly rows: readonly (readonly string[])[];
}

/** A table whose first cell is a path. One that does not fit stands in full above its row: half a path cannot be chosen. */
const pathTable = (columns: readonly Column[], rows: readonly (readonly string[])[], width: number): PathTable => {
  const isCut = (line: string | undefined, [path = '']: readonly string[]): boolean => line?.startsWith(path) !== true;
  const all = formatTable(columns, rows, width);
  const cut = rows.map((row, index) => isCut(all[index + 1], row));
  const lines = cut.includes(true) ? formatTable(columns, rows.map(([path = '', ...rest], index) => [cut[index] === true ? '' : path, ...rest]), width) : all;
  return { title: lines[0] ?? '', rows: rows.map(([path = ''], index) => [...(cut[index] === true ? wrapText(path, width) : []), lines[index + 1] ?? '']) };
};

const diskLines = (disks: readonly Disk[], columns: number): readonly string[] => {
  const shown = disks.filter((disk) => !isHidden(disk));
  if (shown.length === 0) return ['  none'];
  const table = pathTable(
    [
      { title: 'DISK', most: 22 },
      { title: 'SIZE', most: 10, right: true },
      { title: 'VERDICT', most: 8 },
      { title: 'MODEL / SERIAL', most: 30 },
      { title: 'CONTENTS', most: 60 },
    ],
    shown.map((disk) => [disk.path, formatSize(disk.size), disk.verdict, modelOf(disk), disk.contents]),
    columns - 2,
  );
  // Of a refused disk only the refusals count: no consent would help.
  const telling = (disk: Disk): readonly Reason[] => disk.reasons.filter(({ id }) => disk.verdict !== 'refused' || isRefusal(id));
  const reasons = shown.map((disk) => telling(disk).flatMap(({ what, hint }) => wrapText(`${what}; ${hint}`, columns, '      ')));
  return [...indented([table.title]), ...shown.flatMap((_, index) => [...indented(table.rows[index] ?? []), ...(reasons[index] ?? [])])];
};

const nicText = (nic: Nic): readonly string[] => [
  nic.name,
  nic.carrier === null ? 'down' : nic.carrier ? 'link' : 'no link',
  nic.mac ?? '-',
  nic.speed === null ? '-' : `${nic.speed} Mbit/s`,
  nic.addresses.join(' ') || 'no address',
];

/** The whole page, every line at most `columns` cells wide. */
export const formatProbe = (facts: Facts, columns: number): string => {
  const width = Math.max(40, columns);
  const lines: string[] = [];
  for (const [name, text] of summary(facts)) {
    if (text === '') continue;
    const [first = '', ...rest] = wrapText(text, width - 11);
    lines.push(`${name.padEnd(11)}${first}`, ...rest.map((line) => `${' '.repeat(11)}${line}`));
  }
  lines.push('', 'Disks', ...diskLines(facts.disks, width));
  const hidden = facts.disks.filter(isHidden);
  if (hidden.length > 0) lines.push(...wrapText(`not disks: ${hidden.map(({ path }) => path).join(' ')}`, width, '  '));
  if (facts.volumes.length > 0) {
    const rows = facts.volumes.map((volume) => [volume.path, formatSize(volume.size), volume.kind, volume.fstype ?? '-', volume.label ?? '-']);
    const table = pathTable([{ title: 'VOLUME', most: 22 }, { title: 'SIZE', most: 10, right: true }, { title: 'KIND', most: 12 }, { title: 'TYPE', most: 10 }, { title: 'LABEL', most: 32 }], rows, width - 2);
    lines.push('', 'Volumes', ...indented([table.title, ...table.rows.flat()]));
  }
  if (facts.nics.length > 0) {
    const table = formatTable([{ title: 'NETWORK', most: 15 }, { title: 'LINK', most: 7 }, { title: 'MAC', most: 17 }, { title: 'SPEED', most: 14 }, { title: 'ADDRESSES', most: 80 }], facts.nics.map(nicText), width - 2);
    lines.push('', 'Network', ...indented(table));
  }
  if (facts.problems.length > 0) lines.push('', 'Problems', ...facts.problems.flatMap(({ where, what, hint }) => wrapText(`${what.startsWith(where) ? '' : `${where}: `}${what}; ${hint}`, width, '  ')));
  return `${lines.join('\n')}\n`;
};
