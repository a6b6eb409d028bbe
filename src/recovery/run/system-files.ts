/**
 * Putting a system (image, kernel, initrd) on a partition: beside the old one first, into its place when it is whole. A note on the
 * partition says that systems change places, so that an exchange that was cut off is noticed and gone on with.
 */
import { bytesInWords } from '../words.ts';
import type { Store } from '../store.ts';
import type { OnBytes } from '../store/counted.ts';
import { printSwapMark, swapMarkPath } from '../swap-mark.ts';
import type { SwapMark } from '../swap-mark.ts';
import { suffixes } from '../system-names.ts';
import type { Suffix, SystemName } from '../system-names.ts';
import { nodeError } from './context.ts';
import { passes } from './progress.ts';
import type { ActionContext } from './context.ts';

/** Files of this system that become a system of the node. */
export type SystemParts = Readonly<Record<Suffix, string>>;

const fresh = (name: SystemName, suffix: Suffix): string => `/cOS/${name}.${suffix}.new`;
const inPlace = (name: SystemName, suffix: Suffix): string => `/cOS/${name}.${suffix}`;

/** Takes away what an interrupted run left. */
export const dropFresh = async (store: Store, name: SystemName): Promise<void> => {
  for (const suffix of suffixes) await store.remove(fresh(name, suffix));
};

const spare = 8 * 1024 * 1024;

/** Throws SlipwayError when `copies` of a system of so many bytes do not fit beside what is there. `freed`: bytes that will be free by then. */
export const checkRoom = async (store: Store, label: string, bytes: number, copies: number, freed = 0): Promise<void> => {
  const [free, needed] = [(await store.freeSpace()) + freed, bytes * copies + spare];
  if (free < needed) throw nodeError('node-full', `${bytesInWords(needed)} are needed and ${bytesInWords(free)} are free`, label, 'take a smaller image, or install again with bigger partitions');
};

/** Writes the parts beside what is there; each is read back and compared. `onBytes` is told of each byte as often as `passes` says. */
export const putFresh = async (context: ActionContext, store: Store, name: SystemName, parts: SystemParts, onBytes: OnBytes): Promise<void> => {
  for (const suffix of suffixes) {
    context.signal.throwIfAborted();
    const { system } = context;
    const whole = ((await system.stat((await system.realPath(parts[suffix])) ?? parts[suffix]))?.size ?? 0) * passes;
    let moved = 0;
    const counted = (more: number): void => {
      const counts = Math.min(more, whole - moved);
      moved += counts;
      onBytes(counts);
    };
    await store.put(parts[suffix], fresh(name, suffix), counted);
    // What went by too quickly to be looked at while it did.
    counted(whole);
    context.emit({ event: 'log', level: 'info', text: `${name}.${suffix} written and read back` });
  }
  await store.flush();
};

/** Bytes that `finishExchange` or `dropFresh` will free. */
export const sizeOfLeftOver = async (store: Store, name: SystemName): Promise<number> => {
  const sizes = await Promise.all(suffixes.map(async (suffix) => (await store.stat(fresh(name, suffix)))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** Writes the note down, for a power cut from here on. */
export const noteExchange = async (store: Store, mark: SwapMark): Promise<void> => {
  await store.writeText(swapMarkPath, printSwapMark(mark), { mode: 0o644 });
  await store.flush();
};

/** All is settled: nothing is to be gone on with. */
export const forgetExchange = async (store: Store): Promise<void> => {
  await store.remove(swapMarkPath);
  await store.flush();
};

/** Puts the new files in place, from wherever an exchange was cut off: repeating it changes nothing more. */
export const finishExchange = async (store: Store, { system, keepsOld }: SwapMark): Promise<void> => {
  for (const suffix of suffixes) {
    if ((await store.stat(fresh(system, suffix))) === null) continue;
    if (keepsOld && (await store.stat(inPlace(system, suffix))) !== null) await store.rename(inPlace(system, suffix), inPlace('passive', suffix));
    await store.rename(fresh(system, suffix), inPlace(system, suffix));
  }
  await store.flush();
};

/** Replaces the system by what `putFresh` wrote. */
export const swapIn = async (store: Store, name: SystemName): Promise<void> => {
  for (const suffix of suffixes) await store.rename(fresh(name, suffix), inPlace(name, suffix));
};

export const sizeOfSystem = async (store: Store, name: SystemName): Promise<number> => {
  const sizes = await Promise.all(suffixes.map(async (suffix) => (await store.stat(inPlace(name, suffix)))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
};
