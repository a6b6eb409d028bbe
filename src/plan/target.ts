/** Makes targets. Nothing else may: a destructive call takes only what comes from here. */
import type { Disk, ImageFileFacts } from '../model/facts.ts';
import type { DiskTarget } from '../model/plan.ts';

/** For a disk that the planner accepted. */
export const deviceTarget = (disk: Disk): DiskTarget =>
  ({
    kind: 'device',
    path: disk.path,
    identity: {
      kname: disk.kname,
      serial: disk.serial,
      wwn: disk.wwn,
      size: disk.size,
      diskseq: disk.diskseq,
      byId: disk.links.filter((link) => link.startsWith('/dev/disk/by-id/')).toSorted(),
    },
  }) as unknown as DiskTarget;

/** For `--target-image`; `size` in bytes. */
export const imageTarget = (image: ImageFileFacts, size: number): DiskTarget =>
  ({ kind: 'image', path: image.path, size }) as unknown as DiskTarget;
