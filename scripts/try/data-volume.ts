import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const names = ['user-data', 'installer-data', 'meta-data'];

/**
 * Makes `image`, a real data volume: iso9660 with the label `cidata`, as a provisioning server or a KVM's virtual
 * medium would offer it. Left alone when it is newer than the files in `folder`.
 *
 * @throws Error with xorriso's words when it fails
 */
export function makeDataVolume(folder: string, image: string): void {
  const files = names.map((name) => join(folder, name));
  const made = statSync(image, { throwIfNoEntry: false });
  if (made !== undefined && files.every((file) => statSync(file).mtimeMs < made.mtimeMs)) return;
  const { status, stderr, error } = spawnSync('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'cidata', '-J', '-R', '-o', image, ...files], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`xorriso could not make ${image}: ${error?.message ?? stderr}`);
}
