/** Another disk with names of a Kairos install: the answer that has its signatures wiped. Consent is asked for on the review. */
import { answersOf, disksOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import type { Disk } from '../src/model/facts.ts';
import { clashingNames } from '../src/plan/clashing-names.ts';

const asked = (state: ConsoleState): readonly string[] => answersOf(state)['wipe-other']?.value ?? [];

/** It is answered that this disk is wiped, by its path. */
export const isToBeWiped = (state: ConsoleState, disk: Disk): boolean => asked(state).includes(disk.path);

/** Names that get in the way of an install to another disk, on a disk that may be written. */
export const canBeWiped = (disk: Disk): boolean => disk.verdict !== 'refused' && clashingNames(disk).length > 0;

/** Adds the disk to those that are wiped, or takes it out again. */
export const switchWipe = (state: ConsoleState, disk: Disk): Action => {
  const others = asked(state).filter((rule) => rule !== disk.path);
  const rules = isToBeWiped(state, disk) ? others : [...others, disk.path];
  return { type: 'answer', changes: { 'wipe-other': rules.length === 0 ? undefined : rules } };
};

/** The first disk that stands in the way of the plan and could be wiped. */
export const firstInTheWay = (state: ConsoleState): Disk | undefined =>
  disksOf(state).find((disk) => canBeWiped(disk) && (state.outcome?.problems ?? []).some(({ id, where }) => id === 'kairos-disk-second' && where === disk.path));
