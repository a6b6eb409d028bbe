/** The node's status without Ink, as it is before anything is known of the node. Pure. */
import type { RecoveryBehaviours } from '../../src/app/recovery/screen.ts';
import type { RecoveryState } from '../../src/app/recovery/state.ts';

export const noNodeText = (state: RecoveryState): string => (state.looking ? 'Looking at this node ...' : state.candidates.length > 0 ? 'Nothing was changed so far' : 'There is no node to look at');

export const statusBehaviour: RecoveryBehaviours['rows'][number] = {
  id: 'status',
  title: 'Node',
  keys: () => [{ key: 'rescan', label: 'look again', action: { type: 'look' } }],
};
