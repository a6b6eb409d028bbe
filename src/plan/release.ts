/**
 * What holds a disk and can be let go of: mounts and swap that the running system does not stand on. Arrays, volume groups and open
 * encrypted volumes are left to whoever set them up. Pure; only a person asks for it, and nothing but the console does.
 */
import { refusedReasons } from '../model/facts.ts';
import type { Disk, DiskUse } from '../model/facts.ts';

const isRefusal = (id: string): boolean => (refusedReasons as readonly string[]).includes(id);

/** Where the running system itself lies. What is mounted on one of these, or below, is not unmounted. */
const systemPlaces = [
  '/bin', '/boot', '/dev', '/efi', '/etc', '/home', '/lib', '/lib64', '/oem', '/opt', '/proc', '/root', '/sbin', '/srv', '/sys', '/system', '/tmp', '/usr', '/var',
  '/run/initramfs', '/run/rootfsbase', '/run/overlayfs',
];

const isSystemPlace = (point: string): boolean => point === '/' || systemPlaces.some((place) => point === place || point.startsWith(`${place}/`));

const depth = (point: string): number => point.split('/').length;

/**
 * What would have to be undone for the disk to be free, in order: swap first, then mounts from the deepest. null when there is nothing, when
 * something else speaks against the disk too, or when the running system needs it.
 */
export const planRelease = (disk: Disk): readonly DiskUse[] | null => {
  const uses = disk.uses ?? [];
  const others = disk.reasons.filter(({ id }) => isRefusal(id) && id !== 'mounted' && id !== 'swap');
  if (uses.length === 0 || others.length > 0 || uses.some(({ kind, point }) => kind === 'mount' && isSystemPlace(point))) return null;
  return [
    ...uses.filter(({ kind }) => kind === 'swap'),
    // The kernel's list is in the order of mounting: of two on one place the later one goes first.
    ...uses.filter(({ kind }) => kind === 'mount').toReversed().toSorted((left, right) => depth(right.point) - depth(left.point)),
  ];
};

/** One of them in words: `unmount /mnt/a (/dev/sdb1)`. */
export const releaseText = ({ kind, device, point }: DiskUse): string => (kind === 'swap' ? `switch swap off on ${device}` : `unmount ${point} (${device})`);
