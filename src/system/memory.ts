/**
 * Keeps the program small on machines with little memory. The runtime of the executable collects its garbage only after as much again
 * was allocated as is in use, which nearly doubles what is resident while somebody types; here it is asked to do so earlier.
 */

const MiB = 1024 * 1024;

/** Resident bytes above which garbage is collected as soon as nothing happens. */
const much = 84 * MiB;
/** Nothing happens: ms since the last call */
const idle = 250;
/** Resident bytes above which there is no waiting for that. */
const most = 110 * MiB;
/** What may be allocated between two collections, so that a program that is big for good reason is not held up by them. */
const room = 8 * MiB;

type Collect = (synchronous: boolean) => void;

/** bun's own; Node has none and needs none. */
const collectorOf = (runtime: typeof globalThis): Collect | null => {
  const { Bun: bun } = runtime as { readonly Bun?: { readonly gc?: Collect } };
  return bun?.gc ?? null;
};

/** Returns what to call after work that leaves garbage. A collection takes 20 ms; it begins when nothing else is to be done. */
export const createMemoryGuard = (): (() => void) => {
  const collect = collectorOf(globalThis);
  if (collect === null) return () => {};
  let limit = most;
  let kept = 0;
  let waiting: NodeJS.Timeout | undefined;
  const run = (): void => {
    collect(true);
    kept = process.memoryUsage.rss();
    limit = Math.max(most, kept + room);
  };
  return () => {
    clearTimeout(waiting);
    const resident = process.memoryUsage.rss();
    if (resident > limit) {
      limit = Infinity;
      setImmediate(run);
    } else if (resident > Math.max(much, kept + room)) waiting = setTimeout(run, idle).unref();
  };
};
