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
const install = `slipway install --unattended --wait-for-data 60 --device serial:DISK-A ${sampleSource}`;

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

/** The run in stretches: from a line that it prints on, so many seconds of an emulated machine are cut into. */
const stretches = [
  { name: 'before the disk', from: /\[2\/10\] sources/, seconds: 18 },
  { name: 'writing', from: /partitioning/, seconds: 10 },
  { name: 'scrub', from: /\[6\/10\] scrub/, seconds: 10 },
  { name: 'audit to end', from: /\[8\/10\] audit/, seconds: 45 },
] as const;

/** As many cuts in each stretch, so that few meet all of the run. */
const moments = Array.from({ length: cuts }, (_, index) => {
  const stretch = stretches[index % stretches.length] ?? stretches[0];
  return { ...stretch, after: random() * stretch.seconds };
});

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
  const outcomes: string[] = [];

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    dataVolume(medium, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  });
  afterAll(() => console.log(`power cuts, seed ${seed}: ${outcomes.join('; ')}`));

  // What the soak repeats: an older install.
  test.runIf(soak)('without a cut (npm run soak)', async () => {
    const disk = blankDisk(`${folder}/whole.img`, 2.25 * 1024 ** 3);
    await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: data('whole'), log: `${folder}/whole.log` });
    const from = Date.now();
    const { code, text } = await shell.run(install, 900_000);
    console.log(`power cuts: an install without one ${((Date.now() - from) / 1000).toFixed(0)} s`);
    expect(text).toMatch(/done \(exit code 0\): installed to/);
    expect(code).toBe(0);
  }, 1_200_000);

  test.each(moments.map((moment, index) => [index + 1, moment.name, moment] as const))('cut %i, %s', async (number, stretch, moment) => {
    const disk = blankDisk(`${folder}/cut-${number}.img`, 2.25 * 1024 ** 3);
    // In the soak every second round is over an older install, which is repeated.
    const older = soak && Math.ceil(number / stretches.length) % 2 === 0;
    if (older) execFileSync('cp', ['--sparse=always', `${folder}/whole.img`, disk]);
    const volume = data(`cut-${number}`);
    const before = digestOf(disk);
    const flags = older ? ' --reinstall --allow-data-loss' : '';
    let said: string;
    {
      await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: volume, log: `${folder}/cut-${number}.log` });
      shell.machine.write(`${install}${flags}\r`);
      await shell.machine.waitFor(moment.from, 300_000);
      await new Promise((resolve) => setTimeout(resolve, moment.after * 1000));
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
    outcomes.push(`${stretch} + ${moment.after.toFixed(1)} s (${at}${older ? ', over an older install' : ''}): ${state}`);
    // On a disk that is as it was, the same install is the first one once more.
    if (state === 'untouched' && !soak) {
      rmSync(disk);
      return;
    }
    {
      // Nobody is asked: a disk with the mark holds nothing that could be lost.
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
    rmSync(disk);
  }, 1_800_000);
});
