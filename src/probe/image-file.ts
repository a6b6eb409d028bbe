/** Looks at a disk image file before anything is done to it. Needs no root and no loop device; writes nothing. */
import type { ImageFileFacts } from '../model/facts.ts';
import { cleanTextOrNull } from '../model/foreign-text.ts';
import { unfinishedMark } from '../model/labels.ts';
import type { System } from '../system/port.ts';
import { readKeptConfigSha256 } from './kept-config.ts';
import { parseSfdisk } from './partition-table.ts';
import type { TablePartition } from './partition-table.ts';

const patience = 4000;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** Free bytes of the file system that holds `folder`, or its nearest folder above that exists; 0 when unknown. */
const readFreeSpace = async (system: System, folder: string): Promise<number> => {
  let place = folder;
  while (place !== '/' && (await system.stat(place)) === null) place = folderOf(place);
  const result = await system.run(['df', '-B1', '--output=avail', place], { timeout: patience });
  const bytes = Number(result.stdout.trim().split('\n').at(-1)?.trim() ?? Number.NaN);
  return result.exitCode === 0 && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0;
};

/** `KEY=value` lines of `blkid -o export`. */
export const parseBlkidExport = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const equals = line.indexOf('=');
      return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1).replace(/\\(.)/g, '$1')]];
    }),
  );

const readSignature = async (system: System, path: string, partition: TablePartition) => {
  const range = ['--offset', String(partition.start), '--size', String(partition.size)];
  const result = await system.run(['blkid', '-p', '-o', 'export', ...range, path], { timeout: patience });
  const found = result.exitCode === 0 ? parseBlkidExport(result.stdout) : {};
  return { label: cleanTextOrNull(found['LABEL']), fstype: cleanTextOrNull(found['TYPE']) };
};

/** True unless the tool says for sure that nothing is there: what can't be seen counts as data. */
const hasSignature = async (system: System, path: string): Promise<boolean> => {
  const result = await system.run(['wipefs', '--json', '-n', path], { timeout: patience });
  return result.exitCode !== 0 || /"(?:offset|type)"/.test(result.stdout);
};

/** What is known of the image file at `path`. Nothing there is fine: it will be made. */
export const probeImageFile = async (system: System, path: string): Promise<ImageFileFacts> => {
  const real = (await system.realPath(path)) ?? path;
  const [stat, freeSpace] = await Promise.all([system.stat(real), readFreeSpace(system, folderOf(real))]);
  const nothing: ImageFileFacts = {
    path,
    exists: stat !== null,
    size: stat?.kind === 'file' ? stat.size : 0,
    regular: stat === null || stat.kind === 'file',
    hasData: false,
    unfinished: false,
    partitions: [],
    installedConfigSha256: null,
    freeSpace,
  };
  if (stat === null || stat.kind !== 'file' || stat.size === 0) return nothing;
  const table = await system.run(['sfdisk', '--json', real], { timeout: patience });
  const rows = table.exitCode === 0 ? parseSfdisk(table.stdout) : null;
  if (rows === null) return { ...nothing, hasData: await hasSignature(system, real) };
  const partitions = await Promise.all(
    rows.slice(0, 128).map(async (row) => ({ ...(await readSignature(system, real, row)), partlabel: row.name, size: row.size })),
  );
  const unfinished = rows[0]?.name === unfinishedMark;
  const oem = rows.findIndex((row, index) => row.name === 'oem' || partitions[index]?.label === 'COS_OEM');
  const start = rows[oem]?.start;
  const installed = unfinished || start === undefined ? null : await readKeptConfigSha256(system, real, start);
  return { ...nothing, hasData: rows.length > 0, unfinished, partitions, installedConfigSha256: installed };
};
