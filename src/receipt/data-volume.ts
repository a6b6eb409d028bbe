/** Puts a receipt on the data volume: writable only for this moment, after the audit. */
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';

export interface ReceiptVolume {
  readonly path: string;
  readonly fstype: string;
}

/** ms; a slow stick */
const timeout = 60_000;

const fail = (what: string, volume: ReceiptVolume): SlipwayError =>
  new SlipwayError({ id: 'receipt-not-written', severity: 'warning', what, where: volume.path, hint: 'it is in /run/slipway of the live system too' });

/** Writes `name` into the volume's root and returns where it is. Never replaces a file. Throws SlipwayError. */
export const writeToVolume = async (system: System, volume: ReceiptVolume, name: string, text: string): Promise<string> => {
  if (volume.fstype === 'directory') {
    await system.writeFile(`${volume.path}/${name}`, text, { mode: 0o644, exclusive: true });
    return `${volume.path}/${name}`;
  }
  const scratch = await system.memoryDirectory('receipt');
  const mounted = await system.run(['mount', '-t', volume.fstype, '-o', 'rw,nosuid,nodev,noexec', volume.path, scratch], { timeout });
  if (mounted.exitCode === 0) {
    const unmount = system.cleanup.add(`unmount ${volume.path}`, async () => {
      const result = await system.run(['umount', scratch], { timeout });
      if (result.exitCode !== 0) throw fail('the data volume could not be unmounted', volume);
    });
    try {
      await system.writeFile(`${scratch}/${name}`, text, { mode: 0o644, exclusive: true });
    } finally {
      await unmount();
    }
    return `${volume.path}:/${name}`;
  }
  // A kernel without the file system, as in a small live system: the mtools know FAT by themselves.
  if (volume.fstype !== 'vfat') throw fail(`it could not be mounted for writing (${volume.fstype})`, volume);
  // mcopy would ask whether to replace it, and there may be nobody to answer.
  const there = await system.run(['mdir', '-b', '-i', volume.path, `::/${name}`], { timeout });
  if (there.exitCode === 0) throw fail(`${name} is there already and is not replaced`, volume);
  const copy = `${scratch}/${name}`;
  await system.writeFile(copy, text, { mode: 0o600 });
  const copied = await system.run(['mcopy', '-n', '-i', volume.path, copy, `::/${name}`], { timeout });
  if (copied.exitCode !== 0) throw fail('mcopy could not write it', volume);
  await system.run(['sync', volume.path], { timeout });
  return `${volume.path}:/${name}`;
};
