/** Keeps what was found inside file systems from one look to the next: looking takes seconds, a disk that is plugged in is told of at once. */
import type { Insights } from './insights.ts';
import { withAncestors } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import type { SysfsDisk } from './sysfs.ts';

/**
 * By identity of the partition. Only what was found: what was not there, or was not answered in time, is looked for again. The boot code
 * of an unfinished install is never kept, because it makes a disk need less consent and goes without a trace in the identity.
 */
export type InsightMemory = Map<string, { readonly title?: string; readonly installed?: string }>;

/** Tells a file system on one disk from every other, also from one that comes later under its name; null where that can't be told. */
export type IdentityOf = (device: BlockDevice) => string | null;

/** Made of the file system's UUID and the disk's sequence number, which is another one for every disk that comes. */
export const identities = (devices: readonly BlockDevice[], sysfs: ReadonlyMap<string, SysfsDisk> | null): IdentityOf => {
  const byName = new Map(devices.map((device) => [device.kname, device]));
  return ({ kname, uuid, size, label }) => {
    const below = withAncestors(kname, byName).flatMap((device) => device.diskseq ?? sysfs?.get(device.kname)?.diskseq ?? []);
    return uuid === null || below.length === 0 ? null : JSON.stringify([kname, uuid, size, label, below]);
  };
};

/** What is known of these devices without a look. */
export const recall = (memory: InsightMemory, devices: readonly BlockDevice[], identityOf: IdentityOf): Insights => {
  const titles = new Map<string, string>();
  const installed = new Map<string, string>();
  for (const device of devices) {
    const known = memory.get(identityOf(device) ?? '');
    if (known?.title !== undefined) titles.set(device.kname, known.title);
    if (known?.installed !== undefined) installed.set(device.kname, known.installed);
  }
  return { titles, untold: new Map(), installed, stubs: new Set() };
};

/** Takes in what a look found, and forgets what is gone. */
export const remember = (memory: InsightMemory, { titles, installed }: Insights, devices: readonly BlockDevice[], identityOf: IdentityOf): void => {
  memory.clear();
  for (const device of devices) {
    const identity = identityOf(device);
    const title = titles.get(device.kname);
    const hash = installed.get(device.kname);
    if (identity !== null && (title !== undefined || hash !== undefined)) memory.set(identity, { ...(title === undefined ? {} : { title }), ...(hash === undefined ? {} : { installed: hash }) });
  }
};
