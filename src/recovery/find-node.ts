/** Finds the node that is meant: this machine's own, another disk of it, or a disk image file. Reads only. */
import type { Disk, Facts } from '../model/facts.ts';
import { unfinishedMark } from '../model/labels.ts';
import { SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import { deviceTarget, imageTarget } from '../plan/target.ts';
import { parseBlkidExport, probeImageFile } from '../probe/image-file.ts';
import { parseSfdisk } from '../probe/partition-table.ts';
import type { TablePartition } from '../probe/partition-table.ts';
import type { System } from '../system/port.ts';
import { bytesInWords } from './words.ts';
import { readLostGpt } from './gpt.ts';
import { labelOf, nodePartitionNames } from './node.ts';
import type { InstalledNode, NodePartition, TableDamage } from './node.ts';
import { frontDamage, tableDamageIn } from './table-damage.ts';

export interface NodeWish {
  /** A disk image file. */
  readonly image?: string | undefined;
  /** A disk of this machine. */
  readonly device?: string | undefined;
}

/** A disk that may be meant. */
export interface NodeCandidate {
  readonly path: string;
  /** For messages: model, size, serial number. */
  readonly text: string;
}

export type FoundNode = { readonly node: InstalledNode } | { readonly problem: Problem; readonly candidates?: readonly NodeCandidate[] };

const problem = (id: string, what: string, where: string, hint: string): FoundNode => ({ problem: { id, severity: 'error', what, where, hint } });

/** ms */
const patience = 20_000;

const signatureAt = async (system: System, path: string, range: { readonly offset: number; readonly size: number } | null) => {
  const where = range === null ? [] : ['--offset', String(range.offset), '--size', String(range.size)];
  const { stdout, exitCode } = await system.run(['blkid', '-p', '-o', 'export', ...where, path], { timeout: patience });
  const values = exitCode === 0 ? parseBlkidExport(stdout) : {};
  return { fstype: values['TYPE'] ?? null, label: values['LABEL'] ?? null, uuid: values['UUID'] ?? null };
};

interface ReadTable {
  readonly rows: readonly TablePartition[];
  readonly damage: TableDamage | null;
}

/** A GPT whose two tables are gone leaves the MBR that was to protect it: one partition of type EE. */
const isProtectiveOnly = (rows: readonly TablePartition[]): boolean => rows.length === 1 && /^ee$/i.test(rows[0]?.type ?? '');

/** null: neither table nor backup can be read. */
const readTable = async (system: System, path: string, size: number): Promise<ReadTable | null> => {
  const table = await system.run(['sfdisk', '--json', path], { timeout: patience });
  const rows = table.exitCode === 0 ? parseSfdisk(table.stdout) : null;
  if (rows !== null && !isProtectiveOnly(rows)) return { rows, damage: tableDamageIn(table.stderr) };
  const lost = await readLostGpt(system, path, size);
  return lost === null ? null : { rows: lost.rows, damage: frontDamage(lost) };
};

/** The node's partitions by their places on the whole disk, as nobody else sees them. */
const partitionsIn = async (system: System, path: string, rows: readonly TablePartition[]): Promise<readonly NodePartition[]> =>
  unique(
    await Promise.all(
      rows.map(async (row): Promise<NodePartition | null> => {
        const found = await signatureAt(system, path, { offset: row.start, size: row.size });
        const name = nameOf(found.label, row.name);
        return name === null ? null : { name, path, offset: row.start, size: row.size, fstype: found.fstype, encrypted: found.fstype === 'crypto_LUKS', uuid: found.uuid, mountpoint: null };
      }),
    ),
  );

/** Where one of these devices is mounted, from the text of /proc/self/mounts. */
const mountPointOf = (mounts: string, devices: readonly string[]): string | null => mounts.split('\n').map((line) => line.split(' ')).find(([device = '']) => devices.includes(device))?.[1] ?? null;

/** Labels win over GPT names: they are what a node boots by. */
const nameOf = (label: string | null, partlabel: string | null): NodePartition['name'] | null =>
  nodePartitionNames.find((name) => labelOf[name] === label) ?? nodePartitionNames.find((name) => name === partlabel) ?? null;

/** A node has at least one of these; `efi` and `oem` alone are names that others use, too. */
const looksInstalled = (partitions: readonly NodePartition[]): boolean => partitions.some(({ name }) => name === 'state' || name === 'recovery');

const unique = (rows: readonly (NodePartition | null)[]): readonly NodePartition[] =>
  nodePartitionNames.flatMap((name) => rows.find((row) => row?.name === name) ?? []);

const readImage = async (system: System, path: string): Promise<FoundNode> => {
  const real = await system.realPath(path);
  if (real === null) return problem('node-missing', 'there is no such file', path, 'check the path');
  const stat = await system.stat(real);
  if (stat?.kind !== 'file') return problem('node-missing', 'is no disk image file', path, 'name a file; for a disk use --device');
  const table = await readTable(system, real, stat.size);
  if (table === null) return problem('node-table-unreadable', 'no partition table can be read from it', path, 'nothing was changed; if there was a node on it, its table and the backup are both gone');
  const { rows, damage } = table;
  const partitions = await partitionsIn(system, real, rows);
  if (!looksInstalled(partitions)) return problem('node-missing', 'no installed Kairos system is on it', path, 'choose another disk or image');
  const facts = await probeImageFile(system, real);
  return {
    node: {
      kind: 'image',
      path: real,
      text: `the image file ${path} (${bytesInWords(stat.size)})`,
      target: imageTarget(facts, stat.size),
      partitions,
      unfinished: rows[0]?.name === unfinishedMark,
      tableDamage: damage,
    },
  };
};

/** An encrypted partition by its opened mapping; null while it is closed. */
const openedOf = async (system: System, partition: NodePartition): Promise<NodePartition | null> => {
  const kname = ((await system.realPath(partition.path)) ?? partition.path).split('/').at(-1) ?? '';
  for (const holder of (await system.list(`/sys/class/block/${kname}/holders`)) ?? []) {
    const mapped = (await system.readText(`/sys/class/block/${holder}/dm/name`))?.trim() ?? '';
    if (mapped === '') continue;
    const path = `/dev/mapper/${mapped}`;
    const found = await signatureAt(system, path, null);
    return { ...partition, path, fstype: found.fstype, uuid: found.uuid, mountpoint: mountPointOf((await system.readText('/proc/self/mounts')) ?? '', [path, `/dev/${holder}`]) };
  }
  return null;
};

const describeDisk = (disk: Disk): string =>
  [disk.path, disk.model, bytesInWords(disk.size), disk.serial === null ? null : `serial ${disk.serial}`].filter((word) => word !== null).join(', ');

const readDisk = async (system: System, disk: Disk, kind: 'running' | 'disk'): Promise<InstalledNode> => {
  const partitions = await Promise.all(
    disk.partitions.map(async (partition): Promise<NodePartition | null> => {
      const name = nameOf(partition.label, partition.partlabel);
      if (name === null) return null;
      const found = await signatureAt(system, partition.path, null);
      const fstype = found.fstype ?? partition.fstype;
      const plain = { name, path: partition.path, offset: 0, size: partition.size, fstype, encrypted: fstype === 'crypto_LUKS', uuid: found.uuid, mountpoint: partition.mountpoints.find((point) => point.startsWith('/')) ?? null };
      return plain.encrypted ? ((await openedOf(system, plain)) ?? plain) : plain;
    }),
  );
  const { stderr } = await system.run(['sfdisk', '--json', disk.path], { timeout: patience });
  return { kind, path: disk.path, text: describeDisk(disk), target: deviceTarget(disk), partitions: unique(partitions), unfinished: disk.unfinished, tableDamage: tableDamageIn(stderr) };
};

/** A disk on which the kernel sees no partitions, though there is a table: its first sectors are gone. null: it is no such node. */
const readHiddenDisk = async (system: System, disk: Disk): Promise<InstalledNode | null> => {
  if (disk.partitions.length > 0 || disk.reasons.some(({ id }) => id === 'live-medium')) return null;
  try {
    const table = await readTable(system, disk.path, disk.size);
    const partitions = table === null ? [] : await partitionsIn(system, disk.path, table.rows);
    if (table === null || !looksInstalled(partitions)) return null;
    return { kind: 'disk', path: disk.path, text: describeDisk(disk), target: deviceTarget(disk), partitions, unfinished: table.rows[0]?.name === unfinishedMark, tableDamage: table.damage };
  } catch (error) {
    // A disk that cannot be read is no node that could be mended.
    if (error instanceof SlipwayError) return null;
    throw error;
  }
};

const nodePoints = ['/oem', '/usr/local', '/run/initramfs/cos-state', '/run/cos/state', '/run/cos/recovery'];

const holdsNode = (disk: Disk): boolean => disk.kairos || disk.partitions.some(({ label, partlabel }) => ['state', 'recovery'].includes(nameOf(label, partlabel) ?? ''));

/** A live medium has a COS_ label, too, and is none. */
const isInstalled = (disk: Disk): boolean => !disk.reasons.some(({ id }) => id === 'live-medium') && holdsNode(disk);

/** The disk that this system was started from, if it was started from an installed one. */
export const ownDisk = (facts: Facts): Disk | null => {
  if (facts.boot.state === 'live' || facts.boot.state === 'unknown') return null;
  // An installed system that keeps its image where live systems do looks like one to the probe: it is its own node all the same.
  const installed = facts.disks.filter(holdsNode);
  const finished = installed.filter(({ unfinished }) => !unfinished);
  return installed.find((disk) => disk.partitions.some(({ mountpoints }) => mountpoints.some((point) => nodePoints.includes(point)))) ?? (finished.length === 1 ? (finished[0] ?? null) : null);
};

const ambiguous = (disks: readonly NodeCandidate[]): FoundNode => ({
  ...problem('node-ambiguous', 'more than one disk holds an installed system', disks.map(({ path }) => path).join(', '), 'name one with --device'),
  candidates: disks.map(({ path, text }) => ({ path, text })),
});

/** Without a wish: this machine's own node, else the only one among its disks. */
export const findNode = async (system: System, facts: Facts | null, wish: NodeWish): Promise<FoundNode> => {
  if (wish.image !== undefined) return readImage(system, wish.image);
  if (facts === null) return problem('node-missing', 'nothing is known of this machine', 'disks', 'this is a bug: please report it');
  const own = ownDisk(facts);
  if (wish.device !== undefined) {
    const real = (await system.realPath(wish.device)) ?? wish.device;
    const disk = facts.disks.find(({ path, links }) => path === real || path === wish.device || links.includes(wish.device ?? ''));
    if (disk === undefined) return problem('node-missing', 'is no disk of this machine', wish.device, 'slipway probe lists the disks');
    const node = (await readHiddenDisk(system, disk)) ?? (await readDisk(system, disk, disk === own ? 'running' : 'disk'));
    return looksInstalled(node.partitions) ? { node } : problem('node-missing', 'no installed Kairos system is on it', wish.device, 'slipway probe lists what is on each disk');
  }
  if (own !== null) return { node: await readDisk(system, own, 'running') };
  const others = facts.disks.filter(isInstalled);
  const [only] = others;
  if (only === undefined) {
    const hidden: InstalledNode[] = [];
    for (const disk of facts.disks) {
      const node = await readHiddenDisk(system, disk);
      if (node !== null) hidden.push(node);
    }
    const [node, more] = hidden;
    if (more !== undefined) return ambiguous(hidden);
    if (node !== undefined) return { node };
    return problem('node-missing', 'no installed Kairos system was found on this machine', 'disks', 'slipway probe lists what is on each disk');
  }
  // One on which an install did not end is nothing to choose: there is no whole system on it.
  const finished = others.filter(({ unfinished }) => !unfinished);
  const [chosen = only] = finished;
  if (finished.length > 1 || (finished.length === 0 && others.length > 1)) return ambiguous(others.map((disk) => ({ path: disk.path, text: `${describeDisk(disk)}${disk.unfinished ? ' (an install on it did not end)' : ''}` })));
  const node = await readDisk(system, chosen, 'disk');
  return looksInstalled(node.partitions) ? { node } : problem('node-missing', 'what is on the disk is no installed Kairos system', chosen.path, 'slipway probe lists what is on each disk');
};
