/** After a failure: the disk is let go of and left so that it neither boots nor looks finished. */
import type { System } from '../../system/port.ts';
import type { HoldBack } from './hold-back.ts';
import { withMount } from './mounts.ts';
import { releaseDisk } from './stop.ts';
import { putMark, readTable, writeMarkedTable } from './target-table.ts';

/** False where the disk was just being emptied: no GPT, or one that is none of the agent's. Throws SlipwayError when it cannot be read. */
const hasPartitionOne = async (system: System, disk: string): Promise<boolean> => {
  const { stdout } = await system.run(['blkid', '--probe', '--output', 'value', '--match-tag', 'PTTYPE', disk], { timeout: 30_000 });
  return stdout.trim() === 'gpt' && (await readTable(system, disk)).some(({ number }) => number === 1);
};

/**
 * Tries everything, throws nothing. Returns what the disk is like now, in words, and what could not be done.
 * `disk` is `/dev/vda`, `kname` the kernel's name.
 */
export const secureUnfinished = async (
  system: System,
  given: { readonly disk: string; readonly kname: string; readonly holdBack: HoldBack; readonly firmware: 'bios' | 'uefi' },
): Promise<{ readonly text: string; readonly failed: readonly string[] }> => {
  const { disk, kname, holdBack, firmware } = given;
  const failed: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  failed.push(...(await releaseDisk(system, kname)));
  await attempt('boot code', () => holdBack.holdBios());
  await attempt('unfinished mark', async () => {
    if (await hasPartitionOne(system, disk)) return putMark(system, disk);
    await writeMarkedTable(system, disk);
    // A new table takes the boot code with it.
    await holdBack.holdBios();
  });
  if (firmware === 'uefi') {
    await attempt('UEFI boot loader', async () => {
      const first = (await readTable(system, disk)).find((partition) => partition.number === 1);
      const { stdout } = first === undefined ? { stdout: '' } : await system.run(['blkid', '--probe', '--output', 'value', '--match-tag', 'TYPE', first.path], { timeout: 30_000 });
      if (first !== undefined && stdout.trim() === 'vfat') await withMount(system, first.path, 'rw', (folder) => holdBack.holdUefi(folder));
    });
  }
  await system.run(['sync'], { timeout: 120_000 });
  const text = failed.length === 0 ? 'the disk carries the unfinished mark and does not boot' : 'the disk is half written; it could not be made sure that it does not boot';
  return { text, failed };
};
