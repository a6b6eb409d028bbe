/** Repairing a partition's file system, and making one anew with the label and UUID that the boot configuration names. */
import { makeFileSystemCommand } from '../../engine/builtin/file-systems.ts';
import { mustRun } from '../../engine/command.ts';
import type { PlannedPartition } from '../../model/plan.ts';
import { labelOf } from '../node.ts';
import type { NodePartition } from '../node.ts';
import { extName } from '../store/ext.ts';
import { nodeError } from './context.ts';
import type { ActionContext } from './context.ts';

/** Bits of e2fsck's exit code: 1 and 2 were repaired, 4 was not. */
const unrepaired = 4;

export type Repair = 'clean' | 'repaired' | 'failed';

/** Plays the journal and repairs what is safe to repair; `thorough`: everything. The partition must not be mounted. */
export const repair = async (context: ActionContext, partition: NodePartition, thorough: boolean): Promise<Repair> => {
  const label = labelOf[partition.name];
  const run = async (flag: string): Promise<number> => {
    const { exitCode, missing } = await context.system.run(['e2fsck', '-f', flag, extName(partition)], { timeout: 0, signal: context.signal, maxBytes: 1024 * 1024 });
    context.signal.throwIfAborted();
    if (missing) throw nodeError('tool-missing', 'e2fsck is not installed', label, 'install the package e2fsprogs');
    return exitCode ?? 8;
  };
  const first = await run('-p');
  if (first < unrepaired) return first === 0 ? 'clean' : 'repaired';
  if (!thorough) return 'failed';
  const second = await run('-y');
  // A second look tells whether all of it is whole now.
  return second < unrepaired && (await run('-n')) === 0 ? 'repaired' : 'failed';
};

const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Makes the file system anew, filled from `tree`. Everything on the partition is lost. */
export const makeAnew = async (context: ActionContext, partition: NodePartition, uuid: string, tree: string | null): Promise<void> => {
  const label = labelOf[partition.name];
  if (!uuidShape.test(uuid)) throw nodeError('node-uuid', 'its UUID is not known: the node would not find it again', label, 'install again: slipway install');
  if (partition.mountpoint !== null) throw nodeError('node-mounted', `it is mounted at ${partition.mountpoint}`, label, 'unmount it first');
  const planned: PlannedPartition = { number: 0, name: partition.name, label, fs: 'ext4', start: partition.offset, size: partition.size, encrypted: false };
  const command = [...(makeFileSystemCommand(planned, partition.path, '', tree) ?? [])];
  command[command.indexOf('-U') + 1] = uuid;
  await mustRun(context.system, `make the file system of ${label}`, command, { signal: context.signal });
  await mustRun(context.system, `check the file system of ${label}`, ['e2fsck', '-fn', extName(partition)], { signal: context.signal });
};

/** Unmounts it while `work` runs; afterwards it is where it was. */
export const unmounted = async <T>(context: ActionContext, partition: NodePartition, work: (partition: NodePartition) => Promise<T>): Promise<T> => {
  const { mountpoint } = partition;
  if (mountpoint === null) return work(partition);
  const { system } = context;
  await mustRun(system, `unmount ${mountpoint}`, ['umount', mountpoint], { timeout: 60_000 });
  const back = system.cleanup.add(`mount ${mountpoint} again`, async () => void (await mustRun(system, `mount ${mountpoint} again`, ['mount', partition.path, mountpoint], { timeout: 60_000 })));
  try {
    return await work({ ...partition, mountpoint: null });
  } finally {
    await back();
  }
};

/** Unmounts it for good: the node is to be rebooted after what is done to it. */
export const detached = async (context: ActionContext, partition: NodePartition): Promise<NodePartition> => {
  if (partition.mountpoint !== null) await mustRun(context.system, `unmount ${partition.mountpoint}`, ['umount', partition.mountpoint], { timeout: 60_000 });
  return { ...partition, mountpoint: null };
};
