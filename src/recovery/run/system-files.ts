/** Putting a system (image, kernel, initrd) on a partition: beside the old one first, into its place when it is whole. */
import { bytesInWords } from '../words.ts';
import type { SystemName } from '../images.ts';
import type { Store } from '../store.ts';
import { nodeError } from './context.ts';
import type { ActionContext } from './context.ts';

export const suffixes = ['img', 'vmlinuz', 'initrd'] as const;
export type Suffix = (typeof suffixes)[number];

/** Files of this system that become a system of the node. */
export type SystemParts = Readonly<Record<Suffix, string>>;

const fresh = (name: SystemName, suffix: Suffix): string => `/cOS/${name}.${suffix}.new`;
const inPlace = (name: SystemName, suffix: Suffix): string => `/cOS/${name}.${suffix}`;

/** Takes away what an interrupted run left. */
export const dropFresh = async (store: Store, name: SystemName): Promise<void> => {
  for (const suffix of suffixes) await store.remove(fresh(name, suffix));
};

const spare = 8 * 1024 * 1024;

/** Throws SlipwayError when `copies` of a system of so many bytes do not fit beside what is there. */
export const checkRoom = async (store: Store, label: string, bytes: number, copies: number): Promise<void> => {
  const [free, needed] = [await store.freeSpace(), bytes * copies + spare];
  if (free < needed) throw nodeError('node-full', `${bytesInWords(needed)} are needed and ${bytesInWords(free)} are free`, label, 'take a smaller image, or install again with bigger partitions');
};

/** Writes the parts beside what is there; each is read back and compared. */
export const putFresh = async (context: ActionContext, store: Store, name: SystemName, parts: SystemParts): Promise<void> => {
  for (const suffix of suffixes) {
    context.signal.throwIfAborted();
    await store.put(parts[suffix], fresh(name, suffix));
    context.emit({ event: 'log', level: 'info', text: `${name}.${suffix} written and read back` });
  }
  await store.flush();
};

/** Replaces the system by what `putFresh` wrote. */
export const swapIn = async (store: Store, name: SystemName): Promise<void> => {
  for (const suffix of suffixes) await store.rename(fresh(name, suffix), inPlace(name, suffix));
};

/** The system becomes another one; what was there under that name is gone. */
export const moveSystem = async (store: Store, from: SystemName, to: SystemName): Promise<void> => {
  for (const suffix of suffixes) await store.rename(inPlace(from, suffix), inPlace(to, suffix));
};

export const sizeOfSystem = async (store: Store, name: SystemName): Promise<number> => {
  const sizes = await Promise.all(suffixes.map(async (suffix) => (await store.stat(inPlace(name, suffix)))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
};
