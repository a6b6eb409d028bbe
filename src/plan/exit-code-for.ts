/** Which exit code a refused plan ends with, from what is wrong. */
import { exitCodes } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import { isError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';

/** Problems of the machine: another machine, disk or medium would do. */
const machineIds = [
  'no-disk', 'disk-', 'device-', 'target-', 'tpm-', 'memory-', 'network-', 'clock-', 'engine-', 'tools-missing', 'stages-cannot-be-isolated', 'not-root', 'kairos-disk', 'wipe-refused', 'wipe-needs-consent', 'wipe-ambiguous',
];

/** Problems of what should have been there or should have been equal. */
const absentIds = ['data-volume', 'expected-plan'];

const matches = (ids: readonly string[], id: string): boolean =>
  ids.some((candidate) => id === candidate || id.startsWith(candidate.endsWith('-') ? candidate : `${candidate}-`));

/** The first of: data volume or plan not there (8), configuration invalid (3), machine unsuitable (4). */
export const exitCodeFor = (problems: readonly Problem[]): ExitCode => {
  const ids = problems.filter(isError).map((problem) => problem.id);
  if (ids.length === 0) return exitCodes.done;
  if (ids.some((id) => id === 'usage')) return exitCodes.usage;
  if (ids.some((id) => matches(absentIds, id))) return exitCodes.dataVolumeOrPlan;
  if (ids.some((id) => !matches(machineIds, id))) return exitCodes.answersInvalid;
  return exitCodes.machineUnsuitable;
};
