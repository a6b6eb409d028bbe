/** What each engine does, in its order, as the plan tells it. Pure. */
import type { PlannedWipe, PlanStep } from '../model/plan.ts';

const wipeStep = (wipes: readonly PlannedWipe[]): readonly PlanStep[] =>
  wipes.length === 0 ? [] : [{ id: 'wipe', text: `wipe the signatures of ${wipes.map(({ target }) => target.path).join(', ')}` }];

/** Of the engine kairos-agent. */
export const agentSteps = (wipes: readonly PlannedWipe[]): readonly PlanStep[] => [
  { id: 'agent', text: 'kairos-agent checks configuration, source and size' },
  { id: 'identity', text: 'compare the target with the confirmed one' },
  ...wipeStep(wipes),
  { id: 'partition', text: 'kairos-agent partitions the disk; it is marked as unfinished' },
  { id: 'write', text: 'kairos-agent writes active, recovery and passive; boot is held back' },
  { id: 'scrub', text: 'take away what kairos-agent merged in, copied and logged' },
  { id: 'verify', text: 'read partitions and configuration back' },
  { id: 'close', text: 'keep attached data volumes from being pulled in at boot' },
  { id: 'audit', text: 'search the target for install-only material' },
  { id: 'activate', text: 'let it boot and take the unfinished mark off' },
  { id: 'receipt', text: 'write the receipt' },
];

/** Of the builtin engine. */
export const builtinSteps = (wipes: readonly PlannedWipe[]): readonly PlanStep[] => [
  { id: 'image', text: 'make the system image from the source' },
  { id: 'stages', text: 'run the install-only stages in memory' },
  { id: 'identity', text: 'compare the target with the confirmed one' },
  ...wipeStep(wipes),
  { id: 'partition', text: 'write the partition table, marked as unfinished' },
  { id: 'write', text: 'write COS_OEM, COS_RECOVERY, COS_STATE, COS_PERSISTENT and the boot loaders' },
  { id: 'scrub', text: 'throw the workspace of the stages away' },
  { id: 'verify', text: 'read partitions, images and configuration back' },
  { id: 'close', text: 'keep attached data volumes from being pulled in at boot' },
  { id: 'audit', text: 'search the target for install-only material' },
  { id: 'activate', text: 'make it bootable and take the unfinished mark off' },
  { id: 'receipt', text: 'write the receipt' },
];
