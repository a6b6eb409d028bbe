/** Plugs drives into a running machine, and pulls them out. */
import type { Machine } from './machine.ts';

export interface PluggedDisk {
  readonly file: string;
  /** At most 20 characters; also what the drive is called here. */
  readonly serial: string;
  /** Where a write fails: number of the 512-byte sector. */
  readonly badSector?: number;
}

const blockNode = async (machine: Machine, name: string, file: string, badSector?: number): Promise<void> => {
  const plain = { driver: 'file', filename: file, discard: 'unmap' };
  const bad = { driver: 'blkdebug', image: plain, 'inject-error': [{ event: 'none', iotype: 'write', sector: badSector, errno: 5, once: false }] };
  // Nothing here outlives a crash of the host, so no flush needs to reach its disk.
  await machine.qmp('blockdev-add', { driver: 'raw', 'node-name': name, cache: { direct: false, 'no-flush': true }, discard: 'unmap', file: badSector === undefined ? plain : bad });
};

/** A disk, into the PCIe port `port` that the machine was started with. */
export const plugDisk = async (machine: Machine, disk: PluggedDisk, port: string): Promise<void> => {
  const name = disk.serial.toLowerCase();
  await blockNode(machine, name, disk.file, disk.badSector);
  await machine.qmp('device_add', { driver: 'virtio-blk-pci', id: `dev-${name}`, drive: name, bus: port, serial: disk.serial });
};

/** A data volume, as the second USB medium that a PiKVM offers: writable, removable. */
export const plugData = async (machine: Machine, file: string): Promise<void> => {
  await blockNode(machine, 'data', file);
  await machine.qmp('device_add', { driver: 'usb-storage', id: 'dev-data', drive: 'data', bus: 'xhci.0', removable: true, serial: 'PIKVM-DATA' });
};

/** QEMU arguments for the same data volume, there from the start. */
export const dataArguments = (file: string): string[] => [
  ...['-drive', `if=none,id=data,format=raw,cache=unsafe,file=${file}`],
  ...['-device', 'usb-storage,bus=xhci.0,drive=data,removable=on,serial=PIKVM-DATA'],
];
