/** Progress while the agent runs: bytes that the kernel wrote to the target, and a word when nothing moves. */
import type { InstallEvent } from '../../model/events.ts';
import type { SourceFacts } from '../../model/facts.ts';
import type { System } from '../../system/port.ts';

const MiB = 1024 * 1024;

/** ms between two reports */
const period = 500;

/** ms without a byte and without a line until it is said; and again after as long */
export const stallAfter = 60_000;

/** What an image has beyond its source, bytes (agent `pkg/config` GetSourceSize adds 100 MiB). */
const imageMargin = 100 * MiB;

/**
 * Bytes that the agent will write for this source: the active system file by file, then its whole image twice more. null where the
 * size is not known beforehand (registries).
 */
export const expectedBytes = (source: Pick<SourceFacts, 'size'>): number | null => (source.size > 0 ? source.size + 2 * (source.size + imageMargin) : null);

/** Bytes written to a disk since it appeared. Field 7 of its stat is sectors of 512 bytes (kernel `Documentation/block/stat.rst`). */
export const bytesWritten = async (system: System, kname: string): Promise<number> => {
  const fields = ((await system.readText(`/sys/block/${kname}/stat`)) ?? '').trim().split(/\s+/);
  const sectors = Number(fields[6] ?? 0);
  return Number.isFinite(sectors) ? sectors * 512 : 0;
};

export interface ProgressWatch {
  /** A line was printed: it is not stalled. */
  line(): void;
  stop(): Promise<void>;
}

/** Reports until `stop`. `step` names what the agent is at, for the stall notice. */
export const watchProgress = (
  system: System,
  kname: string,
  expected: number | null,
  emit: (event: InstallEvent) => void,
  step: () => string,
): ProgressWatch => {
  const end = new AbortController();
  const begin = system.now();
  let moved = begin;
  let said = begin;
  const report = async (): Promise<void> => {
    const base = await bytesWritten(system, kname);
    let last = 0;
    while (!end.signal.aborted) {
      const bytes = Math.max(0, (await bytesWritten(system, kname)) - base);
      const now = system.now();
      if (bytes !== last) moved = now;
      last = bytes;
      if (now - Math.max(moved, said) >= stallAfter) {
        said = now;
        emit({ event: 'log', level: 'warn', text: `stalled: nothing was written and nothing said for ${Math.round((now - moved) / 1000)} s (${step()})` });
      }
      const seconds = (now - begin) / 1000;
      emit({
        event: 'progress',
        phase: 'engine',
        // An estimate never says that it is all there.
        fraction: expected === null ? null : Math.min(0.99, bytes / expected),
        bytes,
        // More than was expected (file systems' own, a small image): then there is no whole to compare with.
        total: expected === null || bytes > expected ? null : expected,
        bytesPerSecond: seconds > 0 ? Math.round(bytes / seconds) : null,
      });
      await system.sleep(period, end.signal).catch(() => undefined);
    }
  };
  const reporting = report();
  return {
    line() {
      moved = system.now();
    },
    async stop() {
      end.abort();
      await reporting;
    },
  };
};
