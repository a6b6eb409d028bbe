/**
 * `npm run vm`: boots the live ISO in a virtual machine to play with: two blank disks, a TPM, the ISO as a USB CD-ROM, and the
 * data volume of cloud-configs/examples/factory as a second USB drive.
 *
 *     npm run vm [-- --bios] [--window] [--usb-disk] [--no-data] [--installed] [--new]
 *
 * The serial line is this terminal; `--window` shows the machine's screen in a window instead.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEmulator, type MachineOptions, qemuArguments, uefiVariablesTemplate } from '../test/vm/qemu-arguments.ts';
import { buildIso } from './iso/build.ts';

const project = join(import.meta.dirname, '..');
const home = join(project, 'build/vm');
const gibibyte = 1024 ** 3;

const meanings: Readonly<Record<string, string>> = {
  '--bios': 'BIOS instead of UEFI firmware',
  '--window': 'the screen in a window; needs a desktop',
  '--usb-disk': 'the ISO as a USB disk instead of a USB CD-ROM',
  '--no-data': 'without the data volume',
  '--installed': 'without the ISO: boots what was installed',
  '--new': 'with blank disks and a blank TPM, whatever is on those of the last time',
};

const words = process.argv.slice(2);
const unknown = words.find((word) => meanings[word] === undefined);
if (unknown !== undefined) {
  if (unknown !== '--help') console.error(`unknown argument ${unknown}`);
  console.log(['npm run vm [-- ARGUMENTS]', ...Object.entries(meanings).map(([name, meaning]) => `  ${name.padEnd(12)} ${meaning}`)].join('\n'));
  process.exit(unknown === '--help' ? 0 : 2);
}
const has = (word: string): boolean => words.includes(word);

const blank = (file: string): string => {
  if (!existsSync(file)) {
    writeFileSync(file, '');
    truncateSync(file, 16 * gibibyte);
  }
  return file;
};

/** The example's files on a FAT drive, as a PiKVM would offer them: writable, so that the receipt goes there. */
const makeData = (): string => {
  const image = join(home, 'data.img');
  if (existsSync(image)) return image;
  const run = (command: string, args: readonly string[]): void => {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
  };
  writeFileSync(image, '');
  truncateSync(image, 8 * 1024 ** 2);
  run('mkfs.vfat', ['-n', 'CIDATA', image]);
  const example = join(project, 'cloud-configs/examples/factory');
  run('mcopy', ['-i', image, ...['user-data', 'installer-data', 'meta-data'].map((name) => join(example, name)), '::/']);
  return image;
};

const usb = (id: string, file: string, drive: string, device = ''): string[] => [
  ...['-drive', `if=none,id=${id},format=raw,file=${file}${drive}`],
  ...['-device', `usb-storage,bus=xhci.0,drive=${id},removable=on${device}`],
];

const main = async (): Promise<number> => {
  if (has('--new')) rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'tpm'), { recursive: true });
  const firmware = has('--bios') ? 'bios' : 'uefi';
  const iso = has('--installed') ? null : await buildIso({ say: (line) => console.log(`# ${line}`) });
  const folder = mkdtempSync(join(tmpdir(), 'slipway-vm-'));
  const socket = join(folder, 'tpm');
  const tpm = spawn('swtpm', ['socket', '--tpm2', '--tpmstate', `dir=${join(home, 'tpm')}`, '--ctrl', `type=unixio,path=${socket}`, '--terminate', '--flags', 'startup-clear'], { stdio: 'ignore' });
  const tpmStarted = await new Promise<boolean>((resolve) => {
    tpm.once('error', () => resolve(false));
    tpm.once('exit', () => resolve(false));
    const begin = Date.now();
    const look = (): void => {
      if (existsSync(socket)) resolve(true);
      else if (Date.now() - begin > 5000) resolve(false);
      else setTimeout(look, 50);
    };
    look();
  });
  if (!tpmStarted) console.log('# no TPM: swtpm does not start');

  // Kept from one start to the next, as a machine keeps them.
  const variables = join(home, 'variables.fd');
  if (!existsSync(variables)) copyFileSync(uefiVariablesTemplate, variables);
  const options: MachineOptions = {
    firmware,
    memory: 2560,
    snapshot: false,
    rebootEnds: false,
    drives: [
      { file: blank(join(home, 'disk-a.img')), serial: 'DISK-A' },
      { file: blank(join(home, 'disk-b.img')), serial: 'DISK-B' },
    ],
    args: [
      ...(iso === null ? [] : usb('live', iso.file, `,readonly=on${has('--usb-disk') ? '' : ',media=cdrom'}`, ',bootindex=0')),
      ...(has('--no-data') ? [] : usb('data', makeData(), '')),
      ...(tpmStarted ? ['-chardev', `socket,id=tpm,path=${socket}`, '-tpmdev', 'emulator,id=tpm0,chardev=tpm', '-device', 'tpm-tis,tpmdev=tpm0'] : []),
      ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net'],
      ...(has('--window') ? ['-display', 'gtk', '-serial', 'null', '-device', 'usb-kbd'] : ['-display', 'none', '-chardev', 'stdio,id=serial,mux=on,signal=off', '-serial', 'chardev:serial', '-mon', 'chardev=serial']),
    ],
  };
  const args = qemuArguments(options, variables);
  console.log('# Two disks of 16 GiB (build/vm), kept for the next time. Emulated: the first screen takes a minute or two.');
  if (!has('--window')) console.log('# To leave: Ctrl-A X. Ctrl-A C reaches QEMU itself. In the boot menu, take the entry "on the serial line".');
  const { status } = spawnSync('setpriv', ['--pdeathsig', 'KILL', findEmulator(options), ...args], { stdio: 'inherit' });
  process.stdout.write('\u001B[0m\u001B[?7h\n');
  tpm.kill();
  rmSync(folder, { recursive: true, force: true });
  return status ?? 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
