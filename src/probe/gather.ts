/** Collects the raw texts of the machine. The only part of the probe that waits; everything else is pure. */
import type { Problem } from '../model/problem.ts';
import type { CommandResult, System } from '../system/port.ts';
import { efiFolder, secureBootVariable } from './firmware.ts';
import type { NamePlateText } from './host.ts';
import { within } from './limit.ts';
import { lsblkCommand } from './lsblk.ts';
import { ipCommand } from './nics.ts';
import type { NicText } from './nics.ts';
import { readSysfsDisk } from './sysfs.ts';
import type { SysfsDisk } from './sysfs.ts';
import type { TpmText } from './tpm.ts';

/** ms. Settling comes first, the rest runs side by side: the sum stays under 10 s. */
export const probeLimits = { settle: 3000, list: 5000, part: 3000, disk: 2000 } as const;

/** Text of lsblk's JSON for thousands of disks. Bigger is not an answer. */
const listCap = 64 * 1024 * 1024;

export interface RawMachine {
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
  readonly efi: { readonly present: boolean; readonly secureBoot: Uint8Array | null };
  readonly tpm: TpmText;
  readonly nics: readonly NicText[];
  /** Output of `ip -j addr`, or null. */
  readonly addresses: string | null;
  readonly meminfo: string | null;
  readonly cpuinfo: string | null;
  readonly namePlate: NamePlateText;
  /** Names in `/run/cos`. */
  readonly sentinels: readonly string[];
  readonly kernelLine: string;
  readonly kairosRelease: string | null;
  readonly problems: readonly Problem[];
}

/** Why a command's output can't be used, in words; null when it can. */
export const commandTrouble = (result: CommandResult): string | null => {
  if (result.missing) return 'is not installed';
  if (result.timedOut) return 'did not answer in time';
  if (result.truncated) return 'printed more than can be read';
  if (result.exitCode !== 0) return result.exitCode === null ? 'was ended by a signal' : `ended with exit code ${result.exitCode}`;
  return null;
};

/** A warning, never an error: what a missing list means is said by the verdicts, and an image file needs no disks. */
const toolProblem = (tool: string, trouble: string, hint: string): Problem => ({
  id: `probe-${tool}`,
  severity: 'warning',
  what: `${tool} ${trouble}`,
  where: tool,
  hint,
});

/** Memory disks: nobody asks for them and there are many. */
const notAsked = /^ram\d+$/;

