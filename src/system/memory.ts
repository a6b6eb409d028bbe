/**
 * Keeps the program small on machines with little memory. The runtime of the executable collects its garbage only after as much again
 * was allocated as is in use, which nearly doubles what is resident while somebody types; here it is asked to do so earlier.
 */

const MiB = 1024 * 1024;

/** Resident bytes above which garbage is collected as soon as nothing happens. */
const much = 84 * MiB;
/** Nothing happens: ms since the last call */
const idle = 250;
/** ms between two looks at what is resident: much is allocated in a moment when a machine with many disks is read */
const interval = 100;
/** Resident bytes above which there is no waiting for that. */
const most = 100 * MiB;
/** What may be allocated between two collections, so that a program that is big for good reason is not held up by them. */
const room = 8 * MiB;

type Collect = (synchronous: boolean) => void;

/** bun's own; Node has none and needs none. */
const collectorOf = (runtime: typeof globalThis): Collect | null => {
  const { Bun: bun } = runtime as { readonly Bun?: { readonly gc?: Collect } };
  return bun?.gc ?? null;
};

export interface MemoryGuard {
  /** Something happens: somebody waits for an answer. */
  readonly busy: () => void;
  readonly stop: () => void;
}

/** Watches over what is resident until it is stopped. A collection takes 20 ms. */
export const createMemoryGuard = (): MemoryGuard => {
  const collect = collectorOf(globalThis);
  if (collect === null) return { busy: () => {}, stop: () => {} };
  let kept = 0;
  let last = 0;
  const look = (): void => {
    const resident = process.memoryUsage.rss();
    const limit = performance.now() - last > idle ? much : most;
    if (resident < Math.max(limit, kept + room)) return;
    collect(true);
    kept = process.memoryUsage.rss();
  };
  const timer = setInterval(look, interval).unref();
  return {
    busy: () => {
      last = performance.now();
    },
    stop: () => clearInterval(timer),
  };
};
