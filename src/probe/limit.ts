/** Keeps one slow part of the machine from holding up the rest. */
import type { System } from '../system/port.ts';

/**
 * What `work` gives, or `fallback` when it takes longer than `duration` ms or throws. The work itself goes on
 * unheard; `late` is called once then.
 */
export const within = async <T>(system: System, duration: number, work: Promise<T>, fallback: T, late: () => void): Promise<T> => {
  const stop = new AbortController();
  const timer = system.sleep(duration, stop.signal).then(
    () => 'late' as const,
    () => 'stopped' as const,
  );
  const done = work.then(
    (value) => ({ value }),
    () => null,
  );
  const first = await Promise.race([done, timer]);
  stop.abort();
  if (first === 'late' || first === 'stopped' || first === null) {
    late();
    return fallback;
  }
  return first.value;
};
