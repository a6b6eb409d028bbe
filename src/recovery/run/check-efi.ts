/** Checks the EFI partition with dosfstools: a FAT file system, which e2fsck knows nothing of. */
import { mustRun } from '../../engine/command.ts';
import { labelOf } from '../node.ts';
import type { NodePartition } from '../node.ts';
import type { ActionContext } from './context.ts';
import type { Repair } from './file-systems.ts';

/** Of a partition inside an image file a copy is checked, in memory. bytes */
const biggestCopy = 512 * 1024 * 1024;

export type EfiCheck = { readonly result: Repair } | { readonly why: string };

/** `-a` mends by itself what loses nothing: a dirty mark, a lost cluster, the other FAT. Then a second look tells whether it is whole. */
const checkFile = async ({ system, signal }: ActionContext, path: string): Promise<EfiCheck> => {
  const run = async (flag: string) => {
    const result = await system.run(['fsck.vfat', flag, path], { timeout: 0, signal, maxBytes: 1024 * 1024 });
    signal.throwIfAborted();
    return result;
  };
  const first = await run('-n');
  if (first.missing) return { why: 'fsck.vfat is not installed (dosfstools)' };
  if (first.exitCode === 0) return { result: 'clean' };
  await run('-a');
  return { result: (await run('-n')).exitCode === 0 ? 'repaired' : 'failed' };
};

/** Checks and mends it; `why`: what kept it from being looked at. */
export const checkEfi = async (context: ActionContext, partition: NodePartition): Promise<EfiCheck> => {
  const { system, signal } = context;
  const label = labelOf[partition.name];
  if (partition.mountpoint !== null) return { why: 'in use' };
  if (partition.fstype !== 'vfat') return { result: 'failed' };
  if (context.node.kind !== 'image' && partition.offset === 0) return checkFile(context, partition.path);
  if (partition.size > biggestCopy) return { why: 'too big to be checked inside a whole disk' };
  const folder = await system.memoryDirectory('efi');
  const [copy, bytes] = [`${folder}/efi`, ['iflag=skip_bytes,count_bytes', 'bs=1M', 'status=none', `count=${partition.size}`]];
  try {
    await mustRun(system, `read ${label}`, ['dd', `if=${partition.path}`, `of=${copy}`, `skip=${partition.offset}`, ...bytes], { signal });
    const checked = await checkFile(context, copy);
    // Only what is whole afterwards goes back.
    if ('result' in checked && checked.result === 'repaired') await mustRun(system, `write ${label}`, ['dd', `if=${copy}`, `of=${partition.path}`, 'bs=1M', `seek=${partition.offset}`, 'oflag=seek_bytes', 'conv=notrunc,fsync', 'status=none'], { signal });
    return checked;
  } finally {
    await system.remove(folder);
  }
};
