/** A partition mounted for a moment, in a folder of ours, unmounted on every way out. */
import { mustRun } from '../command.ts';
import type { System } from '../../system/port.ts';

/** Mounts `device` below a memory-backed folder while `work` runs. `options` as for `mount -o`. Throws SlipwayError. */
export const withMount = async <T>(system: System, device: string, options: string, work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await system.memoryDirectory('mount');
  await mustRun(system, `mount ${device}`, ['mount', '-o', `nosuid,nodev,noexec,${options}`, device, folder], { timeout: 60_000 });
  const unmount = system.cleanup.add(`unmount ${device}`, async () => {
    await mustRun(system, `unmount ${device}`, ['umount', folder], { timeout: 120_000 });
  });
  try {
    return await work(folder);
  } finally {
    await unmount();
    await system.run(['rmdir', folder]);
  }
};
