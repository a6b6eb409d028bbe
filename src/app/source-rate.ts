/** How fast the medium that the system was started from is read: a slow stick or a video link explains a slow install. */
import type { System } from '../system/port.ts';

/** ms between two readings */
const period = 1000;
/** Readings that a rate is made of: long enough to be calm, short enough to be now. */
const readings = 5;

/** Bytes read from a device since it appeared. Field 3 of its stat is sectors of 512 bytes (kernel `Documentation/block/stat.rst`). */
const bytesRead = async (system: System, name: string): Promise<number | null> => {
  const fields = ((await system.readText(`/sys/class/block/${name}/stat`)) ?? '').trim().split(/\s+/);
  const sectors = Number(fields[2] ?? '');
  return fields.length < 3 || !Number.isFinite(sectors) ? null : sectors * 512;
};

export interface SourceRate {
  /** bytes a second over the last seconds; null where it is not known */
  rate(): number | null;
  stop(): void;
}

/** Watches a device until `stop`; `device` is a path such as /dev/sr0, or null. */
export const watchSourceRate = (system: System, device: string | null): SourceRate => {
  const end = new AbortController();
  let seen: readonly { readonly at: number; readonly bytes: number }[] = [];
  const watch = async (name: string): Promise<void> => {
    while (!end.signal.aborted) {
      const bytes = await bytesRead(system, name);
      if (bytes === null) return;
      seen = [...seen, { at: system.now(), bytes }].slice(-readings - 1);
      await system.sleep(period, end.signal).catch(() => undefined);
    }
  };
  const name = device === null ? null : (/^\/dev\/([\w!.-]+)$/.exec(device)?.[1] ?? null);
  if (system.real && name !== null) void watch(name);
  return {
    rate() {
      const [first] = seen;
      const last = seen.at(-1);
      return first === undefined || last === undefined || last.at <= first.at ? null : Math.round(((last.bytes - first.bytes) * 1000) / (last.at - first.at));
    },
    stop: () => end.abort(),
  };
};
