/**
 * Keeps the program small on machines with little memory. The runtime of the executable collects its garbage only after as much again
 * was allocated as is in use, which nearly doubles what is resident while somebody types; here it is asked to do so earlier.
 */

const MiB = 1024 * 1024;

/** Resident bytes below which nothing is collected early. */
const floor = 92 * MiB;
/** What may be allocated between two collections, so that a program that is big for good reason is not held up by them. */
const room = 6 * MiB;

type Collect = (synchronous: boolean) => void;

/** bun's own; Node has none and needs none. */
const collectorOf = (runtime: typeof globalThis): Collect | null => {
  const { Bun: bun } = runtime as { readonly Bun?: { readonly gc?: Collect } };
  return bun?.gc ?? null;
};

/** Returns what to call after work that leaves garbage: it takes 20 ms when it collects, and does so when nothing else is to be done. */
export const createMemoryGuard = (): (() => void) => {
  const collect = collectorOf(globalThis);
  if (collect === null) return () => {};
  let limit = floor;
  let waiting = false;
  return () => {
    if (waiting || process.memoryUsage.rss() < limit) return;
    waiting = true;
    setImmediate(() => {
      collect(true);
      limit = Math.max(floor, process.memoryUsage.rss() + room);
      waiting = false;
    });
  };
};
