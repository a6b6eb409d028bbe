/**
 * Keeps the program small on machines with little memory. The runtime of the executable collects its garbage only after as much again
 * was allocated as is in use, which nearly doubles what is resident while somebody types; here it is asked to do so earlier.
 */

const MiB = 1024 * 1024;

/** Resident bytes above which garbage is collected */
const much = 94 * MiB;
/** ms from one collection to the next, so that a program that is big for good reason is not held up by them */
const pause = 100;

type Collect = (synchronous: boolean) => void;

/** bun's own; Node has none and needs none. */
const collectorOf = (runtime: typeof globalThis): Collect | null => {
  const { Bun: bun } = runtime as { readonly Bun?: { readonly gc?: Collect } };
  return bun?.gc ?? null;
};

/** Returns what to call after work that leaves garbage. A collection takes 20 ms, and begins when that work is through. */
export const createMemoryGuard = (): (() => void) => {
  const collect = collectorOf(globalThis);
  if (collect === null) return () => {};
  let next = 0;
  return () => {
    if (performance.now() < next || process.memoryUsage.rss() < much) return;
    next = Infinity;
    setImmediate(() => {
      collect(true);
      next = performance.now() + pause;
    });
  };
};
