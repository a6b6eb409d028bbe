/** Tells whoever starts and ends Slipway on this machine's consoles that it must not be ended now. */
import type { System } from './port.ts';

/**
 * Says that a disk is being written, until the clean-up runs: a folder in memory, named by our process id (`/run/slipway/123-writing-…`).
 * The launcher looks for it before it lets another console take over (`iso-overlay/rootfs/usr/lib/slipway/console`).
 * Throws SlipwayError where there is no memory-backed storage.
 */
export const markWriting = async (system: System): Promise<void> => {
  await system.memoryDirectory('writing');
};
