/** Keeps one slow part of the machine from holding up the rest. */
import type { System } from '../system/port.ts';

/** ms since some moment, for durations: the time of day may be set by years while a machine boots. */
export const steadyClock = (): number => performance.now();

/** A stall of our own (an emulated or overloaded machine that loads the program) takes one part of the time, not all of it. */
const parts = 8;

/** Turns of the queue of promises, not of the clock. */
const soon = 20;

/**
 * What `work` gives, or `fallback` when it takes longer than `duration` ms or throws. The work itself goes on
 * unheard; `late` is called once then.
 */
export const within = async <T>(system: System, duration: number, work: Promise<T>, fallback: T, late: () => void): Promise<T> => {
  const done = work.then(
    (value) => ({ value }),
    () => null,
  );
  // What is there at once needs no clock: most of what the kernel is asked comes from memory.
  let early: { readonly value: T } | null | undefined;
  void done.then((result) => (early = result));
  for (let turn = 0; turn < soon && early === undefined; turn += 1) await Promise.resolve();
  if (early !== undefined && early !== null) return early.value;
  const stop = new AbortController();
  const wait = async (): Promise<'late'> => {
    // Between two of them what has come is read. One timer would be found over before that, and a machine that answered be called broken.
    for (let part = 0; part < parts; part += 1) await system.sleep(duration / parts, stop.signal);
    return 'late';
  };
  const timer = wait().catch(() => 'stopped' as const);
  const first = await Promise.race([done, timer]);
  stop.abort();
  if (first === 'late' || first === 'stopped' || first === null) {
    late();
    return fallback;
  }
  return first.value;
};
