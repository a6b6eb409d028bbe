import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { watchMachine } from '../../src/probe/watch.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import type { Recording } from '../../src/system/recording.ts';
import type { System } from '../../src/system/port.ts';
import { machine } from './machine-builder.ts';
import type { Row } from './machine-builder.ts';

const stick = { name: 'sdb', tran: 'usb', fstype: 'vfat', label: 'CIDATA' };
const one = machine([{ name: 'sda' }]);
const two = machine([{ name: 'sda' }, stick]);

/** `from`, and after so many ms `to`. */
const changing = (from: Recording, to: Recording, after: number): Recording => ({
  ...from,
  changes: [{ after, gone: [...Object.keys(from.files), ...Object.keys(from.directories)], commands: to.commands, files: to.files, links: {}, directories: to.directories, volumes: {} }],
});

const firstChange = async (recording: Recording, patience = 3000): Promise<{ facts: Facts; elapsed: number } | null> => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  const started = performance.now();
  for await (const facts of watchMachine(createRecordedSystem(recording), stop.signal)) {
    clearTimeout(timer);
    stop.abort();
    return { facts, elapsed: performance.now() - started };
  }
  return null;
};

describe('hot plug', () => {
  test('a data volume that appears is noticed within a second', async () => {
    const change = await firstChange(changing(one, two, 300));
    expect(change?.facts.volumes).toEqual([expect.objectContaining({ path: '/dev/sdb', kind: 'data-volume' })]);
    expect(change?.elapsed).toBeLessThan(1300);
  });

  test('one that goes, too', async () => {
    const change = await firstChange(changing(two, one, 300));
    expect(change?.facts.volumes).toEqual([]);
    expect(change?.elapsed).toBeLessThan(1300);
  });

  test('a card put into a reader that stays', async () => {
    const reader = { name: 'sdc', tran: 'usb', rm: true, sysfs: { removable: '1\n' } };
    const change = await firstChange(changing(machine([{ ...reader, size: 0 }]), machine([reader]), 300));
    expect(change?.facts.disks[0]?.reasons.map(({ id }) => id)).toEqual(['removable']);
  });

  /** A disk with an unmounted system that `debugfs` names after `delay` ms, and a stick that comes at 300 ms. */
  const slowInside = (delay: number) => {
    const disk: Row = { name: 'sda', sysfs: { diskseq: '7\n' }, children: [{ name: 'sda1', type: 'part', fstype: 'ext4', uuid: 'u-1' }] };
    const commands = { 'debugfs -R cat /usr/lib/os-release /dev/sda1': { stdout: 'PRETTY_NAME="Debian GNU/Linux 12"\n', stderr: '', exitCode: 0 } };
    const [empty, plugged] = [machine([disk], { commands }), machine([disk, stick], { commands })];
    const recorded = createRecordedSystem({ ...changing(empty, plugged, 300), changes: [...(changing(empty, plugged, 300).changes ?? []), ...(changing(plugged, empty, 3300).changes ?? [])] });
    const looks: string[] = [];
    const run: System['run'] = async (command, options) => {
      if (command[0] === 'debugfs') {
        looks.push(command.join(' '));
        await new Promise((done) => setTimeout(done, delay));
      }
      return recorded.run(command, options);
    };
    return { system: { ...recorded, run }, looks };
  };

  test('what takes long to look into is told later, and looked into once', async () => {
    const { system, looks } = slowInside(1900);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 4300);
    const began = performance.now();
    const told: string[] = [];
    const times: number[] = [];
    for await (const { disks } of watchMachine(system, stop.signal)) {
      times.push(performance.now() - began);
      told.push(disks.map(({ kname, contents }) => `${kname} ${contents}`).join(', '));
    }
    expect(told).toEqual(['sda ext4, sdb data volume "CIDATA"', 'sda Debian GNU/Linux 12, sdb data volume "CIDATA"', 'sda Debian GNU/Linux 12']);
    expect(times[0]).toBeLessThan(1300);
    expect(looks).toHaveLength(1);
  });

  test('a probe that fails in the moment of the change is made up for', async () => {
    const recorded = createRecordedSystem(changing(one, two, 300));
    let failed = false;
    const run: System['run'] = async (command, options) => {
      const result = await recorded.run(command, options);
      if (command[0] !== 'lsblk' || failed) return result;
      failed = true;
      return { ...result, stdout: '', exitCode: 1 };
    };
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 2500);
    let last: Facts | undefined;
    for await (const facts of watchMachine({ ...recorded, run }, stop.signal)) last = facts;
    expect(last?.disks.map(({ kname }) => kname)).toEqual(['sda', 'sdb']);
    expect(last?.problems).toEqual([]);
  });

  test.each([
    ['mounted', { mounts: ['40 1 259:2 / /mnt rw - ext4 /dev/sda1 rw'] }],
    ['swapped on', { swaps: ['/dev/sda1'] }],
  ])('a partition that is %s, without a name that comes or goes', async (_what, use) => {
    const rows: readonly Row[] = [{ name: 'sda', children: [{ name: 'sda1', type: 'part', fstype: 'ext4' }] }];
    const change = await firstChange(changing(machine(rows), machine(rows, use), 300));
    expect(change?.facts.disks[0]?.verdict).toBe('refused');
    expect(change?.elapsed).toBeLessThan(1300);
  });

  test('nothing is said while nothing happens, and no tool is started', async () => {
    const system = createRecordedSystem(one);
    let runs = 0;
    const counting = { ...system, run: (...words: Parameters<typeof system.run>) => ((runs += 1), system.run(...words)) };
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1500);
    for await (const _ of watchMachine(counting, stop.signal)) throw new Error('nothing changed');
    expect(runs).toBe(0);
  });
});
