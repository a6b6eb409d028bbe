/**
 * Power is cut while the real kairos-agent installs. It makes the disk bootable before Slipway has scrubbed it: what a cut finds at each moment
 * is read from the raw disk, the windows in which it is not held back are measured, and the same install again ends finished by itself.
 * SLIPWAY_SEED repeats a run, SLIPWAY_CUTS cuts more often or less.
 */
import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBootStub } from '../../src/model/boot-stub.ts';
import { liveIso, startLive } from '../iso/live.ts';
import { blankDisk, dataVolume, digestOf, example, findOnDisk, stringsOf } from '../iso/media.ts';
import { agentSource, makeAgentSource } from './agent-source.ts';
import { boots, bootsWhat } from './boots.ts';
import { prepareLiveShell, startLiveShell } from './live-shell.ts';
import type { LiveShell } from './live-shell.ts';
import { dataArguments } from './plug.ts';
import { openSerialShell } from './serial-shell.ts';
import type { SerialShell } from './serial-shell.ts';
import { soak } from './soak.ts';

const folder = 'build/test/agent-power-cut';
const iso = await liveIso();
const cuts = Number(process.env['SLIPWAY_CUTS'] ?? (soak ? 8 : 4));
const seed = Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1_000_000);
const size = 3 * 1024 ** 3;
const userData = example('user-data');
const installerData = example('installer-data').replace(/^\s*#!\/bin\/sh\n/m, '');
const strings = stringsOf(installerData, userData);
const medium = `${folder}/data.img`;
const install = `slipway install --unattended --wait-for-data 60 --device serial:DISK-A ${agentSource} --finish none`;

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

/** What is at the head of a disk: whose boot code, and the name of partition 1. */
const headOf = (handle: number): { readonly code: 'none' | 'held' | 'loader'; readonly first: string } => {
  const bytes = Buffer.alloc(2048);
  readSync(handle, bytes, 0, bytes.length, 0);
  const code = bytes.subarray(0, 440);
  const hasTable = bytes.toString('latin1', 512, 520) === 'EFI PART';
  return {
    code: isBootStub(code) ? 'held' : code.every((byte) => byte === 0) ? 'none' : 'loader',
    first: hasTable ? bytes.subarray(1024 + 56, 1024 + 128).toString('utf16le').replace(/\0+$/, '') : '',
  };
};

/** Is there a loader that UEFI firmware starts by itself? Its name in the directories at the start of partition 1. */
const hasUefiLoader = (handle: number): boolean => {
  const bytes = Buffer.alloc(1024 ** 2);
  readSync(handle, bytes, 0, bytes.length, 1024 ** 2);
  return bytes.includes('BOOTX64 EFI');
};

/** Looks at a disk all the time: what a cut would find, and from when (ms). */
const watchDisk = (disk: string, firmware: 'bios' | 'uefi'): (() => readonly { readonly at: number; readonly state: string }[]) => {
  const handle = openSync(disk, 'r');
  const seen: { at: number; state: string }[] = [];
  const look = (): void => {
    const { code, first } = headOf(handle);
    const what = firmware === 'bios' ? code : hasUefiLoader(handle) ? 'loader' : 'held';
    const state = `${what} ${first === '' ? 'no table' : first}`;
    if (seen.at(-1)?.state !== state) seen.push({ at: performance.now(), state });
  };
  const timer = setInterval(look, firmware === 'bios' ? 2 : 10);
  return () => {
    clearInterval(timer);
    look();
    closeSync(handle);
    return seen;
  };
};

const whole = 'mode=active hostname=factory-node users=operator oem=ok persistent=ok';

/** A machine with the source made and the disk and a data volume plugged in. */
const start = async (disk: string, log: string): Promise<LiveShell> => {
  const shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: medium, log });
  await makeAgentSource(shell);
  return shell;
};

