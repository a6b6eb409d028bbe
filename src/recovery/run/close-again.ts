/**
 * The folder that keeps data volumes out (`/oem/95_userdata`), after kairos-agent has reset the node: a COS_OEM that was made anew
 * has lost it, and the next boot would pull in what is attached.
 */
import { partitionOf } from '../node.ts';
import type { NodePartition } from '../node.ts';
import { openStore } from '../store.ts';
import { nodeError } from './context.ts';
import type { ActionContext } from './context.ts';

const folder = '/95_userdata';

/** The partition as it is now: the agent unmounts what it formats. */
const asItIs = async ({ system }: ActionContext, partition: NodePartition): Promise<NodePartition> => {
  if (partition.mountpoint === null) return partition;
  const mounts = (await system.readText('/proc/self/mounts')) ?? '';
  return mounts.split('\n').some((line) => line.split(' ')[1] === partition.mountpoint) ? partition : { ...partition, mountpoint: null, fstype: 'ext4' };
};

/**
 * Makes the folder where it was before and is gone, and reads it back. A node that was never closed stays so.
 * @throws SlipwayError when it cannot be shown that it is there
 */
export const closeAgain = async (context: ActionContext): Promise<void> => {
  const { status, node, system, emit } = context;
  if (status.closed !== true) return;
  const oem = partitionOf(node, 'oem');
  const store = oem === null ? null : openStore(system, await asItIs(context, oem));
  if (store === null) {
    if (status.boot.uki) return emit({ event: 'log', level: 'info', text: 'COS_OEM is locked; a Trusted Boot node pulls nothing from data volumes' });
    throw nodeError('closure-missing', 'COS_OEM cannot be read after the reset: that attached data volumes are kept out is not shown', 'COS_OEM', 'slipway recovery unlock, then slipway recovery scrub');
  }
  if ((await store.stat(folder)) === null) {
    await store.makeDirectory(folder);
    await store.flush();
    emit({ event: 'log', level: 'info', text: `/oem${folder} was gone and is there again: attached data volumes are kept out` });
  }
  if ((await store.stat(folder))?.kind !== 'directory') throw nodeError('closure-missing', `/oem${folder} is not there`, 'COS_OEM', 'slipway recovery scrub makes it');
};
