/** Where the system image is made: in memory when it fits there, beside an image file as target otherwise. Nothing secret is in it. */
import { dirname } from 'node:path';
import { SlipwayError } from '../../model/problem.ts';
import type { InstallPlan } from '../../model/plan.ts';
import type { System } from '../../system/port.ts';

/** A tmpfs takes half of the memory by default; the image shall not fill it. */
const usableShare = 0.4;

/** Bytes that programs can still have (`MemAvailable`, proc(5)). */
const availableMemory = async (system: System): Promise<number> => {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec((await system.readText('/proc/meminfo')) ?? '');
  return Number(match?.[1] ?? 0) * 1024;
};

/** Returns a directory with room for the image, removed on every way out. Throws SlipwayError when there is none. */
export const imageDirectory = async (system: System, plan: InstallPlan): Promise<string> => {
  const path = plan.source.uri.slice(plan.source.uri.indexOf(':') + 1);
  // A squashfs file is taken as it is: only kernel and initrd are unpacked.
  const isImage = plan.source.kind === 'file' && path.endsWith('.squashfs');
  // An archive is unpacked first: its layers, the tree and the image lie there for a moment.
  const needed = isImage ? 256 * 1024 ** 2 : plan.source.size * (plan.source.kind === 'ocifile' ? 2 : 1);
  if (needed <= usableShare * (await availableMemory(system))) return system.memoryDirectory('image');
  if (plan.target.kind === 'image') {
    const directory = `${dirname(plan.target.path)}/.slipway-image-${plan.hash.slice(0, 12)}`;
    await system.remove(directory);
    await system.makeDirectory(directory, 0o700);
    system.cleanup.add(`remove ${directory}`, () => system.remove(directory));
    return directory;
  }
  throw new SlipwayError({
    id: 'memory-too-small',
    severity: 'error',
    what: `${Math.ceil(needed / 1024 ** 2)} MiB of source do not fit into the memory that is free to make an image in`,
    where: plan.source.uri,
    hint: 'name the squashfs of the medium itself (file:/run/initramfs/live/rootfs.squashfs), or add memory',
  });
};
