/**
 * What lies on what: from a path or a device number down to the devices that hold it, through overlays, loop
 * devices and device-mapper.
 */
import { withAncestors } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import { lowerLayers, mountOf } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';

export interface Layers {
  readonly byName: ReadonlyMap<string, BlockDevice>;
  readonly mounts: readonly Mount[];
  /** Backing file of each loop device, by kname. */
  readonly backingFiles: ReadonlyMap<string, string>;
}

/**
 * The devices with the loop devices put on what they lie on, where that is a device itself: neither lsblk nor `holders` tells. A loop over
 * a file is followed by its mount instead. `links` leads from a `/dev/disk/by-*` path to a kname.
 */
export const withLoopParents = (devices: readonly BlockDevice[], backingFiles: ReadonlyMap<string, string>, links: ReadonlyMap<string, string>): readonly BlockDevice[] => {
  const byPath = new Map(devices.flatMap(({ path, kname }) => [[path, kname], [`/dev/${kname.replaceAll('!', '/')}`, kname]] as const));
  const parents = new Map<string, string>();
  for (const [loop, file] of backingFiles) {
    const below = byPath.get(file) ?? links.get(file);
    if (below !== undefined && below !== loop) parents.set(loop, below);
  }
  const over = (kname: string): readonly string[] => [...parents].flatMap(([loop, below]) => (below === kname ? [loop] : []));
  return devices.map((device) => {
    const parent = parents.get(device.kname);
    const above = over(device.kname);
    return parent === undefined && above.length === 0 ? device : { ...device, parents: [...device.parents, ...(parent === undefined ? [] : [parent])], children: [...device.children, ...above] };
  });
};

const deviceOfMount = (mount: Mount, { byName }: Layers): BlockDevice | undefined => {
  for (const device of byName.values()) {
    if (device.majMin === mount.majMin) return device;
  }
  // btrfs and some others mount under an anonymous number; their source names the device.
  for (const device of byName.values()) {
    if (device.path === mount.source || `/dev/${device.kname}` === mount.source) return device;
  }
  return undefined;
};

/** All devices below a mount, however many layers down. Each layer is entered once, so circles end. */
export const devicesBelow = (start: Mount, layers: Layers): ReadonlySet<string> => {
  const found = new Set<string>();
  const seen = new Set<Mount>();
  const waiting: Mount[] = [start];
  const enter = (path: string): void => {
    const mount = mountOf(path, layers.mounts);
    if (mount !== null && !seen.has(mount)) waiting.push(mount);
  };
  for (let mount = waiting.pop(); mount !== undefined; mount = waiting.pop()) {
    if (seen.has(mount)) continue;
    seen.add(mount);
    for (const path of lowerLayers(mount)) enter(path);
    const device = deviceOfMount(mount, layers);
    if (device === undefined) continue;
    for (const below of withAncestors(device.kname, layers.byName)) {
      found.add(below.kname);
      const file = layers.backingFiles.get(below.kname);
      if (file !== undefined) enter(file);
    }
  }
  return found;
};
