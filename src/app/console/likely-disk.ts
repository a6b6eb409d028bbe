/** Which disk is highlighted before anybody moved: the answered one, else the only one that can be used without a caution. Pure. */
import type { Disk } from '../../model/facts.ts';
import { answersOf, disksOf } from '../state.ts';
import type { ConsoleState } from '../state.ts';

const isNamed = (disk: Disk, device: string): boolean =>
  disk.path === device || disk.links.includes(device) || (disk.serial !== null && device === `serial:${disk.serial}`) || (disk.wwn !== null && device === `wwn:${disk.wwn}`);

/** The disk that is answered now, as far as it can be told without the planner. */
export const chosenDisk = (state: ConsoleState): Disk | undefined => {
  const device = answersOf(state).device?.value;
  return device === undefined ? undefined : disksOf(state).find((disk) => isNamed(disk, device));
};

/** Never a disk with data that nobody named. */
export const likelyDisk = (state: ConsoleState): Disk | undefined => {
  const chosen = chosenDisk(state);
  if (chosen !== undefined) return chosen;
  const [only, ...more] = disksOf(state).filter(({ verdict }) => verdict === 'eligible');
  return more.length === 0 ? only : undefined;
};
