/** The positive check: the target is read back and compared with the plan. */
import { createHash } from 'node:crypto';
import { SlipwayError } from '../../model/problem.ts';
import { mustRun } from '../command.ts';
import type { EngineContext } from '../engine.ts';
import type { SystemImage } from './images.ts';
import { sha256OfFile } from './sha256.ts';
import { ext4At, fatAt } from './file-systems.ts';

const wrong = (what: string, where: string): SlipwayError =>
  new SlipwayError({ id: 'verify-failed', severity: 'error', what, where, hint: 'the disk stays marked as unfinished; install again, on another disk if it repeats' });

interface SfdiskTable {
  readonly partitiontable?: {
    readonly sectorsize?: number;
    readonly partitions?: readonly { readonly start: number; readonly size: number; readonly name?: string }[];
  };
}

const verifyTable = async ({ system, planned, signal }: EngineContext): Promise<void> => {
  const { plan } = planned;
  const { stdout } = await mustRun(system, 'read the partition table back', ['sfdisk', '--json', plan.target.path], { signal });
  const table = (JSON.parse(stdout) as SfdiskTable).partitiontable;
  const sector = table?.sectorsize ?? 512;
  for (const [index, partition] of plan.layout.entries()) {
    const found = table?.partitions?.[index];
    if (found === undefined || found.start * sector !== partition.start || found.size * sector !== partition.size) {
      throw wrong(`partition ${partition.number} (${partition.name}) is not where the plan put it`, plan.target.path);
    }
  }
};

const verifyImages = async ({ system, planned, signal }: EngineContext, image: SystemImage, scratch: string): Promise<void> => {
  const { plan } = planned;
  const rows = [
    { partition: 'state', file: 'active' },
    { partition: 'state', file: 'passive' },
    { partition: 'recovery', file: 'recovery' },
  ];
  for (const row of rows) {
    const partition = plan.layout.find((candidate) => candidate.name === row.partition);
    if (partition === undefined) throw wrong('is not in the plan', row.partition);
    const at = ext4At(plan.target.path, partition);
    for (const [suffix, original] of [['img', image.image], ['vmlinuz', image.kernel], ['initrd', image.initrd]] as const) {
      const copy = `${scratch}/copy`;
      await mustRun(system, `read ${row.file}.${suffix} back`, ['debugfs', '-R', `dump /cOS/${row.file}.${suffix} ${copy}`, at], { signal });
      const expected = suffix === 'img' ? image.sha256 : await sha256OfFile(system, original, signal);
      const same = (await system.stat(copy)) !== null && (await sha256OfFile(system, copy, signal)) === expected;
      await system.remove(copy);
      if (!same) throw wrong(`/cOS/${row.file}.${suffix} does not read back as it was written`, partition.label);
    }
  }
};

const verifyKept = async ({ system, planned, signal }: EngineContext, names: readonly string[]): Promise<void> => {
  const { plan } = planned;
  const oem = plan.layout.find((partition) => partition.name === 'oem');
  if (oem === undefined) throw wrong('is not in the plan', 'COS_OEM');
  for (const file of plan.kept) {
    if (!names.includes(file.name)) throw wrong('is not a file that belongs there', file.name);
    const at = ext4At(plan.target.path, oem);
    const { stdout } = await mustRun(system, `read ${file.name} back`, ['debugfs', '-R', `cat /${file.name}`, at], { signal });
    if (createHash('sha256').update(stdout).digest('hex') !== file.sha256) throw wrong(`${file.name} does not read back as it was written`, oem.label);
    const { stdout: stat } = await mustRun(system, `look at ${file.name}`, ['debugfs', '-R', `stat /${file.name}`, at], { signal });
    if (!new RegExp(`Mode:\\s+0${file.mode.toString(8)}\\b`).test(stat)) throw wrong(`${file.name} does not have mode ${file.mode.toString(8)}`, oem.label);
  }
};

/** Reads everything that a boot needs back from the target. Throws SlipwayError on the first difference. */
export const verifyTarget = async (context: EngineContext, image: SystemImage, options: { readonly keptNames: readonly string[] }): Promise<void> => {
  const { system, planned, signal } = context;
  const { plan } = planned;
  await verifyTable(context);
  for (const partition of plan.layout) {
    if (partition.fs !== 'ext4') continue;
    await mustRun(system, `check the file system of ${partition.label}`, ['e2fsck', '-fn', ext4At(plan.target.path, partition)], { signal });
  }
  const scratch = await system.memoryDirectory('verify');
  await verifyImages(context, image, scratch);
  await verifyKept(context, options.keptNames);
  const efi = plan.layout.find((partition) => partition.name === 'efi');
  if (efi === undefined) throw wrong('is not in the plan', 'COS_GRUB');
  const { stdout } = await mustRun(system, 'look at the EFI partition', ['mdir', '-b', '-i', fatAt(plan.target.path, efi), '::/EFI/BOOT'], { signal });
  if (!/BOOTX64\./i.test(stdout)) throw wrong('the UEFI boot loader is missing', 'COS_GRUB');
  await system.remove(scratch);
};
