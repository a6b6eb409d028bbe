/** What a virtual machine is made of, and the QEMU arguments that say so. */
import { existsSync } from 'node:fs';

export interface Drive {
  /** Raw disk image file, or an ISO. */
  file: string;
  /** Where the guest finds it. Default `virtio`. */
  bus?: 'virtio' | 'nvme' | 'ahci' | 'usb';
  /** Serial number that the guest sees (at most 20 characters). Default `DRIVE0`, `DRIVE1`, … */
  serial?: string;
  /** Writes go to a temporary file and are lost with the machine. Default: the machine's `snapshot`. */
  snapshot?: boolean;
  /** The guest sees a write-protected drive. `nvme` and `ahci` disks have no such switch. Default false. */
  readOnly?: boolean;
}

export interface MachineOptions {
  firmware: 'bios' | 'uefi';
  /** In boot order. */
  drives: readonly Drive[];
  /** MiB. Default 1024. */
  memory?: number;
  /** Default for the drives: true, so image files are never written unless asked for. */
  snapshot?: boolean;
  /** Boot this kernel instead of what the firmware finds. */
  kernel?: { file: string; initrd: string; commandLine: string };
  /** UEFI variables to use and to keep, made when absent. Default: fresh ones for every start. */
  uefiVariables?: string;
  /** What a reboot of the guest does: end the machine (default) or start it again. */
  rebootEnds?: boolean;
  /** More QEMU arguments, at the end. */
  args?: readonly string[];
}

const emulator = '/usr/bin/qemu-system-x86_64';
const uefiCode = '/usr/share/OVMF/OVMF_CODE_4M.fd';

/** Fresh UEFI variables, to be copied. */
export const uefiVariablesTemplate = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/**
 * Path of the emulator, once everything it needs is known to be here.
 *
 * @throws Error naming the Debian package that is missing
 */
export function findEmulator(options: Pick<MachineOptions, 'firmware'>): string {
  const needed: [string, string][] = [
    [emulator, 'qemu-system-x86'],
    ['/usr/share/seabios/bios-256k.bin', 'seabios'],
    ['/usr/bin/setpriv', 'util-linux'],
  ];
  if (options.firmware === 'uefi') needed.push([uefiCode, 'ovmf'], [uefiVariablesTemplate, 'ovmf']);
  for (const [file, name] of needed) {
    if (!existsSync(file)) {
      throw new Error(`cannot start a virtual machine: ${file} is missing; install the Debian package ${name} (node scripts/prepare.mjs does)`);
    }
  }
  return emulator;
}

/** Command-line flags, each written with its value as one text: `-name value`. Only the first space parts them. */
export function flags(...texts: string[]): string[] {
  return texts.flatMap((text) => {
    const space = text.indexOf(' ');
    return space === -1 ? [text] : [text.slice(0, space), text.slice(space + 1)];
  });
}

/** QEMU reads a comma in an option's value as its end, unless doubled. */
const value = (text: string): string => text.replaceAll(',', ',,');

function driveArguments(drive: Drive, index: number, snapshotDefault: boolean): string[] {
  const id = `drive${index}`;
  const common = `drive=${id},serial=${value(drive.serial ?? `DRIVE${index}`)},bootindex=${index + 1}`;
  const device = {
    virtio: `virtio-blk-pci,${common}`,
    nvme: `nvme,${common}`,
    ahci: `ide-hd,bus=ide.${index},${common}`,
    usb: `usb-storage,bus=xhci.0,${common}`,
  }[drive.bus ?? 'virtio'];
  // Nothing here outlives a crash of the host, so no flush needs to reach its disk.
  const how = drive.readOnly === true ? 'readonly=on' : `snapshot=${(drive.snapshot ?? snapshotDefault) ? 'on' : 'off'}`;
  return flags(`-drive if=none,id=${id},format=raw,cache=unsafe,${how},file=${value(drive.file)}`, `-device ${device}`);
}

/**
 * The machine itself: processor, memory, firmware, drives, screen. Serial line and monitor are the
 * caller's, since a terminal and a test want them in different places.
 *
 * @param variables file with UEFI variables that this machine may write; needed for `uefi`
 */
export function qemuArguments(options: MachineOptions, variables: string): string[] {
  const firmware = flags(
    `-drive if=pflash,unit=0,format=raw,readonly=on,file=${uefiCode}`,
    `-drive if=pflash,unit=1,format=raw,file=${value(variables)}`,
  );
  const { kernel } = options;
  return [
    // TCG on purpose, and one processor: with two, QEMU 7.2 lets newer kernels panic while they patch themselves.
    flags('-machine q35', '-accel tcg,tb-size=512', '-cpu max,la57=off', '-smp 1'),
    flags(`-m ${options.memory ?? 1024}`, '-nodefaults', '-no-user-config', '-vga std', '-device qemu-xhci,id=xhci'),
    options.rebootEnds === false ? [] : flags('-no-reboot'),
    options.firmware === 'uefi' ? firmware : [],
    options.drives.flatMap((drive, index) => driveArguments(drive, index, options.snapshot ?? true)),
    kernel === undefined ? [] : ['-kernel', kernel.file, '-initrd', kernel.initrd, '-append', kernel.commandLine],
    options.args ?? [],
  ].flat();
}
