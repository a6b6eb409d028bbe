/** What a disk starts: its system, or nothing, as the firmware says it. */
import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Machine } from './machine.ts';

export interface BootsOptions {
  readonly firmware?: 'bios' | 'uefi';
  /** What the disk is called; an installed system does not care. */
  readonly serial?: string;
  readonly memory?: number;
  /** Writes stay on the disk. Default: they are lost with the machine. */
  readonly keeps?: boolean;
  readonly args?: readonly string[];
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface Boots {
  /** The system's marker, why it cannot start, or `nothing to boot`. */
  readonly said: string;
  /** Everything on the serial line. */
  readonly text: string;
  /** BIOS: what is on the screen where there is nothing to boot. Boot code prints there, and only there. */
  readonly screen: string;
  readonly seconds: number;
}

/** The 80 x 25 letters of a VGA text screen. */
const screenOf = async (machine: Machine, file: string): Promise<string> => {
  await machine.qmp('pmemsave', { val: 0xb8000, size: 4000, filename: resolve(file) });
  const cells = readFileSync(file);
  rmSync(file);
  return Array.from({ length: 25 }, (_, row) => Buffer.from(cells.subarray(row * 160, (row + 1) * 160).filter((__, index) => index % 2 === 0)).toString('latin1').replaceAll('\0', ' ').trimEnd()).join('\n');
};

/**
 * Starts a machine from `disk` alone. SeaBIOS speaks on a port of its own, OVMF on the serial line; where it finds nothing to boot it
 * opens its own shell.
 */
export const bootsWhat = async (disk: string, { firmware = 'bios', serial = 'DISK-A', memory = 1024, keeps = false, args = [], timeout = 240_000 }: BootsOptions = {}): Promise<Boots> => {
  const log = `${disk}.firmware`;
  rmSync(log, { force: true });
  const begin = Date.now();
  await using machine = await Machine.start({
    firmware, memory, drives: [{ file: disk, serial, snapshot: !keeps }],
    args: ['-chardev', `file,id=firmware,path=${log}`, '-device', 'isa-debugcon,iobase=0x402,chardev=firmware', ...args],
  });
  const result = async (said: string): Promise<Boots> => ({
    said,
    text: machine.text,
    screen: said === 'nothing to boot' && firmware === 'bios' ? await screenOf(machine, `${disk}.screen`) : '',
    seconds: (Date.now() - begin) / 1000,
  });
  for (; Date.now() < begin + timeout; await new Promise((wake) => setTimeout(wake, 250))) {
    const marker = /(?:SLIPWAY-SAMPLE|SLIPWAY-LIVE) booted .*(?=\n)|cannot start the system.*(?=\n)/.exec(machine.text);
    if (marker !== null) return await result(marker[0]);
    if (/No bootable (?:device|option or device)|UEFI Interactive Shell/.test(machine.text + readFileSync(log, 'latin1'))) return await result('nothing to boot');
  }
  return await result(`neither a system nor the firmware's word after ${timeout / 1000} s: ${machine.text.slice(-500)}`);
};

/** The same, in one line: the marker, or `nothing to boot`. */
export const boots = async (disk: string, options?: BootsOptions): Promise<string> => (await bootsWhat(disk, options)).said;
