/** The last look at the target before the first write, and the first write. */
import type { DiskTarget } from '../../model/plan.ts';
import type { Disk } from '../../model/facts.ts';
import { SlipwayError } from '../../model/problem.ts';
import { compareIdentity, readIdentity } from '../../probe/identity.ts';
import { mustRun } from '../command.ts';
import type { EngineContext } from '../engine.ts';

const MiB = 1024 * 1024;

/**
 * Compares a disk with what was confirmed and returns it as it is now. Throws SlipwayError when it is another one by now, or one that
 * must not be written any more. The disk is open from before the comparison to the end of the run: the kernel gives its name to no other
 * disk as long as somebody has it open, so what was compared is what is written.
 */
export const checkDiskUnchanged = async ({ system, signal }: Pick<EngineContext, 'system' | 'signal'>, target: DiskTarget & { readonly kind: 'device' }): Promise<Disk> => {
  // What cannot be opened is told by the comparison: it is gone, most likely.
  const held = await system.open(target.path).catch((error: unknown) => error as Error);
  if (!(held instanceof Error)) system.cleanup.add(`close ${target.path}`, () => held.close());
  const { identity, disk, refusals } = await readIdentity(system, target.path, signal);
  const changed = compareIdentity(target.identity, identity, target.path);
  if (changed !== null || disk === null) throw new SlipwayError(changed ?? { id: 'target-changed', severity: 'error', what: 'it is gone', where: target.path, hint: 'nothing was written' });
  if (refusals.length > 0) {
    throw new SlipwayError({ id: 'target-changed', severity: 'error', what: `it cannot be written any more: ${refusals.join('; ')}`, where: target.path, hint: 'nothing was written; look at the disks and start again' });
  }
  if (held instanceof Error) throw held;
  return disk;
};

/** Compares the target with what was confirmed. Throws SlipwayError when it is another one by now. */
export const checkTargetUnchanged = async (context: EngineContext): Promise<void> => {
  const { system, planned } = context;
  const { target } = planned.plan;
  if (target.kind === 'image') {
    const now = await system.stat(target.path);
    const before = planned.image;
    if ((now !== null) !== (before?.exists ?? false) || (now !== null && (now.kind !== 'file' || now.size !== before?.size))) {
      throw new SlipwayError({ id: 'target-changed', severity: 'error', what: 'the image file changed since the plan was made', where: target.path, hint: 'plan again' });
    }
    return;
  }
  await checkDiskUnchanged(context, target);
};

/** Empties the target: an image file becomes one hole, a device loses its signatures and is discarded where it can be. */
export const prepareTarget = async ({ system, planned, signal }: EngineContext): Promise<void> => {
  const { target } = planned.plan;
  if (target.kind === 'image') {
    // Cut to nothing first: whatever was in the file is gone, and the new blocks read as zero.
    await mustRun(system, 'empty the image file', ['truncate', '--size=0', target.path], { signal });
    await mustRun(system, 'size the image file', ['truncate', `--size=${target.size}`, target.path], { signal });
    await mustRun(system, 'protect the image file', ['chmod', '0600', target.path], { signal });
    return;
  }
  await mustRun(system, 'wipe the signatures', ['wipefs', '--all', '--force', target.path], { signal });
  // Not every drive can; the file systems are made whole in any case.
  await system.run(['blkdiscard', '--force', target.path], { timeout: 0, signal });
  signal.throwIfAborted();
  for (const seek of [0, Math.floor(target.identity.size / MiB) - 1]) {
    await mustRun(system, 'clear the ends of the disk', ['dd', 'if=/dev/zero', `of=${target.path}`, 'bs=1M', 'count=1', `seek=${seek}`, 'conv=notrunc,fsync', 'status=none'], { signal });
  }
};
