/** The live ISO in a virtual machine, for tests: as a USB CD-ROM or a USB disk, with its serial line read through a terminal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildIso } from '../../scripts/iso/build.ts';
import type { LiveIso } from '../../scripts/iso/build.ts';
import { Machine } from '../vm/machine.ts';
import type { Drive } from '../vm/qemu-arguments.ts';
import { watchScreen } from '../vm/serial-screen.ts';

let started = 0;
let built: Promise<LiveIso> | undefined;

/** Built once a test run; about a minute and a half when nothing is there yet. */
export const liveIso = (): Promise<LiveIso> => (built ??= buildIso());

export interface LiveOptions {
  readonly firmware: 'bios' | 'uefi';
  /** How the ISO is plugged in: both ways of a PiKVM. */
  readonly medium: 'usb-cdrom' | 'usb-disk';
  readonly drives?: readonly Drive[];
  /** Kernel words instead of the boot menu: saves the firmware's and GRUB's time. */
  readonly words?: string;
  readonly args?: readonly string[];
  readonly memory?: number;
}

/** Kernel words of the boot menu's entries, with the serial line as the last console. */
export const serialWords = 'cdroot root=live:CDLABEL=COS_LIVE rd.live.dir=/ rd.live.squashimg=rootfs.squashfs rd.cos.disable console=tty1 console=ttyS0,115200 quiet loglevel=3 nomodeset';

/** First in the order of boot, as a person chooses it: a BIOS tries the first disk only. A kernel given by name has that place. */
const mediumArguments = ({ medium, words }: LiveOptions, file: string): string[] => [
  ...['-drive', `if=none,id=live,format=raw,readonly=on,file=${file}${medium === 'usb-cdrom' ? ',media=cdrom' : ''}`],
  ...['-device', `usb-storage,bus=xhci.0,drive=live,removable=on,serial=PIKVM-ISO,bootindex=${words === undefined ? 0 : 90}`],
];

export interface LiveMachine {
  readonly machine: Machine;
  readonly iso: LiveIso;
  /** What a person at the serial line sees, 24 lines. */
  screen(): string;
  /** Waits until the screen shows `pattern`. */
  see(pattern: RegExp, timeout?: number): Promise<string>;
  /** Seconds since the start. */
  elapsed(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws Error when the ISO cannot be built or the machine does not start */
export const startLive = async (options: LiveOptions): Promise<LiveMachine> => {
  const iso = await liveIso();
  const begin = Date.now();
  const machine = await Machine.start({
    firmware: options.firmware,
    drives: options.drives ?? [],
    memory: options.memory ?? 2048,
    ...(options.words === undefined ? {} : { kernel: { file: iso.kernel, initrd: iso.initrd, commandLine: `${serialWords} ${options.words}` } }),
    args: [...mediumArguments(options, iso.file), ...(options.args ?? [])],
  });
  const { screen, see } = watchScreen(machine);
  // What was on the line is there to be read when a test fails, and while a long one runs.
  const log = join(import.meta.dirname, '../../build/test/serial', `${options.firmware}-${options.medium}-${process.pid}-${(started += 1)}.log`);
  mkdirSync(dirname(log), { recursive: true });
  const keep = (): void => writeFileSync(log, machine.text);
  const keeping = setInterval(keep, 3000);
  return { machine, iso, screen, see, elapsed: () => (Date.now() - begin) / 1000, async [Symbol.asyncDispose]() {
    clearInterval(keeping);
    keep();
    await machine.stop();
  } };
};
