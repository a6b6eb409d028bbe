/** The GPT as a script for sfdisk. Sizes are given in MiB, which sfdisk turns into the device's own sectors. */
import { unfinishedMark } from '../../model/labels.ts';
import type { InstallPlan, PlannedPartition } from '../../model/plan.ts';
import { uuidFor } from './uuids.ts';

const MiB = 1024 * 1024;

/** GPT type GUIDs: BIOS boot, EFI system, Linux file system. */
const typeOf = (partition: PlannedPartition): string => {
  if (partition.name === 'bios') return '21686148-6449-6E6F-744E-656564454649';
  if (partition.name === 'efi') return 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
  return '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
};

/** The table with the unfinished mark in place of partition 1's name. */
export const sfdiskScript = (plan: InstallPlan): string =>
  [
    'label: gpt',
    `label-id: ${uuidFor(plan.hash, 'disk')}`,
    'first-lba: 34',
    ...plan.layout.map((partition) =>
      [
        `start=${partition.start / MiB}MiB`,
        `size=${partition.size / MiB}MiB`,
        `type=${typeOf(partition)}`,
        `uuid=${uuidFor(plan.hash, `part-${partition.name}`)}`,
        `name=${partition.number === 1 ? unfinishedMark : partition.name}`,
      ].join(', '),
    ),
    '',
  ].join('\n');
