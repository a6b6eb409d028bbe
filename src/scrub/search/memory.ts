/**
 * Keeps memory small while much is unpacked. What decompressors give back lies outside of the heap: hundreds of megabytes
 * of it wait to be freed while the heap looks empty and nobody collects.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** bytes that may come out of decompressors between two collections */
const between = 8 * 1024 * 1024;

/** A collection of all that is unused, by the runtime at hand: a few ms for a heap of this size. */
const collector = (): (() => void) => {
  const { Bun: bun } = globalThis as { Bun?: { gc(wait: boolean): unknown } };
  if (bun !== undefined) return () => void bun.gc(true);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return () => collect();
};

let collect: (() => void) | undefined;

/** Counts memory that was given away (bytes), and collects in between. */
export const createMemoryKeeper = (): ((given: number) => void) => {
  let waiting = 0;
  return (given) => {
    waiting += given;
    if (waiting < between) return;
    waiting = 0;
    collect ??= collector();
    collect();
  };
};
