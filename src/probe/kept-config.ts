/** Finds the configuration that an installed system keeps on COS_OEM, without mounting anything. */
import type { System } from '../system/port.ts';
import { catCommand } from './debugfs.ts';

/** Bigger than any configuration that Slipway takes. */
const largest = 4 * 1024 * 1024;
const patience = 4000;

/** Names in the output of debugfs's `ls -p`: `/inode/mode/uid/gid/name/size/`. */
export const parseDebugfsList = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const match = /^\/\d+\/\d+\/\d+\/\d+\/(.*)\/\d*\/$/.exec(line);
    return match?.[1] === undefined || match[1] === '' ? [] : [match[1]];
  });

/**
 * SHA-256 (hex) of the newest kept configuration (`90_custom.yaml`; the highest `9N_custom.yaml` where there are more).
 * `device` is a disk image file with the partition's `offset` (bytes), or a partition with offset 0. null when there is none, when it
 * can't be read (encrypted, damaged, no debugfs), or when it is empty.
 */
export const readKeptConfigSha256 = async (system: System, device: string, offset: number): Promise<string | null> => {
  const where = offset === 0 ? device : `${device}?offset=${offset}`;
  const listing = await system.run(['debugfs', '-R', 'ls -p /', where], { timeout: patience, maxBytes: 1024 * 1024 });
  if (listing.exitCode !== 0) return null;
  const name = parseDebugfsList(listing.stdout)
    .filter((entry) => /^9\d_custom\.yaml$/.test(entry))
    .toSorted()
    .at(-1);
  if (name === undefined) return null;
  const content = await system.run(catCommand(`/${name}`, device, offset === 0 ? undefined : offset), { timeout: patience, maxBytes: largest });
  if (content.exitCode !== 0 || content.truncated || content.stdout === '') return null;
  // Loaded here: most disks hold no install, and every look would pay for it.
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(content.stdout, 'utf8').digest('hex');
};
