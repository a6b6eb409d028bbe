/** What a disk is known by. Pure. */
import type { Disk } from './facts.ts';
import type { DiskIdentity } from './plan.ts';

/** The identity that a plan carries and that is compared again right before the first write. */
export const identityOf = (disk: Disk): DiskIdentity => ({
  kname: disk.kname,
  serial: disk.serial,
  wwn: disk.wwn,
  size: disk.size,
  diskseq: disk.diskseq,
  byId: disk.links.filter((link) => link.startsWith('/dev/disk/by-id/')).toSorted(),
});
