/**
 * The factory's install loses power at random moments. Afterwards the disk is as it was, or carries the unfinished mark and boots
 * nowhere, or is finished and scrubbed; and the same install again ends finished without a person.
 *
 * What the guest had not yet written to its disk is lost; what it had written is there (QEMU is killed, its host lives on).
 * The seed is printed; SLIPWAY_SEED repeats a run.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blankDisk, dataVolume, digestOf, example, fileOn, findOnDisk, namesOn, stringsOf } from '../iso/media.ts';
import { boots } from './boots.ts';
import { sampleSource, startLiveShell } from './live-shell.ts';
import { soak } from './soak.ts';

const folder = 'build/test/power-cut';
const cuts = soak ? 20 : 4;
const seed = Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1_000_000);
const userData = example('user-data');
const installerData = example('installer-data').replace(/^\s*#!\/bin\/sh\n/m, '');
const strings = stringsOf(installerData, userData);
const medium = `${folder}/data.img`;
const install = `slipway install --unattended --wait-for-data 60 --device serial:DISK-A --allow-data-loss ${sampleSource}`;

/** mulberry32: numbers from 0 to 1 out of a seed. */
const random = (() => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
})();

/** One moment in each part of the run, so that few cuts meet all of it. */
const moments = Array.from({ length: cuts }, (_, index) => (index + random()) / cuts);

const data = (name: string): string => {
  copyFileSync(medium, `${folder}/${name}.data.img`);
  return `${folder}/${name}.data.img`;
};

/** Name of partition 1, null when there is no table. */
const firstPartition = (disk: string): string | null => {
  const { status, stdout } = spawnSync('sfdisk', ['--json', disk], { encoding: 'utf8' });
  return status === 0 ? ((JSON.parse(stdout) as { partitiontable: { partitions?: { name?: string }[] } }).partitiontable.partitions?.[0]?.name ?? '') : null;
};

const whole = 'mode=active hostname=factory-node users=operator oem=ok persistent=ok';

describe(`invariant 9: power is cut ${cuts} times (SLIPWAY_SEED=${seed})`, () => {
  let duration = 0;
  let blank = '';
  const outcomes: string[] = [];

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    dataVolume(medium, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  });
  afterAll(() => console.log(`power cuts, seed ${seed}: ${outcomes.join('; ')}`));

  test('without a cut', async () => {
    const disk = blankDisk(`${folder}/whole.img`, 2.25 * 1024 ** 3);
    blank = digestOf(disk);
    const begin = Date.now();
    await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: data('whole'), log: `${folder}/whole.log` });
    const from = Date.now();
    const { code, text } = await shell.run(install, 900_000);
    duration = Date.now() - from;
    console.log(`power cuts: machine restored ${((from - begin) / 1000).toFixed(1)} s, install ${(duration / 1000).toFixed(0)} s`);
    expect(text).toMatch(/done \(exit code 0\): installed to/);
    expect(code).toBe(0);
  }, 1_200_000);

  test.each(moments.map((moment, index) => [index + 1, moment] as const))('cut %i, %f of the way', async (number, moment) => {
    expect(duration).toBeGreaterThan(0);
    const disk = blankDisk(`${folder}/cut-${number}.img`, 2.25 * 1024 ** 3);
    // In the soak every second disk holds an older install, which is repeated.
    const older = soak && number % 2 === 0;
    if (older) execFileSync('cp', ['--sparse=always', `${folder}/whole.img`, disk]);
    const volume = data(`cut-${number}`);
    const before = older ? digestOf(disk) : blank;
    const flags = older ? ' --reinstall' : '';
    let said: string;
    {
      await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: volume, log: `${folder}/cut-${number}.log` });
      shell.machine.write(`${install}${flags}\r`);
      await new Promise((resolve) => setTimeout(resolve, moment * duration));
      said = shell.machine.text;
      process.kill(shell.machine.pid ?? 0, 'SIGKILL');
    }
    const at = [...said.matchAll(/\[\d+\/10\] (\w+)/g)].at(-1)?.[1] ?? 'start';
    const name = firstPartition(disk);
    let state: string;
    if (digestOf(disk) === before) state = 'untouched';
    else if (name === 'bios') {
      state = 'finished';
      expect(findOnDisk(disk, strings)).toEqual([]);
      expect(await boots(disk)).toContain(whole);
    } else {
      expect(name).toBe('slipway-unfinished');
      const firmwares = soak ? (['bios', 'uefi'] as const) : ([number % 2 === 0 ? 'uefi' : 'bios'] as const);
      const systems: string[] = [];
      for (const firmware of firmwares) systems.push(await boots(disk, { firmware }));
      // Boot loader and mark are two writes: between them, with all of it proven, a marked disk may boot what is complete.
      const activating = /audit \(/.test(said) && systems.some((system) => system.includes(whole));
      state = activating ? 'marked, complete' : 'marked';
      if (activating) expect(findOnDisk(disk, strings)).toEqual([]);
      else expect(new Set(systems)).toEqual(new Set(['nothing to boot']));
    }
    {
      await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: volume, log: `${folder}/cut-${number}-again.log` });
      const { code, text } = await shell.run(install, 900_000);
      expect(text).toMatch(/done \(exit code 0\): /);
      expect(code).toBe(0);
    }
    expect(firstPartition(disk)).toBe('bios');
    expect(findOnDisk(disk, strings)).toEqual([]);
    expect(await boots(disk, { firmware: number % 2 === 0 ? 'uefi' : 'bios' })).toContain(whole);
    const receipts = namesOn(volume).filter((file) => file.startsWith('slipway-receipt'));
    for (const file of receipts) expect(fileOn(volume, file)).toContain('"result"');
    outcomes.push(`${(moment * 100).toFixed(0)} % (${at}${older ? ', over an older install' : ''}): ${state}`);
    rmSync(disk);
  }, 1_800_000);
});
