/** How much memory is left for copies. */
import type { System } from '../system/port.ts';

/** bytes that can be taken without harm; null when it can't be told */
export const freeMemory = async (system: System): Promise<number | null> => {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec((await system.readText('/proc/meminfo')) ?? '')?.[1];
  return available === undefined ? null : Number(available) * 1024;
};
