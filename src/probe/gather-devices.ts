/** Collects what is told of block devices: lsblk, sysfs, links, mounts and swaps, as they are at one moment. */
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { commandTrouble, createAsker, probeLimits, toolProblem } from './asker.ts';
import type { Asker } from './asker.ts';
import { steadyClock } from './limit.ts';
import { lsblkCommand } from './lsblk.ts';
import { readSysfsDisk } from './sysfs.ts';
import type { SysfsDisk } from './sysfs.ts';

export interface RawDevices {
  /** lsblk's output, or null when there is none to use. */
  readonly lsblk: string | null;
  readonly sysfs: ReadonlyMap<string, SysfsDisk> | null;
  readonly mountinfo: string | null;
  readonly swaps: string | null;
  /** `/dev/disk/by-*` path to kname */
  readonly links: ReadonlyMap<string, string>;
  /** udev keeps its database here: lsblk knows what is on the disks. */
  readonly udev: boolean;
  readonly root: boolean;
}

/** Memory disks: nobody asks for them and there are many. */
const notAsked = /^ram\d+$/;

/** Names of devices as the kernel and udev give them. Others are not followed, and never shown. */
export const plainName = /^[\w.:!@+=,#%\\-]{1,255}$/;

/** Devices that are there whether used or not, by the dozen. */
const spare = /^(?:loop|nbd|zram)\d+$/;

/** `/proc/swaps`; a kernel that was built without swap has none, and says so by what `/proc` lists. null when it cannot be read. */
const readSwaps = async (system: System): Promise<string | null> => {
  const text = await system.readText('/proc/swaps');
  if (text !== null) return text;
  const listed = await system.list('/proc');
  return listed !== null && listed.includes('self') && !listed.includes('swaps') ? 'Filename\n' : null;
};

const readOneDisk = async (system: System, kname: string): Promise<SysfsDisk> => {
  const folder = `/sys/block/${kname}`;
  const read = (name: string): Promise<string | null> => system.readText(`${folder}/${name}`);
  const only = (applies: boolean, name: string): Promise<string | null> => (applies ? read(name) : Promise.resolve(null));
  const size = await read('size');
  if (spare.test(kname) && size?.trim() === '0') return readSysfsDisk(kname, { size, holders: [] });
  const [diskseq, removable, ro, hidden, holders, backingFile, nvmeTransport, cardType, raidMetadata] = await Promise.all([
    read('diskseq'),
    read('removable'),
    read('ro'),
    read('hidden'),
    system.list(`${folder}/holders`),
    only(kname.startsWith('loop'), 'loop/backing_file'),
    only(kname.startsWith('nvme'), 'device/transport'),
    only(kname.startsWith('mmcblk'), 'device/type'),
    only(kname.startsWith('md'), 'md/metadata_version'),
  ]);
  return readSysfsDisk(kname, { diskseq, removable, ro, hidden, size, holders, backingFile, nvmeTransport, cardType, raidMetadata });
};

/**
 * What sysfs says of each disk; null when `/sys/block` can't be read. A disk that doesn't answer is left out, and so is refused
 * later.
 */
const readSysfs = async (system: System, asker: Asker, names: readonly string[] | null): Promise<ReadonlyMap<string, SysfsDisk> | null> => {
  if (names === null) return null;
  const read = (name: string): Promise<SysfsDisk | null> => asker.part<SysfsDisk | null>(`/sys/block/${name}`, readOneDisk(system, name), null, probeLimits.disk);
  const disks = await Promise.all(names.filter((name) => plainName.test(name) && !notAsked.test(name)).map(read));
  return new Map(disks.flatMap((disk) => (disk === null ? [] : [[disk.kname, disk]])));
};

/** `/dev/disk/by-*` links to the kname that each leads to. */
export const readLinks = async (system: System): Promise<ReadonlyMap<string, string>> => {
  const folders = (await system.list('/dev/disk')) ?? [];
  const found = await Promise.all(
    folders
      .filter((folder) => folder.startsWith('by-'))
      .map(async (folder) => {
        const names = ((await system.list(`/dev/disk/${folder}`)) ?? []).filter((name) => plainName.test(name));
        return Promise.all(
          names.map(async (name) => {
            const path = `/dev/disk/${folder}/${name}`;
            return [path, await system.readLink(path)] as const;
          }),
        );
      }),
  );
  return new Map(
    found.flat().flatMap(([path, target]) => (target?.startsWith('/dev/') === true ? [[path, target.slice('/dev/'.length).replaceAll('/', '!')]] : [])),
  );
};

/** udev is at work: it keeps one of these files while events wait (systemd `udev_queue_is_empty`; the second: older ones and eudev). */
const isBusy = async (system: System): Promise<boolean> =>
  (await Promise.all(['/run/udev/queue', '/run/udev/queue.bin'].map((path) => system.stat(path)))).some((stat) => stat !== null);

/** Straight after boot or hot plug, labels are missing until udev has settled. */
const settle = async (asker: Asker): Promise<void> => {
  const seconds = Math.max(1, probeLimits.settle / 1000 - 1);
  const result = await asker.run(['udevadm', 'settle', `--timeout=${seconds}`], probeLimits.settle);
  const trouble = result.missing ? null : commandTrouble(result);
  if (trouble !== null) asker.add(toolProblem('udevadm', `settle ${trouble}`, 'labels and contents of disks may be incomplete; look again in a moment'));
};

/** ms since the begin after which nothing is read once more. */
const againUntil = 1500;

/** ms between two readings */
const pause = 50;

/** What is asked first: whether udev is there and at rest, and which disks the kernel has. Everything else waits for it. */
export interface DevicesBegun {
  readonly udev: boolean;
  readonly names: readonly string[] | null;
  readonly asker: Asker;
}

/** `until`: when the last answer is waited for, by `steadyClock`. */
export const beginDevices = async (system: System, signal: AbortSignal | undefined, until: number): Promise<DevicesBegun> => {
  const asker = createAsker(system, signal, until);
  const [udev, busy] = await Promise.all([asker.part('/run/udev', system.list('/run/udev'), null, probeLimits.udev), asker.part('/run/udev/queue', isBusy(system), false, probeLimits.udev)]);
  if (udev !== null && busy) await settle(asker);
  return { udev: udev !== null, names: await asker.part('/sys/block', system.list('/sys/block'), null), asker };
};

/** One reading, and whether the machine stood still for it. */
const readOnce = async (system: System, { udev, names, asker }: DevicesBegun): Promise<{ readonly devices: RawDevices; readonly changed: boolean }> => {
  const [lsblk, sysfs, links, mountinfo, swaps] = await Promise.all([
    asker.command(lsblkCommand, 'no disk can be chosen without it; install util-linux or see the kernel log for a failing disk'),
    asker.part('/sys/block', readSysfs(system, asker, names), null),
    asker.part('/dev/disk', readLinks(system), new Map<string, string>()),
    asker.part('/proc/self/mountinfo', system.readText('/proc/self/mountinfo', 16 * 1024 * 1024), null),
    asker.part('/proc/swaps', readSwaps(system), null),
  ]);
  // What could not be listed before is not waited for again.
  const [after, busy] = await Promise.all([names === null ? null : asker.part('/sys/block', system.list('/sys/block'), names), udev ? asker.part('/run/udev/queue', isBusy(system), false, probeLimits.udev) : false]);
  return { devices: { lsblk, sysfs, links, mountinfo, swaps, udev, root: system.isRoot() }, changed: String(names) !== String(after) || busy };
};

/**
 * Reads it all; once more when a disk came or went meanwhile (it is on one list and not on the other, as happens right after boot) or
 * udev was at work on what was read.
 */
export const gatherDevices = async (system: System, signal: AbortSignal | undefined, first: DevicesBegun): Promise<RawDevices & { readonly problems: readonly Problem[] }> => {
  const begin = steadyClock();
  for (let begun = first; ; begun = await beginDevices(system, signal, first.asker.until)) {
    const { devices, changed } = await readOnce(system, begun);
    if (!changed || steadyClock() - begin > againUntil || signal?.aborted === true) return { ...devices, problems: begun.asker.problems };
    await system.sleep(pause, signal).catch(() => undefined);
  }
};
