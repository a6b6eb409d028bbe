/** Makes targets. Nothing else may: a destructive call takes only what comes from here. */
import { identityOf } from '../model/disk-identity.ts';
import type { Disk, ImageFileFacts } from '../model/facts.ts';
import type { DiskTarget } from '../model/plan.ts';

const gib = (bytes: number): string => (bytes < 1024 ** 3 ? `${Math.ceil(bytes / 1024 ** 2)} MiB` : `${(bytes / 1024 ** 3).toFixed(2)} GiB`);

/** What a person tells a disk by: path, model, size, serial number. */
export const describeDisk = (disk: Disk): string =>
  [disk.path, disk.model, gib(disk.size), disk.serial === null ? null : `serial ${disk.serial}`].filter((part) => part !== null).join(', ');

/** For a disk that the planner accepted. */
export const deviceTarget = (disk: Disk): DiskTarget & { readonly kind: 'device' } =>
  ({
    kind: 'device',
    path: disk.path,
    identity: identityOf(disk),
  }) as unknown as DiskTarget & { readonly kind: 'device' };

/** For `--target-image`; `size` in bytes. */
export const imageTarget = (image: ImageFileFacts, size: number): DiskTarget =>
  ({ kind: 'image', path: image.path, size }) as unknown as DiskTarget;
