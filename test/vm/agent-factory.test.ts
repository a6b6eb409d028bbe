/**
 * The factory with the real kairos-agent: two USB media, two disks of equal size, nobody at the keyboard. The agent installs to its own
 * end, Slipway scrubs, proves and activates; the disk is searched from outside, and boots three times with the data volume still there.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { receiptSchema } from '../../src/model/receipt.ts';
import { liveIso, startLive } from '../iso/live.ts';
import { blankDisk, dataVolume, digestOf, example, fileOn, findOnDisk, namesOn, stringsOf } from '../iso/media.ts';
import { Machine } from './machine.ts';
import { dataArguments } from './plug.ts';
import { soak } from './soak.ts';
import { partitionsOf } from './partition-table.ts';

const iso = await liveIso();
const GiB = 1024 ** 3;
const userData = example('user-data');

// UEFI is met by the journey at the console, too, which installs with the agent where it is on the medium.
test.runIf(iso.agent).each(soak ? (['bios', 'uefi'] as const) : (['bios'] as const))('kairos-agent installs in the factory, with %s', async (firmware) => {
  const folder = `build/test/agent-${firmware}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const first = blankDisk(`${folder}/first.img`, 5 * GiB);
  const second = blankDisk(`${folder}/second.img`, 5 * GiB);
  const installerData = example('installer-data').replace(/^\s*#!\/bin\/sh\n/m, '').replace(/finish: none/, `finish: poweroff\n  device: /dev/disk/by-path/pci-0000:00:04.0\n  engine: kairos-agent\n  source: dir:/run/rootfsbase\n  partition: ["oem.size=96", "extra.data.size=40,fs=ext4,label=FACTORYDATA"]`);
  const data = dataVolume(`${folder}/data.img`, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  const untouched = digestOf(first);
  const drives = [
    { file: first, serial: 'DISK-A', snapshot: false },
    { file: second, serial: 'DISK-B', snapshot: false },
  ];
  const words = 'slipway install-mode-interactive slipway.unattended slipway.wait-for-data=120';
  const times: string[] = [];
  {
    await using live = await startLive({ firmware, medium: 'usb-cdrom', words, drives, memory: 3072, args: dataArguments(data) });
    const { machine } = live;
    const [ended] = await machine.waitForLine(/(?:done|failed) \(exit code \d+\).*/, 1_500_000);
    times.push(`end of the run ${live.elapsed().toFixed(0)} s`);
    expect(ended).not.toMatch(/exit code [1-9]/);
    await machine.waitForEnd(120_000);
  }
  const receiptName = namesOn(data).find((name) => name.startsWith('slipway-receipt'));
  const receipt = receiptSchema.parse(JSON.parse(fileOn(data, receiptName ?? 'slipway-receipt.json')));
  expect(receipt.result).toBe('installed');
  expect(receipt.engine.name).toBe('kairos-agent');
  expect(digestOf(first)).toBe(untouched);

  // Partitions that a setting asks for are made by the agent as well.
  const sizes = Object.fromEntries(partitionsOf(second).map(({ name, size }) => [name, Math.round((size * 512) / 1024 ** 2)]));
  expect(sizes).toMatchObject({ oem: 96, data: 40 });

  // The engine's name is in the image too, and names and labels of partitions are meant to stay.
  const strings = stringsOf(installerData, userData).filter((text) => text !== 'kairos-agent' && !/FACTORYDATA|oem\.size/.test(text));
  expect(strings.length).toBeGreaterThan(10);
  expect(findOnDisk(second, strings)).toEqual([]);
  expect(findOnDisk(second, ['factory-node is up'])).toContain('factory-node is up');

  // Boots again and again, and the same media again, are the builtin engine's factory's in every run.
  for (let boot = 1; boot <= (soak ? 3 : 1); boot += 1) {
    const begin = Date.now();
    await using machine = await Machine.start({ firmware, memory: 2048, drives: [{ file: second, serial: 'DISK-B', snapshot: false }], args: dataArguments(data) });
    const [marker] = await machine.waitForLine(/SLIPWAY-LIVE booted .*|cannot start the system.*/, 240_000);
    times.push(`boot ${boot} ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    expect(marker).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
    await machine.waitFor(/factory-node login:/, 120_000);
    await machine.stop();
  }
  expect(findOnDisk(second, strings)).toEqual([]);

  if (soak) {
    // The same machine with the same media again: what is finished stays.
    const before = [first, second].map(digestOf);
    await using live = await startLive({ firmware, medium: 'usb-cdrom', words, drives, memory: 3072, args: dataArguments(data) });
    const [ended] = await live.machine.waitForLine(/(?:done|failed) \(exit code \d+\).*/, 600_000);
    expect(ended).toMatch(/^done \(exit code 0\): .*already holds a finished install.*nothing was written/);
    await live.machine.waitForEnd(120_000);
    times.push(`again: off after ${live.elapsed().toFixed(0)} s`);
    expect([first, second].map(digestOf)).toEqual(before);
  }
  console.log(`kairos-agent, factory, ${firmware}: ${times.join(', ')}`);
}, 2_700_000);