describe.runIf(iso.agent)(`power is cut ${cuts} times under kairos-agent (SLIPWAY_SEED=${seed})`, () => {
  let duration = 0;
  const outcomes: string[] = [];

  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    blankDisk(`${folder}/made`, 0);
    dataVolume(medium, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  });
  afterAll(() => console.log(`power cuts under kairos-agent, seed ${seed}: ${outcomes.join('; ')}`));

  /** One install that is watched from outside. Returns how long it took, ms. */
  const watched = async (shell: SerialShell, disk: string, firmware: 'bios' | 'uefi'): Promise<number> => {
    const stop = watchDisk(disk, firmware);
    const from = performance.now();
    const { code, text } = await shell.run(install, 900_000);
    const took = performance.now() - from;
    const seen = stop();
    expect(text).toMatch(/done \(exit code 0\): installed to/);
    expect(code).toBe(0);
    const spans = seen.map(({ at, state }, index) => ({ state, ms: (seen[index + 1]?.at ?? performance.now()) - at }));
    console.log(`${firmware}, what a cut finds: ${spans.map(({ state, ms }) => `${state} ${ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(0)} s`}`).join(', ')}; install ${(took / 1000).toFixed(0)} s`);
    // A loader is on the disk in the window after it was written, and at the end: first on the marked disk, then on the finished one.
    const ends = seen.at(-1)?.state === (firmware === 'bios' ? 'loader bios' : 'loader efi');
    expect(ends).toBe(true);
    const open = spans.slice(0, -2).filter(({ state }) => state.startsWith('loader'));
    expect(open.length).toBeLessThanOrEqual(1);
    for (const { ms, state } of open) {
      expect(state).toBe('loader slipway-unfinished');
      expect(ms).toBeLessThan(3000);
    }
    return took;
  };

  test('without a cut, BIOS: held back from the first write to the last, but for a window that is measured', async () => {
    const disk = blankDisk(`${folder}/whole.img`, size);
    {
      await using shell = await start(disk, `${folder}/whole.log`);
      duration = await watched(shell, disk, 'bios');
    }
    expect(findOnDisk(disk, strings)).toEqual([]);
    expect(await boots(disk)).toContain(whole);
  }, 1_200_000);

  test.runIf(soak)('without a cut, UEFI: the same (npm run soak)', async () => {
    const disk = blankDisk(`${folder}/uefi.img`, size);
    const { source } = await prepareLiveShell();
    {
      await using live = await startLive({
        firmware: 'uefi', medium: 'usb-cdrom', words: 'slipway=shell',
        drives: [{ file: disk, serial: 'DISK-A', snapshot: false }, { file: source, serial: 'SOURCE', readOnly: true }],
        args: dataArguments(medium),
      });
      await live.machine.waitFor(/A root shell of the live system/, 300_000);
      await live.machine.waitFor(/[#] $/m, 60_000);
      const shell = openSerialShell(live.machine);
      expect(await shell.run('mkdir -p /run/source && mount -o ro /dev/disk/by-label/SOURCE /run/source && [ -d /sys/firmware/efi ]', 60_000)).toMatchObject({ code: 0 });
      await makeAgentSource(shell);
      await watched(shell, disk, 'uefi');
    }
    expect(findOnDisk(disk, strings)).toEqual([]);
    expect(await boots(disk, { firmware: 'uefi' })).toContain(whole);
  }, 1_800_000);

  test.each(Array.from({ length: cuts }, (_, index) => [index + 1, (index + random()) / cuts] as const))('cut %i, %f of the way', async (number, moment) => {
    expect(duration).toBeGreaterThan(0);
    const disk = blankDisk(`${folder}/cut-${number}.img`, size);
    const blank = digestOf(disk);
    let at: string;
    {
      await using shell = await start(disk, `${folder}/cut-${number}.log`);
      shell.machine.write(`${install}\r`);
      await new Promise((resolve) => setTimeout(resolve, moment * duration));
      at = [...shell.machine.text.matchAll(/\[\d+\/10\] (\w+)/g)].at(-1)?.[1] ?? 'start';
      process.kill(shell.machine.pid ?? 0, 'SIGKILL');
    }
    const handle = openSync(disk, 'r');
    const { code, first } = headOf(handle);
    closeSync(handle);
    let state: string;
    if (digestOf(disk) === blank) state = 'untouched';
    else if (code === 'loader' && first === 'bios') {
      state = 'finished';
      expect(findOnDisk(disk, strings)).toEqual([]);
      expect(await boots(disk)).toContain(whole);
    } else {
      state = `${code}, ${first === '' ? 'no table' : first}`;
      expect([code === 'held', first === 'slipway-unfinished']).toContain(true);
      if (code === 'held') {
        const { said, screen } = await bootsWhat(disk);
        expect(said).toBe('nothing to boot');
        // Boot code speaks on the screen only.
        expect(screen).toContain('an install on this disk did not end');
      }
    }
    {
      await using shell = await start(disk, `${folder}/cut-${number}-again.log`);
      const { code: exit, text } = await shell.run(install, 900_000);
      expect(text).toMatch(/done \(exit code 0\): /);
      expect(exit).toBe(0);
    }
    expect(findOnDisk(disk, strings)).toEqual([]);
    expect(await boots(disk)).toContain(whole);
    outcomes.push(`${(moment * 100).toFixed(0)} % (${at}): ${state}`);
    rmSync(disk);
  }, 1_800_000);
});
