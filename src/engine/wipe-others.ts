/** Takes the signatures off other disks, as the plan says: what carries names of a Kairos install would be mixed up with the target. */
import { SlipwayError } from '../model/problem.ts';
import type { Disk } from '../model/facts.ts';
import { readIdentity } from '../probe/identity.ts';
import { checkDiskUnchanged } from './builtin/target.ts';
import { mustRun } from './command.ts';
import type { EngineContext } from './engine.ts';

/** ms */
const patience = 60_000;

/** Partitions of partitions (in an extended one) first, then the disk with its table. Without --force: wipefs itself refuses what is in use. */
const wipe = async ({ system, signal }: EngineContext, disk: Disk): Promise<void> => {
  for (const path of [...disk.partitions.map((partition) => partition.path).toReversed(), disk.path]) {
    await mustRun(system, `wipe the signatures of ${path}`, ['wipefs', '--all', path], { timeout: patience, signal });
  }
  await system.run(['blockdev', '--rereadpt', disk.path], { timeout: patience });
};

/**
 * Wipes the other disks of the plan. Every one of them is compared with what was confirmed before the first is written, and looked at
 * again afterwards. Throws SlipwayError; `state.wiped` tells what was written.
 */
export const wipeOthers = async (context: EngineContext): Promise<void> => {
  const { system, planned, state, signal, emit } = context;
  const disks: Disk[] = [];
  for (const { target } of planned.plan.wipes) disks.push(await checkDiskUnchanged(context, target));
  for (const disk of disks) {
    signal.throwIfAborted();
    emit({ event: 'log', level: 'info', text: `wiping the signatures of ${disk.path}, another disk: the plan says so` });
    state.wiped.push(disk.path);
    await wipe(context, disk);
  }
  for (const { target } of planned.plan.wipes) {
    const { disk } = await readIdentity(system, target.path, signal);
    if (disk === null || disk.kairosLabels.length === 0) continue;
    throw new SlipwayError({ id: 'wipe-failed', severity: 'error', what: `still carries ${disk.kairosLabels.join(', ')} after its signatures were wiped`, where: target.path, hint: 'detach it, then install again' });
  }
};
