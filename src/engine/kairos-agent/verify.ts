/** The positive check: what a boot needs is read back from the target, by device. */
import { createHash } from 'node:crypto';
import { SlipwayError } from '../../model/problem.ts';
import { kairosPartitionNames } from '../../model/labels.ts';
import type { KeptFile, PlannedPartition } from '../../model/plan.ts';
import { mustRun } from '../command.ts';
import type { System } from '../../system/port.ts';
import { countLoaders } from './hold-back.ts';
import { isLuks } from './luks.ts';
import type { OpenPartition } from './luks.ts';
import { withMount } from './mounts.ts';

const wrong = (what: string, where: string): SlipwayError =>
  new SlipwayError({ id: 'verify-failed', severity: 'error', what, where, hint: 'the disk stays marked as unfinished; see the log of the install, then install again' });

export interface VerifyInput {
  readonly partitions: readonly OpenPartition[];
  readonly planned: readonly PlannedPartition[];
  /** COS_PERSISTENT was given a size of its own. */
  readonly fixedPersistent: boolean;
  readonly kept: readonly KeptFile[];
  readonly firmware: 'bios' | 'uefi';
  readonly uki: boolean;
  /** The agent's BIOS boot code was seen. */
  readonly hasBiosCode: boolean;
  readonly signal: AbortSignal;
}

const labelOf = async (system: System, device: string): Promise<string> => {
  const { stdout } = await system.run(['blkid', '--probe', '--output', 'value', '--match-tag', 'LABEL', device], { timeout: 30_000 });
  return stdout.trim();
};

/** bytes that a partition may differ by: the agent takes the end of the table off the last one. */
const sizeTolerance = 2 * 1024 * 1024;

/**
 * What is wrong with a partition's size, in words; null when it is the planned one. COS_RECOVERY and COS_STATE may be bigger, as the agent
 * raises them; what takes the rest of the disk has whatever size that is. Under Trusted Boot Kairos's own are the agent's choice.
 */
export const sizeProblem = (wish: Pick<PlannedPartition, 'name' | 'size'>, size: number, given: { readonly fixedPersistent: boolean; readonly uki: boolean }): string | null => {
  const own = (kairosPartitionNames as readonly string[]).includes(wish.name);
  if ((own && given.uki) || (wish.name === 'persistent' && !given.fixedPersistent)) return null;
  const mayGrow = wish.name === 'recovery' || wish.name === 'state';
  if (size >= wish.size - sizeTolerance && (mayGrow || size <= wish.size + sizeTolerance)) return null;
  return `it has ${Math.floor(size / 1024 ** 2)} MiB and was to have ${Math.floor(wish.size / 1024 ** 2)}`;
};

const verifyPartitions = async (system: System, { partitions, planned, fixedPersistent, firmware, uki, signal }: VerifyInput): Promise<void> => {
  for (const wish of planned) {
    if (wish.name === 'bios' || (wish.name === 'efi' && firmware === 'bios') || (uki && ['state', 'recovery'].includes(wish.name))) continue;
    const found = partitions.find((partition) => partition.name === wish.name);
    if (found === undefined) throw wrong(`the partition ${wish.name} is not there`, wish.label || wish.name);
    const wrongSize = sizeProblem(wish, found.size, { fixedPersistent, uki });
    if (wrongSize !== null) throw wrong(wrongSize, wish.label || wish.name);
    if (wish.encrypted && !(await isLuks(system, found.path))) throw wrong('it was to be encrypted and has no LUKS header', wish.label);
    if (wish.label !== '' && (await labelOf(system, found.device)) !== wish.label) throw wrong(`does not carry its label`, wish.label);
    if (wish.fs === 'ext4') await mustRun(system, `check the file system of ${wish.label}`, ['e2fsck', '-fn', found.device], { signal });
  }
};

const sizeAt = async (system: System, path: string): Promise<number> => (await system.stat(path))?.size ?? 0;

const verifyImages = async (system: System, { partitions }: VerifyInput): Promise<void> => {
  const rows = [
    { partition: 'state', label: 'COS_STATE', files: [['cOS/active.img'], ['cOS/passive.img'], ['grub2/grub.cfg', 'grub/grub.cfg']] },
    { partition: 'recovery', label: 'COS_RECOVERY', files: [['cOS/recovery.img', 'cOS/recovery.squashfs']] },
  ];
  for (const row of rows) {
    const partition = partitions.find((candidate) => candidate.name === row.partition);
    if (partition === undefined) throw wrong('is not there', row.label);
    await withMount(system, partition.device, 'ro', async (folder) => {
      for (const names of row.files) {
        const sizes = await Promise.all(names.map((name) => sizeAt(system, `${folder}/${name}`)));
        if (!sizes.some((size) => size > 0)) throw wrong(`${names.join(' or ')} is missing or empty`, row.label);
      }
    });
  }
};

const verifyLoader = async (system: System, { partitions, firmware, uki, hasBiosCode }: VerifyInput): Promise<void> => {
  if (firmware === 'bios') {
    if (!hasBiosCode) throw wrong('the agent left no boot code', 'BIOS boot loader');
    return;
  }
  const efi = partitions.find((partition) => partition.name === 'efi');
  if (efi === undefined) throw wrong('is not there', 'COS_GRUB');
  await withMount(system, efi.device, 'ro', async (folder) => {
    const { active, held } = await countLoaders(system, folder);
    if (active > 0) throw wrong('the UEFI boot loader is in place too early', 'COS_GRUB');
    if (held === 0) throw wrong('the UEFI boot loader is missing', 'COS_GRUB');
    const kernels = uki ? ((await system.list(`${folder}/EFI/kairos`)) ?? []).filter((name) => /\.efi$/i.test(name)) : ['none needed'];
    if (kernels.length === 0) throw wrong('EFI/kairos holds no system', 'COS_GRUB');
  });
};

const verifyKept = async (system: System, { partitions, kept }: VerifyInput): Promise<void> => {
  const oem = partitions.find((partition) => partition.name === 'oem');
  if (oem === undefined) throw wrong('is not there', 'COS_OEM');
  await withMount(system, oem.device, 'ro', async (folder) => {
    for (const file of kept) {
      const bytes = await system.readBytes(`${folder}/${file.name}`, 4 * 1024 * 1024);
      const stat = await system.stat(`${folder}/${file.name}`);
      if (bytes === null || createHash('sha256').update(bytes).digest('hex') !== file.sha256) throw wrong(`${file.name} does not read back as it was written`, 'COS_OEM');
      if (stat?.mode !== file.mode) throw wrong(`${file.name} does not have mode ${file.mode.toString(8)}`, 'COS_OEM');
    }
  });
};

/** Throws SlipwayError on the first thing that is not as it must be. */
export const verifyTarget = async (system: System, input: VerifyInput): Promise<void> => {
  await verifyPartitions(system, input);
  if (!input.uki) await verifyImages(system, input);
  await verifyLoader(system, input);
  await verifyKept(system, input);
};
