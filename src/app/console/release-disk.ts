/** Lets go of a disk that a person wants to install to: swap is switched off, file systems are unmounted. Nothing is forced. */
import { cleanText } from '../../model/foreign-text.ts';
import type { Disk, DiskUse } from '../../model/facts.ts';
import { SlipwayError } from '../../model/problem.ts';
import { planRelease } from '../../plan/release.ts';
import type { System } from '../../system/port.ts';

const fail = (what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id: 'release-failed', severity: 'error', what, where, hint });

const sameUses = (left: readonly DiskUse[], right: readonly DiskUse[]): boolean => JSON.stringify(left) === JSON.stringify(right);

/**
 * Undoes what was shown and confirmed, and only that: the machine is looked at again first (`look`). Returns what was done, in words.
 * Throws SlipwayError when something has changed, or when a step fails; what was undone until then stays undone.
 */
export const releaseDisk = async (system: Pick<System, 'run'>, look: () => Promise<readonly Disk[]>, confirmed: Disk, signal: AbortSignal): Promise<string> => {
  const wanted = planRelease(confirmed);
  const now = (await look()).find(({ path }) => path === confirmed.path);
  const steps = now === undefined ? null : planRelease(now);
  const same = now !== undefined && now.serial === confirmed.serial && now.wwn === confirmed.wwn && now.size === confirmed.size && now.diskseq === confirmed.diskseq;
  if (wanted === null || steps === null || !same || !sameUses(wanted, steps)) throw fail('is not used as it was shown any more', confirmed.path, 'look again');
  for (const { kind, device, point } of steps) {
    signal.throwIfAborted();
    const result = await system.run(kind === 'swap' ? ['swapoff', device] : ['umount', '--', point], { timeout: 60_000 });
    if (result.exitCode === 0) continue;
    const why = result.missing ? 'the program is not installed' : cleanText(result.stderr.trim().split('\n').at(-1) ?? '', 120) || 'it gave no reason';
    throw fail(kind === 'swap' ? `swap could not be switched off: ${why}` : `could not be unmounted: ${why}`, kind === 'swap' ? device : point, 'end what uses it, or choose another disk');
  }
  const swaps = steps.filter(({ kind }) => kind === 'swap').length;
  const mounts = steps.length - swaps;
  return [mounts === 0 ? '' : `${mounts} ${mounts === 1 ? 'mount was' : 'mounts were'} undone`, swaps === 0 ? '' : 'swap was switched off'].filter((text) => text !== '').join(', ');
};
