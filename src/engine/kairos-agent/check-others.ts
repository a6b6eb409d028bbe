/** The other disks, once more right before the agent partitions: it finds partitions by name on all of them. */
import { SlipwayError } from '../../model/problem.ts';
import { clashProblems } from '../../plan/clashing-names.ts';
import { probeMachine } from '../../probe/probe.ts';
import type { EngineContext } from '../engine.ts';

/**
 * Throws SlipwayError when a disk carries names that the agent would take for the target's, as one that was attached after the plan was
 * confirmed, or when the disks cannot be listed. Disks that the plan wipes don't count. Writes nothing.
 */
export const checkOtherDisks = async ({ system, planned, signal }: Pick<EngineContext, 'system' | 'planned' | 'signal'>): Promise<void> => {
  const { target, wipes } = planned.plan;
  const { disks, firmware, problems } = await probeMachine(system, { quick: true, signal });
  signal.throwIfAborted();
  const unread = problems.find(({ id }) => id === 'probe-lsblk');
  if (unread !== undefined) throw new SlipwayError({ ...unread, severity: 'error' });
  const disk = disks.find(({ path }) => path === target.path) ?? null;
  const [clash] = clashProblems({ disks, uefi: firmware.uefi, disk, wiped: wipes.map((wipe) => wipe.target.path) });
  if (clash !== undefined) throw new SlipwayError(clash);
};
