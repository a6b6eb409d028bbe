/** Progress from real bytes: what the target has allocated (image file) or the kernel has written to it (device). */
import type { DiskTarget } from '../../model/plan.ts';
import type { InstallEvent } from '../../model/events.ts';
import type { System } from '../../system/port.ts';

const period = 250;

/** Bytes written to the target so far, from a base that only differences of mean something. */
const bytesWritten = async (system: System, target: DiskTarget): Promise<number> => {
  if (target.kind === 'image') return (await system.stat(target.path))?.allocated ?? 0;
  // Field 7 of a block device's stat is sectors written, always of 512 bytes (kernel, Documentation/block/stat.rst).
  const fields = ((await system.readText(`/sys/block/${target.identity.kname}/stat`)) ?? '').trim().split(/\s+/);
  return Number(fields[6] ?? 0) * 512;
};

/** Emits a progress event while `work` runs. `expected` is the bytes that will be written in all. */
export const withWriteProgress = async <T>(
  system: System,
  target: DiskTarget,
  expected: number,
  emit: (event: InstallEvent) => void,
  work: () => Promise<T>,
): Promise<T> => {
  const base = await bytesWritten(system, target);
  const begin = system.now();
  const stop = new AbortController();
  const report = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const bytes = Math.max(0, (await bytesWritten(system, target)) - base);
      const seconds = (system.now() - begin) / 1000;
      emit({
        event: 'progress',
        phase: 'engine',
        fraction: Math.min(1, bytes / expected),
        bytes,
        // Journals and inode tables are an estimate: what was written is never more than the whole.
        total: Math.max(expected, bytes),
        bytesPerSecond: seconds > 0 ? Math.round(bytes / seconds) : null,
      });
      await system.sleep(period, stop.signal).catch(() => undefined);
    }
  };
  const reporting = report();
  try {
    return await work();
  } finally {
    stop.abort();
    await reporting;
  }
};
