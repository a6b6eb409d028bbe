/**
 * The factory: the installer as a USB CD-ROM, the data volume as a second USB drive that is plugged in late, two disks of equal
 * size, nobody at the keyboard. Afterwards the machine is off, and the raw disk holds nothing of the installer-data.
 */
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { receiptSchema } from '../../src/model/receipt.ts';
import { startLive } from '../iso/live.ts';
import { blankDisk, dataVolume, digestOf, example, fileOn, findOnDisk, namesOn, stringsOf } from '../iso/media.ts';
import { Machine } from './machine.ts';

const folder = 'build/test/factory';
const userData = example('user-data');
// The second of the two disks, by the slot that it is in.
const installerData = example('installer-data')
  .replace(/finish: none/, 'finish: poweroff\n  device: /dev/disk/by-path/pci-0000:00:04.0\n  engine: builtin\n  source: file:/run/initramfs/live/rootfs.squashfs');

const plugIn = async (machine: Machine, image: string): Promise<void> => {
  await machine.qmp('blockdev-add', { driver: 'raw', 'node-name': 'cidata', file: { driver: 'file', filename: image } });
  await machine.qmp('device_add', { driver: 'usb-storage', id: 'data', drive: 'cidata', bus: 'xhci.0', removable: true, serial: 'PIKVM-DATA' });
};

const bootArguments = (image: string): string[] => ['-drive', `if=none,id=data,format=raw,file=${image},snapshot=on`, '-device', 'usb-storage,bus=xhci.0,drive=data,removable=on,serial=PIKVM-DATA'];

test('factory with two USB media (invariants 3 and 4)', async () => {
  rmSync(folder, { recursive: true, force: true });
  const first = blankDisk(`${folder}/first.img`, 6 * 1024 ** 3);
  const second = blankDisk(`${folder}/second.img`, 6 * 1024 ** 3);
  const data = dataVolume(`${folder}/data.img`, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  const untouched = digestOf(first);
  const drives = [
    { file: first, serial: 'DISK-A', snapshot: false },
    { file: second, serial: 'DISK-B', snapshot: false },
  ];
  const words = 'slipway install-mode-interactive slipway.unattended slipway.wait-for-data=120';
  const times: string[] = [];

  {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', words, drives });
    const { machine } = live;
    await machine.waitFor(/SLIPWAY-LIVE booted mode=live/, 240_000);
    await new Promise((resolve) => setTimeout(resolve, 8000));
    times.push(`data volume plugged in ${live.elapsed().toFixed(0)} s`);
    await plugIn(machine, data);
    const [ended] = await machine.waitFor(/(?:done|failed) \(exit code \d+\).*/, 1_200_000);
    times.push(`end of the run ${live.elapsed().toFixed(0)} s`);
    expect(ended).not.toMatch(/exit code [1-9]/);
    await machine.waitForEnd(120_000);
    times.push(`powered off ${live.elapsed().toFixed(0)} s`);
  }

  const receiptName = namesOn(data).find((name) => name.startsWith('slipway-receipt'));
  const receipt = receiptSchema.parse(JSON.parse(fileOn(data, receiptName ?? 'slipway-receipt.json')));
  expect(receipt.result).toBe('installed');
  expect(digestOf(first)).toBe(untouched);

  // The first line of its script is in the system image too, in clear where a block of it was not worth compressing.
  const strings = stringsOf(installerData, userData).filter((text) => text !== '#!/bin/sh');
  expect(strings.length).toBeGreaterThan(10);
  expect(findOnDisk(second, strings)).toEqual([]);
  // The search finds what is there: a line of what is kept.
  expect(findOnDisk(second, ['factory-node is up'])).toContain('factory-node is up');
  times.push(`searched from outside for ${strings.length} strings`);

  {
    const begin = Date.now();
    await using machine = await Machine.start({ firmware: 'uefi', memory: 2048, drives: [{ file: second, serial: 'DISK-B', snapshot: false }], args: bootArguments(data) });
    const [marker] = await machine.waitFor(/SLIPWAY-LIVE booted .*/, 240_000);
    times.push(`boots from its disk ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    expect(marker).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
    await machine.waitFor(/factory-node login:/, 120_000);
  }
  expect(findOnDisk(second, strings)).toEqual([]);

  // The same machine with the same media once more: already installed, nothing is written.
  const before = digestOf(second);
  {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', words, drives, args: bootArguments(data) });
    await live.machine.waitForEnd(600_000);
    expect(live.machine.text).toMatch(/already/);
    times.push(`once more: off after ${live.elapsed().toFixed(0)} s`);
  }
  expect(digestOf(second)).toBe(before);
  console.log(`factory: ${times.join(', ')}`);
}, 2_400_000);