/** Names of devices as the kernel and udev give them. Others are not followed, and never shown. */
const plainName = /^[\w.:!@+=,#%\\-]{1,255}$/;

const readOneDisk = async (system: System, kname: string): Promise<SysfsDisk> => {
  const folder = `/sys/block/${kname}`;
  const read = (name: string): Promise<string | null> => system.readText(`${folder}/${name}`);
  const only = (applies: boolean, name: string): Promise<string | null> => (applies ? read(name) : Promise.resolve(null));
  const [diskseq, removable, ro, hidden, size, holders, backingFile, nvmeTransport, cardType, raidMetadata] = await Promise.all([
    read('diskseq'),
    read('removable'),
    read('ro'),
    read('hidden'),
    read('size'),
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
 * later; `slow` is told its name.
 */
const readSysfs = async (system: System, slow: (kname: string) => void): Promise<ReadonlyMap<string, SysfsDisk> | null> => {
  const names = await system.list('/sys/block');
  if (names === null) return null;
  const read = (name: string): Promise<SysfsDisk | null> => within(system, probeLimits.disk, readOneDisk(system, name), null, () => slow(name));
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

const readNics = async (system: System): Promise<readonly NicText[]> => {
  const names = ((await system.list('/sys/class/net')) ?? []).filter((name) => plainName.test(name) && name !== 'lo' && name !== 'bonding_masters');
  return Promise.all(
    names.map(async (name) => {
      const read = (file: string): Promise<string | null> => system.readText(`/sys/class/net/${name}/${file}`);
      const [address, carrier, speed] = await Promise.all([read('address'), read('carrier'), read('speed')]);
      return { name, address, carrier, speed };
    }),
  );
};

const readTpmText = async (system: System): Promise<TpmText> => {
  const [names, versionMajor, manager] = await Promise.all([
    system.list('/sys/class/tpm'),
    system.readText('/sys/class/tpm/tpm0/tpm_version_major'),
    system.stat('/dev/tpmrm0'),
  ]);
  return { names, versionMajor, hasResourceManager: manager !== null };
};

const readNamePlateText = async (system: System): Promise<NamePlateText> => {
  const dmi = (name: string): Promise<string | null> => system.readText(`/sys/class/dmi/id/${name}`);
  const [vendor, product, serial, uuid, model, boardSerial] = await Promise.all([
    dmi('sys_vendor'),
    dmi('product_name'),
    dmi('product_serial'),
    dmi('product_uuid'),
    system.readText('/proc/device-tree/model'),
    system.readText('/proc/device-tree/serial-number'),
  ]);
  return { vendor, product: product ?? model, serial: serial ?? boardSerial, uuid };
};

const readEfi = async (system: System): Promise<RawMachine['efi']> => {
  const [names, secureBoot] = await Promise.all([system.list(efiFolder), system.readBytes(secureBootVariable)]);
  return { present: names !== null, secureBoot };
};

/** Straight after boot or hot plug, labels are missing until udev has settled. */
const settle = async (system: System, signal: AbortSignal | undefined): Promise<{ readonly udev: boolean; readonly problem: Problem | null }> => {
  if ((await system.list('/run/udev')) === null) return { udev: false, problem: null };
  const seconds = probeLimits.settle / 1000 - 1;
  const result = await system.run(['udevadm', 'settle', `--timeout=${seconds}`], {
    timeout: probeLimits.settle,
    ...(signal === undefined ? {} : { signal }),
  });
  const trouble = result.missing ? null : commandTrouble(result);
  const hint = 'labels and contents of disks may be incomplete; look again in a moment';
  return { udev: true, problem: trouble === null ? null : toolProblem('udevadm', `settle ${trouble}`, hint) };
};

/** Reads everything side by side, each part with its own time limit; what fails is a problem, never an error. */
export const gatherMachine = async (system: System, signal?: AbortSignal): Promise<RawMachine> => {
  const problems: Problem[] = [];
  const tooSlow = (what: string): void => {
    problems.push({ id: 'probe-slow', severity: 'warning', what: 'could not be read in time', where: what, hint: 'a device may be failing; see the kernel log' });
  };
  const part = <T>(what: string, work: Promise<T>, fallback: T): Promise<T> => within(system, probeLimits.part, work, fallback, () => tooSlow(what));
  const command = async (words: readonly string[], hint: string): Promise<string | null> => {
    const result = await system.run(words, { timeout: probeLimits.list, maxBytes: listCap, ...(signal === undefined ? {} : { signal }) });
    const trouble = commandTrouble(result);
    if (trouble === null) return result.stdout;
    problems.push(toolProblem(words[0] ?? '', trouble, hint));
    // lsblk ends with 32 or 64 when one device failed; what it printed of the others still counts.
    return result.exitCode === 64 && result.stdout !== '' ? result.stdout : null;
  };
  const devices = async (): Promise<Pick<RawMachine, 'lsblk' | 'sysfs' | 'links' | 'udev' | 'root' | 'mountinfo' | 'swaps'>> => {
    const { udev, problem } = await settle(system, signal);
    if (problem !== null) problems.push(problem);
    const [lsblk, sysfs, links, mountinfo, swaps] = await Promise.all([
      command(lsblkCommand, 'no disk can be chosen without it; install util-linux or see the kernel log for a failing disk'),
      part('/sys/block', readSysfs(system, (kname) => tooSlow(`/sys/block/${kname}`)), null),
      part('/dev/disk', readLinks(system), new Map<string, string>()),
      part('/proc/self/mountinfo', system.readText('/proc/self/mountinfo', 16 * 1024 * 1024), null),
      part('/proc/swaps', system.readText('/proc/swaps'), null),
    ]);
    return { lsblk, sysfs, links, mountinfo, swaps, udev, root: system.isRoot() };
  };
  const [disks, efi, tpm, nics, addresses, meminfo, cpuinfo, namePlate, sentinels, kernelLine, kairosRelease] = await Promise.all([
    devices(),
    part('/sys/firmware/efi', readEfi(system), { present: false, secureBoot: null }),
    part('/sys/class/tpm', readTpmText(system), { names: null, versionMajor: null, hasResourceManager: false }),
    part('/sys/class/net', readNics(system), []),
    command(ipCommand, 'addresses are not shown; install iproute2'),
    part('/proc/meminfo', system.readText('/proc/meminfo'), null),
    part('/proc/cpuinfo', system.readText('/proc/cpuinfo', 8 * 1024 * 1024), null),
    part('/sys/class/dmi/id', readNamePlateText(system), { vendor: null, product: null, serial: null, uuid: null }),
    part('/run/cos', system.list('/run/cos'), null),
    part('/proc/cmdline', system.readText('/proc/cmdline'), null),
    part('/etc/kairos-release', system.readText('/etc/kairos-release'), null),
  ]);
  return {
    ...disks, efi, tpm, nics, addresses, meminfo, cpuinfo, namePlate, kairosRelease, problems,
    sentinels: sentinels ?? [],
    kernelLine: (kernelLine ?? '').trim(),
  };
};
