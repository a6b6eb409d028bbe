/** Which of its two consoles `slipway` is on this system. Loads next to nothing: the first frame waits for the answer. */
import { readBootState } from '../probe/boot-state.ts';
import type { System } from '../system/port.ts';

/**
 * True on a system that was started from an installed disk (active, passive, recovery, reset): there `slipway` without a command opens
 * the recovery menu. Quick; reads two places.
 */
export const isInstalledSystem = async (system: System): Promise<boolean> => {
  const { state } = readBootState((await system.list('/run/cos')) ?? [], (await system.readText('/proc/cmdline')) ?? '');
  return state === 'active' || state === 'passive' || state === 'recovery' || state === 'reset';
};
