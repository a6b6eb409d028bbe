/**
 * The factory: the installer as a USB CD-ROM, the data volume as a second USB drive that is plugged in late, two disks of equal
 * size, nobody at the keyboard. Afterwards the machine is off, the raw disk holds nothing of the installer-data, and nothing of it
 * comes back at later boots with the data volume still there.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { receiptSchema } from '../../src/model/receipt.ts';
import { liveIso, startLive } from '../iso/live.ts';
import { blankDisk, dataVolume, digestOf, example, fileOn, findOnDisk, namesOn, stringsOf } from '../iso/media.ts';
import { Machine } from './machine.ts';
import { dataArguments, plugData } from './plug.ts';
import { soak } from './soak.ts';
import { partitionsOf } from './partition-table.ts';

const folder = 'build/test/factory';
const iso = await liveIso();
const userData = example('user-data');
// The second of the two disks, by the slot that it is in.
// Without the script's first line: `#!/bin/sh` is in every system image too, in clear where a block of it was not worth compressing.
const installerData = example('installer-data')
  .replace(/^\s*#!\/bin\/sh\n/m, '')
  .replace(/finish: none/, 'finish: poweroff\n  device: /dev/disk/by-path/pci-0000:00:04.0\n  engine: builtin\n  source: file:/run/initramfs/live/rootfs.squashfs');
/** In an install stage of user-data: a node that took its medium in anew would have it. */
const badge = 'USERDATA-BADGE-51c0e7';
const strings = [...stringsOf(installerData, userData), badge];
const words = 'slipway install-mode-interactive slipway.unattended slipway.wait-for-data=120';
const data = `${folder}/data.img`;

const receipts = () => namesOn(data).filter((name) => name.startsWith('slipway-receipt'));

/** Two disks of one machine; the installer-data names the second. */
const disksOf = (machine: string) => {
  const files = ['first', 'second'].map((name) => blankDisk(`${folder}/${machine}-${name}.img`, 4.5 * 1024 ** 3));
  const [first = '', second = ''] = files;
  return { first, second, drives: files.map((file, index) => ({ file, serial: `DISK-${'AB'[index]}`, snapshot: false })) };
};

/** From power on to power off, by the media alone. */
const provision = async ({ first, second, drives }: ReturnType<typeof disksOf>, late: boolean): Promise<string> => {
  const untouched = digestOf(first);
  const before = receipts().length;
  await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', words, drives, ...(late ? {} : { args: dataArguments(data) }) });
  const { machine } = live;
  const times: string[] = [];
  if (late) {
    await machine.waitFor(/SLIPWAY-LIVE booted mode=live/, 300_000);
    await machine.waitFor(/\[2\/10\] sources/, 120_000);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    times.push(`data volume plugged in ${live.elapsed().toFixed(0)} s`);
    await plugData(machine, data);
  }
  const [ended] = await machine.waitForLine(/(?:done|failed) \(exit code \d+\).*/, 1_200_000);
  times.push(`end of the run ${live.elapsed().toFixed(0)} s`);
  expect(ended).toMatch(/^done \(exit code 0\): installed to/);
  await machine.waitForEnd(120_000);
  times.push(`off ${live.elapsed().toFixed(0)} s`);
  expect(digestOf(first)).toBe(untouched);
  const names = receipts();
  expect(names).toHaveLength(before + 1);
  for (const name of names) expect(receiptSchema.parse(JSON.parse(fileOn(data, name))).result).toBe('installed');
  expect(findOnDisk(second, strings)).toEqual([]);
  // The search finds what is there: a line of what is kept.
  expect(findOnDisk(second, ['factory-node is up'])).toContain('factory-node is up');
  return times.join(', ');
};

describe('factory with two USB media (invariants 3 and 4)', () => {
  const machine = { first: '', second: '', drives: [] as ReturnType<typeof disksOf>['drives'] };
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    Object.assign(machine, disksOf('one'));
    dataVolume(data, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
    expect(strings.length).toBeGreaterThan(10);
  });

  test('a machine with two equal disks: data volume plugged in late, receipt, off, nothing left', async () => {
    console.log(`factory: ${await provision(machine, true)}`);
  }, 1_800_000);

  test.each(['uefi', 'bios', 'uefi'] as const)('boots from its disk with the data volume attached, nothing comes back (%s)', async (firmware) => {
    const begin = Date.now();
    await using booted = await Machine.start({ firmware, memory: 2048, drives: [{ file: machine.second, serial: 'DISK-B', snapshot: false }], args: dataArguments(data) });
    const [marker] = await booted.waitForLine(/SLIPWAY-LIVE booted .*|cannot start the system.*/, 300_000);
    console.log(`factory: boots from its disk (${firmware}) ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    expect(marker).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
    await booted.waitFor(/factory-node login:/, 180_000);
    // What runs after the login prompt gets a moment, and what is in memory gets to the disk.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await booted.stop();
    expect(findOnDisk(machine.second, strings)).toEqual([]);
  }, 600_000);

  test.runIf(iso.agent)('what is closed is what keeps the medium out: without the folder 95_userdata its user-data comes in (needs kairos-agent, which takes it in)', async () => {
    const open = `${folder}/open.img`;
    execFileSync('cp', ['--sparse=always', machine.second, open]);
    const start = partitionsOf(open).find(({ name }) => name === 'oem')?.start ?? 0;
    execFileSync('debugfs', ['-w', '-R', 'rmdir /95_userdata', `${open}?offset=${start * 512}`], { stdio: 'ignore' });
    await using booted = await Machine.start({ firmware: 'bios', memory: 2048, drives: [{ file: open, serial: 'DISK-B', snapshot: false }], args: dataArguments(data) });
    await booted.waitFor(/factory-node login:/, 300_000);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await booted.stop();
    expect(findOnDisk(open, [badge])).toEqual([badge]);
    rmSync(open);
  }, 600_000);

  test('the same machine with the same media again: exit code 0, off, nothing written', async () => {
    const before = machine.drives.map(({ file }) => digestOf(file));
    const volume = namesOn(data);
    await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', words, drives: machine.drives, args: dataArguments(data) });
    const [ended] = await live.machine.waitForLine(/(?:done|failed) \(exit code \d+\).*/, 600_000);
    expect(ended).toMatch(/^done \(exit code 0\): .*already holds a finished install.*nothing was written/);
    await live.machine.waitForEnd(120_000);
    console.log(`factory: the same machine again, off after ${live.elapsed().toFixed(0)} s`);
    expect(machine.drives.map(({ file }) => digestOf(file))).toEqual(before);
    expect(namesOn(data)).toEqual(volume);
  }, 900_000);

  test.runIf(soak)('a second machine with the same media (npm run soak)', async () => {
    console.log(`factory: a second machine ${await provision(disksOf('two'), false)}`);
  }, 1_800_000);
});
