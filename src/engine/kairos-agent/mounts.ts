/** A partition mounted for a moment, in a folder of ours, unmounted on every way out. */
import { mustRun } from '../command.ts';
import type { System } from '../../system/port.ts';

/**
 * Mounts `device` on a new folder in /run while `work` runs. `options` as for `mount -o`. Throws SlipwayError. The folder goes by rmdir
 * alone: should the file system be stuck on it, nothing of it is deleted.
 */
export const withMount = async <T>(system: System, device: string, options: string, work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = `/run/slipway-mount-${Buffer.from(system.randomBytes(6)).toString('hex')}`;
  await system.makeDirectory(folder, 0o700);
  const removeFolder = system.cleanup.add(`remove ${folder}`, async () => {
    await system.run(['rmdir', folder]);
  });
  let unmount: (() => Promise<void>) | null = null;
  try {
    await mustRun(system, `mount ${device}`, ['mount', '-o', `nosuid,nodev,noexec,${options}`, device, folder], { timeout: 60_000 });
    unmount = system.cleanup.add(`unmount ${device}`, async () => {
      await mustRun(system, `unmount ${device}`, ['umount', folder], { timeout: 120_000 });
    });
    return await work(folder);
  } finally {
    await unmount?.();
    await removeFolder();
  }
};
