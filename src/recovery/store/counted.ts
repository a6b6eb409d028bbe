/** Long commands and long reads with the bytes that they have moved so far, so that a healthy one never looks dead. */
import type { OpenFile, System } from '../../system/port.ts';

/** Told how many more bytes were moved; 0: none, but something moves all the same (the kernel brings to the disk what it was given). */
export type OnBytes = (more: number) => void;

/** ms */
const period = 500;

const numberIn = (text: string | null, pattern: RegExp): number => Number(pattern.exec(text ?? '')?.[1] ?? 0);

export interface CountedResult {
  readonly exitCode: number | null;
  readonly missing: boolean;
  readonly stderr: string;
}

/** Runs a command to its end. Its own count of what it wrote (`/proc/PID/io`) is read while it runs. */
export const runCounted = async (system: System, command: readonly string[], onBytes: OnBytes): Promise<CountedResult> => {
  const errors: string[] = [];
  const over = new AbortController();
  let pid = '';
  let [wrote, flushed] = [0, 0];
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const now = pid === '' ? 0 : numberIn(await system.readText(`/proc/${pid}/io`), /^wchar: (\d+)$/m);
      const onDisk = numberIn(await system.readText('/proc/vmstat'), /^nr_written (\d+)$/m);
      if (now > wrote || onDisk !== flushed) onBytes(Math.max(0, now - wrote));
      [wrote, flushed] = [Math.max(wrote, now), onDisk];
      await system.sleep(period, over.signal).catch(() => undefined);
    }
  };
  const watching = watch();
  try {
    // The program takes the place of the shell that said its number.
    const result = await system.stream(['/bin/sh', '-c', 'echo "$$"; exec "$@"', 'sh', ...command], {
      timeout: 0,
      onLine: (line, stream) => {
        if (stream === 'stderr') errors.push(line);
        else if (pid === '' && /^\d+$/.test(line)) pid = line;
      },
    });
    return { exitCode: result.exitCode, missing: result.missing || result.exitCode === 127, stderr: errors.join('\n') };
  } finally {
    over.abort();
    await watching;
  }
};

/** The same system; every read of an open file is counted. */
export const countingReads = (system: System, onBytes: OnBytes): System => ({
  ...system,
  open: async (path): Promise<OpenFile> => {
    const file = await system.open(path);
    return {
      read: async (buffer, position) => {
        const read = await file.read(buffer, position);
        onBytes(read);
        return read;
      },
      close: () => file.close(),
    };
  },
});
