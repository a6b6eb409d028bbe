/** The last look at the target before the first write, and the first write. */
import { SlipwayError } from '../../model/problem.ts';
import { compareIdentity, readIdentity } from '../../probe/identity.ts';
import { mustRun } from '../command.ts';
import type { EngineContext } from '../engine.ts';

const MiB = 1024 * 1024;

/** Compares the target with what was confirmed. Throws SlipwayError when it is another one by now. */
export const checkTargetUnchanged = async ({ system, planned, signal }: EngineContext): Promise<void> => {
  const { target } = planned.plan;
  if (target.kind === 'image') {
    const now = await system.stat(target.path);
    const before = planned.image;
    if ((now !== null) !== (before?.exists ?? false) || (now !== null && (now.kind !== 'file' || now.size !== before?.size))) {
      throw new SlipwayError({ id: 'target-changed', severity: 'error', what: 'the image file changed since the plan was made', where: target.path, hint: 'plan again' });
    }
    return;
  }
  const { identity, refusals } = await readIdentity(system, target.path, signal);
  const changed = compareIdentity(target.identity, identity, target.path);
  if (changed !== null) throw new SlipwayError(changed);
  if (refusals.length > 0) {
    throw new SlipwayError({ id: 'target-changed', severity: 'error', what: `it cannot be written any more: ${refusals.join('; ')}`, where: target.path, hint: 'nothing was written; look at the disks and start again' });
  }
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
