/**
 * The third wall: an installed node pulls a data volume in whenever `/oem/95_userdata` does not exist (kairos-init
 * `00_datasource.yaml`). It exists, empty, on the target's own COS_OEM; shown by reading it back.
 */
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import type { OpenPartition } from './luks.ts';
import { withMount } from './mounts.ts';
import { closureFolder } from './remake-oem.ts';

/** What keeps install-only material out, in words. Throws SlipwayError when it can't be shown. */
export const checkClosure = async (system: System, partitions: readonly OpenPartition[]): Promise<readonly string[]> => {
  const oem = partitions.find((partition) => partition.name === 'oem');
  if (oem === undefined) throw new SlipwayError({ id: 'partition-missing', severity: 'error', what: 'is not in the partition table', where: 'oem', hint: 'install again' });
  return withMount(system, oem.device, 'ro', async (folder) => {
    const names = await system.list(`${folder}/${closureFolder}`);
    if (names === null || names.length > 0) {
      const what = names === null ? `/oem/${closureFolder} is not there: an attached data volume would be pulled in at boot` : `/oem/${closureFolder} is not empty`;
      throw new SlipwayError({ id: 'closure-missing', severity: 'error', what, where: 'COS_OEM', hint: 'install again' });
    }
    return [`/oem/${closureFolder} keeps attached data volumes from being pulled in`];
  });
};
