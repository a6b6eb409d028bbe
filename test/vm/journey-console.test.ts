/**
 * The console on bare metal, by a person: UEFI, the boot menu, every screen by keys typed at the machine, a picture of the real
 * screen at each (build/test/console), the install, a machine that boots from its disk and lets the person in. The serial line is
 * there all the time: it says where Slipway is, and cannot take it over while a disk is being written. Then the same over the
 * serial line.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startLive } from '../iso/live.ts';
import { blankDisk } from '../iso/media.ts';
import { takeRow, walkThroughConsole } from './console-walk.ts';
import { readTty1, typeOnKeyboard } from './keyboard.ts';
import { sampleSource, startLiveShell } from './live-shell.ts';
import { Machine } from './machine.ts';
import { watchScreen } from './serial-screen.ts';
import { openSerialShell } from './serial-shell.ts';
import { partitionsOf } from './partition-table.ts';

const password = 'correct horse 9';
const screens = ['WELCOME', 'CONFIGURATION', 'IDENTITY', 'DISK', 'REVIEW', 'INSTALLING', 'DONE'];

/** An empty folder. */
const emptyFolder = (name: string): string => {
  rmSync(name, { recursive: true, force: true });
  mkdirSync(name, { recursive: true });
  return name;
};

/** What of the kept configuration is on the disk, by an independent reader. */
const keptOn = (disk: string): string => {
  const start = partitionsOf(disk).find(({ name }) => name === 'oem')?.start ?? 0;
  return execFileSync('debugfs', ['-R', 'cat /90_custom.yaml', `${disk}?offset=${start * 512}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
};

/** Logs in on the serial line with what was typed. */
const logIn = async (machine: Machine, hostname: string, user: string): Promise<void> => {
  await machine.waitFor(`${hostname} login:`, 180_000);
  machine.write(`${user}\r`);
  await machine.waitFor(/assword:/, 60_000);
  machine.write(`${password}\r`);
  await machine.waitFor(/[$#] $/m, 120_000);
  machine.write('echo "i am $(id -un) on $(hostname)"\r');
  await machine.waitFor(`i am ${user} on ${hostname}`, 60_000);
};

test('at the machine: UEFI, tty1, a picture of every screen', async () => {
  const folder = emptyFolder('build/test/console');
  const disk = blankDisk(`${folder}/disk.img`, 5 * 1024 ** 3);
  const times: string[] = [];
  {
    await using live = await startLive({ firmware: 'uefi', medium: 'usb-disk', drives: [{ file: disk, serial: 'DISK-A', snapshot: false }] });
    const { machine, see } = live;
    await see(/Slipway: install {2}/);
    await machine.screendump(`${folder}/tty1-0-boot-menu.png`);
    times.push(`boot menu ${live.elapsed().toFixed(0)} s`);
    await typeOnKeyboard(machine, '\r');
    await see(/Slipway runs on tty1\.[^]*Press Enter to take it over to this console \(ttyS0\)/, 300_000);
    times.push(`consoles ${live.elapsed().toFixed(0)} s`);
    machine.write('\u0003');
    await see(/A root shell of the live system/);
    await see(/#\s*$/m);
    let shell = openSerialShell(machine);
    const screen = { read: () => readTty1(shell), type: (text: string) => typeOnKeyboard(machine, text) };

    let number = 0;
    const keepPicture = async (name: string, picture: string): Promise<void> => {
      number += 1;
      times.push(`${name.toLowerCase()} ${live.elapsed().toFixed(0)} s`);
      const file = `${folder}/tty1-${number}-${name.toLowerCase()}`;
      await machine.screendump(`${file}.png`);
      writeFileSync(`${file}.txt`, `${picture}\n`);
      // An empty picture has some hundred bytes, one with text thousands.
      expect(statSync(`${file}.png`).size).toBeGreaterThan(2500);
    };

    const { met, last } = await walkThroughConsole({
      screen, hostname: 'typed-node', user: 'anna', password, disk: 'DISK-A', onScreen: keepPicture,
      async whileWriting() {
        // The pen stays where it is while a disk is being written, from the first preparations on.
        await shell.run('until ls -d /run/slipway/*-writing-* 2>/dev/null | grep -q .; do sleep 0.5; done', 180_000);
        machine.write('exit\r');
        await see(/Press Enter to take it over to this console \(ttyS0\)/);
        machine.write('\r');
        await see(/Not now: Slipway on tty1 is writing a disk\./, 60_000);
        machine.write('\u0003');
        await see(/A root shell of the live system/);
        shell = openSerialShell(machine);
      },
    });
    expect(met).toEqual(screens);
    expect(last).toMatch(/nothing found/);
    expect(last).toContain('What next?');
    await takeRow(screen, 'power off');
    await machine.waitForEnd(180_000);
    times.push(`off ${live.elapsed().toFixed(0)} s`);
  }
  expect(keptOn(disk)).toMatch(/hostname: typed-node/);
  expect(keptOn(disk)).not.toContain(password);
  {
    const begin = Date.now();
    await using machine = await Machine.start({ firmware: 'uefi', memory: 2048, drives: [{ file: disk, serial: 'DISK-A' }] });
    const [marker] = await machine.waitForLine(/SLIPWAY-LIVE booted .*|cannot start the system.*/, 300_000);
    times.push(`boots from its disk ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    expect(marker).toContain('mode=active hostname=typed-node users=anna oem=ok persistent=ok');
    await logIn(machine, 'typed-node', 'anna');
    await machine.screendump(`${folder}/tty1-8-installed.png`);
  }
  console.log(`console at the machine: ${times.join(', ')}`);
}, 2_400_000);

test('over the serial line', async () => {
  const folder = emptyFolder('build/test/console-serial');
  const disk = blankDisk(`${folder}/disk.img`, 2.25 * 1024 ** 3);
  const times: string[] = [];
  {
    await using live = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], log: `${folder}/log` });
    const { machine } = live;
    const { screen: show, see } = watchScreen(machine);
    machine.write(`stty rows 24 cols 80; TERM=vt220 slipway install ${sampleSource}\r`);
    const screen = {
      read: () => see(/[^]/).then(show),
      async type(text: string) {
        for (const [key] of text.matchAll(/\u001B\[[A-D]|[^]/gu)) {
          machine.write(key);
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
      },
    };
    const { met, last } = await walkThroughConsole({
      screen, hostname: 'serial-node', user: 'bert', password, disk: 'DISK-A',
      onScreen: async (name) => void times.push(`${name.toLowerCase()} ${live.elapsed().toFixed(0)} s`),
    });
    expect(met).toEqual(screens);
    expect(last).toMatch(/nothing found/);
    await takeRow(screen, 'power off');
    await machine.waitForEnd(180_000);
  }
  expect(keptOn(disk)).toMatch(/hostname: serial-node/);
  {
    await using machine = await Machine.start({ firmware: 'bios', drives: [{ file: disk, serial: 'DISK-A' }] });
    const [marker] = await machine.waitForLine(/SLIPWAY-SAMPLE booted .*/, 240_000);
    expect(marker).toContain('mode=active hostname=serial-node users=bert oem=ok persistent=ok');
    await logIn(machine, 'serial-node', 'bert');
  }
  console.log(`console over the serial line: ${times.join(', ')}`);
}, 1_800_000);
