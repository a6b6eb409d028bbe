/** Encrypted partitions of a disk that are open right now: what is in them is read through their mappings, besides the raw disk. */
import type { System } from '../system/port.ts';
import type { AuditPlace } from './audit.ts';

interface Block {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly size: number | string;
  readonly partlabel?: string | null;
  readonly children?: readonly Block[];
}

const cryptBelow = (block: Block): readonly (readonly [Block, Block])[] =>
  (block.children ?? []).flatMap((child) => [...(child.type === 'crypt' ? [[block, child] as const] : []), ...cryptBelow(child)]);

/** A place for each open mapping over a block device or its partitions, named after the partition; none for image files. */
export const openedPlaces = async (system: System, device: string): Promise<readonly AuditPlace[]> => {
  if ((await system.stat(device))?.kind !== 'block') return [];
  const { exitCode, stdout } = await system.run(['lsblk', '--json', '--bytes', '--output', 'NAME,PATH,TYPE,SIZE,PARTLABEL', device]);
  if (exitCode !== 0) return [];
  try {
    const { blockdevices } = JSON.parse(stdout) as { blockdevices: readonly Block[] };
    return blockdevices.flatMap(cryptBelow).map(([below, crypt]) => ({ label: `${below.partlabel ?? below.name} (opened)`, start: 0, size: Number(crypt.size), path: crypt.path }));
  } catch {
    return [];
  }
};
