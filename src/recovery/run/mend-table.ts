/** Puts a damaged partition table in order again: from its backup, its backup from it, or both where the first sectors are gone. */
import { mbrBootCode } from '../../engine/builtin/grub.ts';
import { grubFiles } from '../../engine/builtin/tools.ts';
import { mustRun } from '../../engine/command.ts';
import { parseSfdisk } from '../../probe/partition-table.ts';
import type { TableDamage } from '../node.ts';
import { nodeError } from './context.ts';
import type { ActionContext } from './context.ts';
import { tableDamageIn } from '../table-damage.ts';

const said: Readonly<Record<TableDamage['lost'], string>> = {
  primary: 'partition table written from its backup',
  backup: 'backup of the partition table written anew',
  front: 'first sectors and partition table written anew',
};

/** What is about to be done, for the list of steps. */
export const mendingStep: Readonly<Record<TableDamage['lost'], string>> = {
  primary: 'write the partition table anew from its backup',
  backup: 'write the backup of the partition table anew',
  front: 'write the partition table anew from what is left of it',
};

/** The partition that GRUB's core is in, on a disk that also starts by BIOS. */
const biosBootType = /^21686148-6449-6E6F-744E-656564454649$/i;

/** The boot code went with the first sector: a BIOS machine would not start any more. */
const bootCode = async (context: ActionContext): Promise<string> => {
  const { system, node } = context;
  const { stdout } = await system.run(['sfdisk', '--json', node.path]);
  const bios = (parseSfdisk(stdout) ?? []).find(({ type }) => biosBootType.test(type ?? ''));
  if (bios === undefined) return '';
  const image = await system.readBytes(`${grubFiles.bios}/boot.img`, 4096);
  if (image === null) return '; the boot code for BIOS machines is lost with them (UEFI machines start): install the package grub-pc-bin and repeat it, or install again';
  const folder = await system.memoryDirectory('boot-code');
  try {
    await system.writeFile(`${folder}/code`, mbrBootCode(image, bios.start), { mode: 0o600 });
    await mustRun(system, 'write the boot code', ['dd', `if=${folder}/code`, `of=${node.path}`, 'bs=440', 'count=1', 'conv=notrunc,fsync', 'status=none']);
  } finally {
    await system.remove(folder);
  }
  return ', with the boot code for BIOS machines';
};

/** Mends it, reads it back, and says what was done. Throws SlipwayError. */
export const mendTable = async (context: ActionContext, damage: TableDamage): Promise<string> => {
  const { system, node } = context;
  const quiet = ['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', '--lock=no', '--wipe=never', '--wipe-partitions=never'];
  // sfdisk reads the table that is whole; writing puts both in order. What it cannot see is given to it.
  if (damage.script === null) await mustRun(system, 'write the partition table', [...quiet, '--append', node.path], { input: 'write\n' });
  else await mustRun(system, 'write the partition table', [...quiet, node.path], { input: damage.script });
  const after = await system.run(['sfdisk', '--json', node.path]);
  if (after.exitCode !== 0 || tableDamageIn(after.stderr) !== null) throw nodeError('node-table-damaged', 'the partition table could not be written', node.path, 'the disk may be failing');
  const code = damage.lost === 'front' ? await bootCode(context) : '';
  // A kernel that did not know the partitions learns them; one that uses them keeps what it knows.
  if (node.kind !== 'image') await system.run(['blockdev', '--rereadpt', node.path], { timeout: 30_000 });
  return `${said[damage.lost]}${code}`;
};
