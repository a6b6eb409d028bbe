/**
 * `npm run try:boot [-- --uefi]`: boots the disk image that `npm run try` made, in QEMU. The image is not written to.
 *
 * At a terminal its serial line is the terminal. Without one it waits for the system to say that it is up, and ends.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine } from '../test/vm/machine.ts';
import { findEmulator, flags, type MachineOptions, qemuArguments, uefiVariablesTemplate } from '../test/vm/qemu-arguments.ts';

const disk = join(import.meta.dirname, '../build/try/disk.img');

/** Milliseconds: generous, an emulated machine on busy cores is slow. */
const patience = 240_000;

/** Boots at this terminal until the guest is powered off or QEMU is left. Gives the exit code. */
function bootHere(options: MachineOptions): number {
  const emulator = findEmulator(options);
  const folder = mkdtempSync(join(tmpdir(), 'slipway-vm-'));
  try {
    const variables = join(folder, 'variables.fd');
    if (options.firmware === 'uefi') copyFileSync(uefiVariablesTemplate, variables);
    const here = flags('-display none', '-chardev stdio,id=serial,mux=on,signal=off', '-serial chardev:serial', '-mon chardev=serial');
    const args = [...qemuArguments(options, variables), ...here];
    const { status, error } = spawnSync('setpriv', ['--pdeathsig', 'KILL', emulator, ...args], { stdio: 'inherit' });
    if (error) throw error;
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write('\x1b[0m\x1b[?7h\n'); // the firmware leaves colours on and line wrap off
  }
}

/** Boots without a terminal and prints the line that says the system is up. */
async function bootAndTell(options: MachineOptions): Promise<void> {
  const begin = Date.now();
  await using machine = await Machine.start(options);
  const [marker] = await machine.waitForLine(/SLIPWAY-SAMPLE booted .*/, patience);
  console.log(marker);
  console.log(`# ${options.firmware === 'uefi' ? 'UEFI' : 'BIOS'}, ${((Date.now() - begin) / 1000).toFixed(1)} s`);
}

const unknown = process.argv.slice(2).filter((word) => word !== '--uefi');
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown[0]}; the only one is --uefi`);
  process.exit(2);
}
if (!existsSync(disk)) {
  console.error('There is no build/try/disk.img yet: run `npm run try` first.');
  process.exit(1);
}

const options: MachineOptions = {
  firmware: process.argv.includes('--uefi') ? 'uefi' : 'bios',
  drives: [{ file: disk, serial: 'SLIPWAY-TRY' }],
};
try {
  if (process.stdin.isTTY && process.stdout.isTTY) {
    console.log('Log in as operator with the password slipway (the example; or as you answered).');
    console.log('To leave: poweroff, or Ctrl-A X. Nothing is written to the image. Emulated: the login takes about 20 s.\n');
    process.exitCode = bootHere(options);
  } else {
    await bootAndTell(options);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
