import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { watchMachine } from '../../src/probe/watch.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import type { Recording } from '../../src/system/recording.ts';
import { machine } from './machine-builder.ts';

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
