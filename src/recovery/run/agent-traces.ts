/**
 * What kairos-agent must have changed, looked at before and after: an agent that ends with 0 and did nothing leaves everything as it was.
 * Reads only.
 */
import { sha256OfFile } from '../../engine/builtin/sha256.ts';
import { SlipwayError } from '../../model/problem.ts';
import { parseBlkidExport } from '../../probe/image-file.ts';
import type { System } from '../../system/port.ts';
import { readSystem } from '../images.ts';
import { partitionOf } from '../node.ts';
import type { InstalledNode, NodePartition } from '../node.ts';
import { openStore } from '../store.ts';
import type { SystemName } from '../system-names.ts';

/** Bytes of an image that are compared: its file system's head holds when it was made, and its size. */
const head = 4 * 1024 * 1024;

export interface ImageTrace {
  readonly size: number;
  /** ms; null where the partition is not mounted */
  readonly modified: number | null;
  /** hex; null where it cannot be read in one piece */
  readonly digest: string | null;
}

const traceOn = async (system: System, partition: NodePartition, name: SystemName): Promise<ImageTrace | null> => {
  const store = openStore(system, partition);
  if (store === null) return null;
  try {
    const { present, size, files } = await readSystem(system, store, name);
    if (!present || files === null) return null;
    const place = await store.place(files.image);
    const modified = partition.mountpoint === null ? null : ((await system.stat(`${partition.mountpoint}${files.image}`))?.modified ?? null);
    return { size, modified, digest: place === null ? null : await sha256OfFile(system, place.device, new AbortController().signal, place.offset, Math.min(head, size)) };
  } catch (error) {
    if (error instanceof SlipwayError) return null;
    throw error;
  }
};

/** null: there is no such image, or it cannot be read. The agent may have unmounted its partition. */
export const imageTrace = async (system: System, node: InstalledNode, name: SystemName): Promise<ImageTrace | null> => {
  const partition = partitionOf(node, name === 'recovery' ? 'recovery' : 'state');
  if (partition === null) return null;
  return (await traceOn(system, partition, name)) ?? (partition.mountpoint === null ? null : await traceOn(system, { ...partition, mountpoint: null }, name));
};

/**
 * `same`: nothing shows that it was written; `rewritten`: it was, with the same contents as far as they were compared. Pure.
 */
export const compareImages = (before: ImageTrace | null, after: ImageTrace): 'changed' | 'rewritten' | 'same' => {
  if (before === null || before.size !== after.size || before.digest !== after.digest) return 'changed';
  return before.modified === null || after.modified === null || before.modified === after.modified ? 'same' : 'rewritten';
};

export interface PersistentTrace {
  readonly uuid: string | null;
  /** Names at its root; null where they cannot be read. */
  readonly names: readonly string[] | null;
}

/** Made by mke2fs, on every one. */
const always = ['lost+found'];

export const persistentTrace = async (system: System, node: InstalledNode): Promise<PersistentTrace> => {
  const partition = partitionOf(node, 'persistent');
  if (partition === null) return { uuid: null, names: null };
  const { stdout, exitCode } = await system.run(['blkid', '-p', '-o', 'export', partition.path], { timeout: 20_000 });
  const signature = exitCode === 0 ? parseBlkidExport(stdout) : {};
  // What is inside an encrypted one may be new under the old id.
  const uuid = signature['TYPE'] === 'crypto_LUKS' ? null : (signature['UUID'] ?? null);
  // The agent unmounts what it formats: an empty mount point is no empty partition.
  const mounted = partition.mountpoint === null || ((await system.readText('/proc/self/mounts')) ?? '').split('\n').some((line) => line.split(' ')[1] === partition.mountpoint);
  try {
    const listed = await openStore(system, mounted ? partition : { ...partition, mountpoint: null, fstype: 'ext4' })?.list('/');
    return { uuid, names: listed?.map(({ name }) => name).filter((name) => !always.includes(name)) ?? null };
  } catch (error) {
    if (error instanceof SlipwayError) return { uuid, names: null };
    throw error;
  }
};

/** True when COS_PERSISTENT was made anew, or holds nothing that it held; null: it cannot be told. Pure. */
export const wasEmptied = (before: PersistentTrace, after: PersistentTrace): boolean | null => {
  if (before.uuid !== null && after.uuid !== null && before.uuid !== after.uuid) return true;
  const held = before.names;
  if (held === null || after.names === null) return before.uuid === null || after.uuid === null ? null : false;
  return !held.some((name) => after.names?.includes(name) === true);
};
