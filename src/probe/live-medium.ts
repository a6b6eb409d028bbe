/** Finds the medium that this live system was started from, so that it is never offered. */
import type { BootState } from '../model/facts.ts';
import { liveRootOf, parseKernelLine } from './kernel-line.ts';
import { devicesBelow } from './layers.ts';
import type { Layers } from './layers.ts';
import type { BlockDevice } from './lsblk.ts';

/** Where live systems (Kairos/dracut, live-boot, casper, archiso, Anaconda) mount their medium. */
const livePlaces: ReadonlySet<string> = new Set([
  '/run/initramfs/live',
  '/run/initramfs/isoscan',
  '/run/rootfsbase',
  '/run/live/medium',
  '/run/live/findiso',
  '/run/live/persistence',
  '/lib/live/mount/medium',
  '/run/archiso/bootmnt',
  '/run/install/repo',
  '/cdrom',
  '/isodevice',
]);

const rootTypesOfLiveSystems: ReadonlySet<string> = new Set(['overlay', 'squashfs', 'iso9660', 'erofs']);

/** Labels that only install media carry: Kairos's two kinds and Ventoy's pair of partitions. */
const mediumLabels: ReadonlySet<string> = new Set(['COS_LIVE', 'UKI_ISO_INSTALL', 'VTOYEFI', 'Ventoy']);

export interface LiveMedium {
  /** Every device that is part of it or lies below it, by kname, with the reason in words. */
  readonly devices: ReadonlyMap<string, string>;
  /** The devices that are known to carry the running system, not only to look like a medium. */
  readonly running: ReadonlySet<string>;
}

/** `links` leads from a `/dev/disk/by-*` path to a kname. */
export const findLiveMedium = (
  layers: Layers,
  options: { readonly kernelLine: string; readonly state: BootState; readonly links: ReadonlyMap<string, string> },
): LiveMedium => {
  const devices = new Map<string, string>();
  const running = new Set<string>();
  const add = (kname: string, why: string): void => {
    if (!devices.has(kname)) devices.set(kname, why);
  };
  for (const mount of layers.mounts) {
    const place = livePlaces.has(mount.point);
    const liveRoot =
      mount.point === '/' && (options.state === 'live' || (options.state === 'unknown' && rootTypesOfLiveSystems.has(mount.fstype)));
    if (!place && !liveRoot) continue;
    for (const kname of devicesBelow(mount, layers)) {
      add(kname, place ? `it holds the live medium (mounted at ${mount.point})` : 'the running live system was started from it');
      running.add(kname);
    }
  }
  const kernel = liveRootOf(parseKernelLine(options.kernelLine));
  const named = (device: BlockDevice): boolean =>
    (device.label !== null && kernel.labels.includes(device.label)) ||
    (device.uuid !== null && kernel.uuids.includes(device.uuid)) ||
    kernel.devices.some((path) => path === device.path || options.links.get(path) === device.kname);
  for (const device of layers.byName.values()) {
    // A mounted loop or mapping is only the inside of the medium; its own layers were followed above.
    if (named(device)) {
      add(device.kname, `it holds the live medium (${device.label === null ? 'named on the kernel line' : `label ${device.label}, named on the kernel line`})`);
      if (options.state === 'live') running.add(device.kname);
    } else if (device.label !== null && mediumLabels.has(device.label)) {
      add(device.kname, `it is an install medium (label ${device.label})`);
    }
  }
  return { devices, running };
};
