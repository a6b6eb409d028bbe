/** Checks and repairs what is not in use: the partition table, the file systems, and what the images say. */
import { labelOf } from '../node.ts';
import { isLocked } from '../node.ts';
import { checkEfi } from './check-efi.ts';
import { nodeError, stepsOf, touch } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';
import { repair } from './file-systems.ts';
import { mendingStep, mendTable } from './mend-table.ts';

export const runFsck = async (context: ActionContext): Promise<ActionResult> => {
  const { node, status } = context;
  const checkable = node.partitions;
  const step = stepsOf(context, [...(node.tableDamage === null ? [] : [mendingStep[node.tableDamage.lost]]), ...checkable.map(({ name }) => `check ${labelOf[name]}`)]);
  const said: string[] = [];
  await touch(context);
  if (node.tableDamage !== null) {
    step();
    said.push(await mendTable(context, node.tableDamage));
  }
  const failed: string[] = [];
  for (const partition of checkable) {
    step();
    const label = labelOf[partition.name];
    if (partition.name === 'efi') {
      const checked = await checkEfi(context, partition);
      if ('why' in checked) said.push(`${label}: not looked at: ${checked.why}`);
      else if (checked.result === 'failed') failed.push(label);
      else said.push(`${label}: ${checked.result}`);
    } else if (isLocked(partition)) said.push(`${label}: encrypted and not open, not looked at`);
    else if (partition.mountpoint !== null) said.push(`${label}: in use, not looked at`);
    else if (!/^ext[234]$/.test(partition.fstype ?? '')) failed.push(label);
    else {
      const result = await repair(context, partition, true);
      if (result === 'failed') failed.push(label);
      else said.push(`${label}: ${result}`);
    }
  }
  for (const row of status.systems) if (row.damage !== null) context.emit({ event: 'problem', id: 'node-system-damaged', severity: 'warning', what: row.damage, where: `${row.name} system`, hint: 'slipway recovery reset or upgrade puts a whole one there' });
  if (failed.length > 0) throw nodeError('node-file-system', `could not be repaired; ${said.join(', ')}`, failed.join(', '), 'a reset makes COS_STATE and COS_PERSISTENT anew; for the others install again');
  return { text: said.join(', ') };
};
