/** From the raw texts of a machine to its facts. Pure. */
import type { Facts } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { readBootState } from './boot-state.ts';
import { judgeDisks } from './disks.ts';
import { noInsights } from './insights.ts';
import type { Insights } from './insights.ts';
import { readFirmware } from './firmware.ts';
import type { RawMachine } from './gather.ts';
import { parseCpu, parseMemory, readNamePlate } from './host.ts';
import { withLoopParents } from './layers.ts';
import type { Layers } from './layers.ts';
import { findLiveMedium } from './live-medium.ts';
import { parseLsblk } from './lsblk.ts';
import type { BlockDevice } from './lsblk.ts';
import { parseMountinfo } from './mountinfo.ts';
import { parseIpAddresses, readNic } from './nics.ts';
import { parseRelease } from './release.ts';
import { parseSwaps } from './swaps.ts';
import type { SysfsDisk } from './sysfs.ts';
import { readTpm } from './tpm.ts';
import { findVolumes } from './volumes.ts';

const linksByDevice = (links: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const [path, kname] of links) {
    const list = found.get(kname);
    if (list === undefined) found.set(kname, [path]);
    else list.push(path);
  }
  for (const list of found.values()) list.sort();
  return found;
};

const unreadable = (id: string, where: string, what: string): Problem => ({ id, severity: 'warning', what: `cannot be read or understood, so what is ${what} is not known`, where, hint: 'no disk that it tells of can be chosen; see the kernel log, and run as root' });

const isUnread = ({ size, holders }: SysfsDisk): boolean => size === null || holders === null;

const backingFilesOf = ({ sysfs }: RawMachine): ReadonlyMap<string, string> =>
  new Map([...(sysfs?.values() ?? [])].flatMap(({ kname, backingFile }) => (backingFile === null ? [] : [[kname, backingFile]])));

/** The block devices of a machine, as far as they can be read. */
export const readDevices = (raw: RawMachine): { readonly devices: readonly BlockDevice[]; readonly wrong: string | null } => {
  if (raw.lsblk === null) return { devices: [], wrong: null };
  const { devices, wrong } = parseLsblk(raw.lsblk);
  return { devices: withLoopParents(devices, backingFilesOf(raw), raw.links), wrong };
};

/** `insights`: what a look inside file systems found. */
export const factsOf = (raw: RawMachine, insights: Insights = noInsights): Facts => {
  const problems: Problem[] = [...raw.problems];
  const { devices, wrong } = readDevices(raw);
  if (wrong !== null) {
    problems.push({ id: 'probe-lsblk', severity: 'warning', what: `lsblk cannot be trusted: ${wrong}`, where: 'lsblk', hint: 'record this machine (slipway probe --record FILE) for a bug report' });
  }
  const mounts = raw.mountinfo === null ? null : parseMountinfo(raw.mountinfo);
  const swaps = raw.swaps === null ? null : parseSwaps(raw.swaps);
  if (mounts === null) problems.push(unreadable('probe-mountinfo', '/proc/self/mountinfo', 'mounted'));
  if (swaps === null) problems.push(unreadable('probe-swaps', '/proc/swaps', 'swapped on'));
  problems.push(...[...(raw.sysfs?.values() ?? [])].filter(isUnread).map(({ kname }) => unreadable('probe-sysfs', `/sys/block/${kname}`, 'of which size and held by what')));
  const { state, uki } = readBootState(raw.sentinels, raw.kernelLine);
  const byName = new Map(devices.map((device) => [device.kname, device]));
  const layers: Layers = { byName, mounts: mounts ?? [], backingFiles: backingFilesOf(raw) };
  const live = findLiveMedium(layers, { kernelLine: raw.kernelLine, state, links: raw.links });
  const disks = judgeDisks({
    devices,
    listDoubt: wrong,
    sysfs: raw.sysfs,
    mounts,
    swaps,
    live,
    links: linksByDevice(raw.links),
    // Without udev lsblk looks itself, when it may; seeing one signature shows that it could.
    signaturesKnown: raw.udev || (raw.root && devices.some((device) => device.fstype !== null || device.pttype !== null)),
    insights,
  });
  const medium =
    // Its loop devices and mappings are the inside of the medium, not the thing in the drive.
    disks.find((disk) => live.running.has(disk.kname) && !/^(?:loop|dm-|zram)/.test(disk.kname)) ??
    (state === 'live' ? disks.find((disk) => disk.reasons.some(({ id }) => id === 'live-medium')) : undefined);
  const addresses = raw.addresses === null ? null : parseIpAddresses(raw.addresses);
  return {
    disks,
    volumes: findVolumes(devices, live),
    firmware: readFirmware(raw.efi.present, raw.efi.secureBoot),
    tpm: readTpm(raw.tpm),
    nics: raw.nics.map((nic) => readNic(nic, addresses?.get(nic.name) ?? [])),
    memory: parseMemory(raw.meminfo ?? ''),
    cpu: parseCpu(raw.cpuinfo ?? ''),
    system: readNamePlate(raw.namePlate),
    boot: { state, uki, liveMedium: medium?.path ?? null },
    kairos: parseRelease(raw.kairosRelease ?? ''),
    kernelLine: raw.kernelLine,
    problems,
  };
};
