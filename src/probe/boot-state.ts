/** Which of Kairos's systems is running: from the sentinels in `/run/cos`, else from the kernel line. */
import type { BootState } from '../model/facts.ts';
import { liveRootOf, parseKernelLine } from './kernel-line.ts';

/** A sentinel tells for sure; the first that is there wins. */
const sentinels: readonly (readonly [string, BootState])[] = [
  ['autoreset_mode', 'reset'],
  ['live_mode', 'live'],
  ['uki_install_mode', 'live'],
  ['recovery_mode', 'recovery'],
  ['passive_mode', 'passive'],
  ['active_mode', 'active'],
  ['in_ram_mode', 'active'],
];

const has = (line: string, word: string): boolean => line.includes(word);

/**
 * `names` are the files in `/run/cos` (empty when it isn't there), `kernelLine` is `/proc/cmdline`. A running
 * live system of another distribution counts as live when the kernel line says where its medium is.
 */
export const readBootState = (names: readonly string[], kernelLine: string): { readonly state: BootState; readonly uki: boolean } => {
  const words = parseKernelLine(kernelLine);
  const uki = words.some((word) => word.name === 'rd.immucore.uki') || names.includes('uki_boot_mode') || names.includes('uki_install_mode');
  const byFile = sentinels.find(([name]) => names.includes(name));
  if (byFile !== undefined) return { state: byFile[1], uki };
  const live = liveRootOf(words);
  const state: BootState =
    words.some((word) => word.name === 'kairos.reset') ? 'reset'
    : live.labels.length + live.uuids.length + live.devices.length > 0 ? 'live'
    : words.some((word) => word.name === 'netboot' || (word.name === 'boot' && (word.value === 'live' || word.value === 'casper'))) ? 'live'
    : has(kernelLine, 'COS_RECOVERY') || has(kernelLine, 'COS_SYSTEM') || has(kernelLine, 'recovery-mode') ? 'recovery'
    : has(kernelLine, 'COS_PASSIVE') ? 'passive'
    : has(kernelLine, 'COS_ACTIVE') ? 'active'
    : 'unknown';
  return { state, uki };
};
