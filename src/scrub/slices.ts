/**
 * Long work in slices: written as a generator that yields now and then, run at once or with everything else in between. A script of
 * 1 MiB comes to hundreds of thousands of patterns, and a key has to be answered while they are made (invariant 10).
 */

/** Yields where others may have their turn. */
export type Slices<T> = Generator<void, T>;

/** Runs to the end. */
export const atOnce = <T>(work: Slices<T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

/** Runs to the end and lets others have their turn between two slices. @throws the signal's reason when it is aborted */
export const inSlices = async <T>(work: Slices<T>, signal?: AbortSignal): Promise<T> => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    signal?.throwIfAborted();
  }
};
