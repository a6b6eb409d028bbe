/**
 * Files on a partition of the node, whether this system has mounted it or not. Unmounted ext file systems are read and written with
 * debugfs, so that image files and other disks need no mount and no loop device. Every write is read back.
 */
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import type { NodePartition } from './node.ts';
import { labelOf } from './node.ts';
import type { OnBytes } from './store/counted.ts';
import { createExtStore } from './store/ext.ts';
import { createMountedStore } from './store/mounted.ts';

export interface StoredFile {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
  /** bytes */
  readonly size: number;
  /** permission bits */
  readonly mode: number;
}

/** Paths begin with `/`, the partition's root. Nothing there is null; trouble throws SlipwayError. */
export interface Store {
  list(path: string): Promise<readonly StoredFile[] | null>;
  stat(path: string): Promise<StoredFile | null>;
  /** Text of a file of at most `maxBytes`; null when it isn't there or is bigger. */
  readText(path: string, maxBytes?: number): Promise<string | null>;
  /** A file of this system with the contents of `path`: the file itself where it is mounted, else a copy in `scratch`. */
  take(path: string, scratch: string, onBytes?: OnBytes): Promise<{ readonly file: string; readonly isCopy: boolean }>;
  /** Puts a text there, replacing what is there as one step. `erase`: the old contents are made unreadable, too. */
  writeText(path: string, text: string, options: { readonly mode: number; readonly erase?: boolean }): Promise<void>;
  /** Puts a copy of a file of this system there and compares them. `onBytes` is told of every byte three times: written, read back, read here. */
  put(file: string, path: string, onBytes?: OnBytes): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Removes a file; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** bytes that root can still write */
  freeSpace(): Promise<number>;
  /** Where `path` lies in one piece on `device`, if it does: `offset` bytes from its start. For looking into images. */
  place(path: string): Promise<{ readonly device: string; readonly offset: number } | null>;
  /** Brings it all to the disk. */
  flush(): Promise<void>;
}

/** Names that a quoted word of debugfs can hold; nothing else is ever given to it. */
const safePath = /^(?:\/[^/"\\\p{Cc}]+)+$|^\/$/u;

/** False for a name that cannot be asked for. */
export const isUsablePath = (path: string): boolean => safePath.test(path) && !path.split('/').some((part) => part === '..' || part === '.');

export const checkPath = (path: string): string => {
  if (!isUsablePath(path)) throw new SlipwayError({ id: 'path-refused', severity: 'error', what: 'this name is not used on a node', where: path, hint: 'this is a bug: please report it' });
  return path;
};

/** The store of a partition; null where it cannot be read as it is: encrypted, or no ext file system. */
export const openStore = (system: System, partition: NodePartition): Store | null => {
  if (partition.mountpoint !== null) return createMountedStore(system, partition.mountpoint, labelOf[partition.name]);
  if (!/^ext[234]$/.test(partition.fstype ?? '')) return null;
  return createExtStore(system, { path: partition.path, offset: partition.offset, label: labelOf[partition.name] });
};
