/** Progress of an action from bytes that were really moved. */
import type { OnBytes } from '../store/counted.ts';
import type { ActionContext } from './context.ts';

/** ms between two events */
const period = 250;

/** Every byte of a system is written, read back, and read where it came from. */
export const passes = 3;

/** Gives a function for bytes that were moved; `total`: bytes in all, null where that is not known. */
export const progressOf = (context: ActionContext, total: number | null): OnBytes => {
  let bytes = 0;
  let last = 0;
  return (more) => {
    bytes = total === null ? bytes + more : Math.min(total, bytes + more);
    const now = context.system.now();
    if (now - last < period && bytes !== total) return;
    last = now;
    context.emit({ event: 'progress', fraction: total === null || total === 0 ? null : bytes / total, bytes, total });
  };
};

/** Tells how a file grows while `work` runs. */
export const watchGrowth = async <T>(context: ActionContext, path: string, onBytes: OnBytes, work: () => Promise<T>): Promise<T> => {
  const { system } = context;
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    let size = 0;
    while (!over.signal.aborted) {
      const now = (await system.stat(path))?.size ?? 0;
      if (now > size) onBytes(now - size);
      size = now;
      await system.sleep(2 * period, over.signal).catch(() => undefined);
    }
  };
  const watching = watch();
  try {
    return await work();
  } finally {
    over.abort();
    await watching;
  }
};
