/** Collects the raw texts of the machine. With `gather-devices.ts` the only part of the probe that waits; everything else is pure. */
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { createAsker, probeLimits } from './asker.ts';
import { efiFolder, secureBootVariable } from './firmware.ts';
import { beginDevices, gatherDevices, plainName } from './gather-devices.ts';
import type { RawDevices } from './gather-devices.ts';
import type { NamePlateText } from './host.ts';
import { steadyClock } from './limit.ts';
import type { NicText } from './nics.ts';
import type { TpmText } from './tpm.ts';

export interface RawMachine extends RawDevices {
  readonly efi: { readonly present: boolean; readonly secureBoot: Uint8Array | null };
  readonly tpm: TpmText;
  readonly nics: readonly NicText[];
  /** As `ip -j addr` prints them, or null. */
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

/** Reads everything side by side, each part with its own time limit; what fails is a problem, never an error. */
export const gatherMachine = async (system: System, signal?: AbortSignal): Promise<RawMachine> => {
  const until = steadyClock() + probeLimits.outside;
  const begun = await beginDevices(system, signal, until);
  const asker = createAsker(system, signal, until);
  const [disks, efi, tpm, nics, addresses, meminfo, cpuinfo, namePlate, sentinels, kernelLine, kairosRelease] = await Promise.all([
    gatherDevices(system, signal, begun),
    asker.part('/sys/firmware/efi', readEfi(system), { present: false, secureBoot: null }),
    asker.part('/sys/class/tpm', readTpmText(system), { names: null, versionMajor: null, hasResourceManager: false }),
    asker.part('/sys/class/net', readNics(system), []),
    asker.part('network addresses', system.addresses(), null),
    asker.part('/proc/meminfo', system.readText('/proc/meminfo'), null),
    asker.part('/proc/cpuinfo', system.readText('/proc/cpuinfo', 8 * 1024 * 1024), null),
    asker.part('/sys/class/dmi/id', readNamePlateText(system), { vendor: null, product: null, serial: null, uuid: null }),
    asker.part('/run/cos', system.list('/run/cos'), null),
    asker.part('/proc/cmdline', system.readText('/proc/cmdline'), null),
    asker.part('/etc/kairos-release', system.readText('/etc/kairos-release'), null),
  ]);
  if (addresses === null) asker.add({ id: 'probe-ip', severity: 'warning', what: 'cannot be read', where: 'network addresses', hint: 'they are not shown; look at them with ip addr' });
  return {
    ...disks, efi, tpm, nics, addresses, meminfo, cpuinfo, namePlate, kairosRelease,
    problems: [...disks.problems, ...asker.problems],
    sentinels: sentinels ?? [],
    kernelLine: (kernelLine ?? '').trim(),
  };
};
