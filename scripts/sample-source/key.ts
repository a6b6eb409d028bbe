/** What a built sample source depends on, as one hash: when it is equal, the tree is not built again. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostPrograms } from './packages.ts';

/** What marks a boot as good: the same program as in images with the overlay. */
export const bootMarker = join(import.meta.dirname, '../../iso-overlay/rootfs/usr/lib/slipway/boot-assessment');

/**
 * SHA-256 over this folder (names and content), the boot marker and the host programs that are copied. The kernel and
 * gojq are not part of it: asking apt for their newest versions would cost more than the whole check,
 * so those of the last build stay until `--fresh`.
 */
export async function inputKey(): Promise<string> {
  const here = import.meta.dirname;
  const hash = createHash('sha256');
  const names = (await readdir(here, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...names, bootMarker, ...Object.values(hostPrograms)]) {
    hash.update(`${file.startsWith(here) ? file.slice(here.length) : file}\0`);
    hash.update(
      createHash('sha256')
        .update(await readFile(file))
        .digest(),
    );
  }
  return hash.digest('hex');
}
