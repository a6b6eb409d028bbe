import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MiB, planLayout } from '../../src/plan/layout.ts';
import { createFinder } from '../../src/plan/check-whole.ts';
import { readLayoutWishes } from '../../src/plan/layout-wishes.ts';
import type { ParsedYaml } from '../../src/sources/yaml-nodes.ts';
import { rootData } from '../../src/sources/yaml-nodes.ts';
import { parseYaml } from '../../src/sources/yaml.ts';

const plain = { sizes: {}, extra: [] };

describe('planLayout', () => {
  test("gives Kairos's partitions and default sizes", () => {
    const { layout, problems } = planLayout(16 * 1024 * MiB, 50 * MiB, plain, 'disk');
    expect(problems).toEqual([]);
    expect(layout.partitions.map((row) => [row.name, row.label, row.fs, row.size / MiB])).toEqual([
      ['bios', '', 'none', 1],
      ['efi', 'COS_GRUB', 'vfat', 64],
      ['oem', 'COS_OEM', 'ext4', 64],
      ['recovery', 'COS_RECOVERY', 'ext4', 2 * 150 + 200],
      ['state', 'COS_STATE', 'ext4', 3 * 150 + 1000],
      ['persistent', 'COS_PERSISTENT', 'ext4', 16384 - 2 - 1 - 64 - 64 - 500 - 1450],
    ]);
  });

  test('has COS_PERSISTENT where kairos-agent puts it: before what is extra when its size is given, else last', () => {
    const extra = [{ name: 'data', label: 'DATA', fs: 'ext4' as const, size: 100 }];
    const names = (sizes: { persistent?: number }, boot: 'both' | 'bios'): readonly string[] =>
      planLayout(16 * 1024 * MiB, 50 * MiB, { sizes, extra }, 'disk', boot).layout.partitions.map(({ name }) => name).slice(-2);
    expect(names({ persistent: 2048 }, 'bios')).toEqual(['persistent', 'data']);
    expect(names({}, 'bios')).toEqual(['data', 'persistent']);
    expect(names({ persistent: 2048 }, 'both')).toEqual(['data', 'persistent']);
  });

  test('names what is needed when it does not fit', () => {
    const { problems } = planLayout(1024 * MiB, 50 * MiB, plain, '/dev/sda');
    expect(problems).toMatchObject([{ id: 'target-too-small', severity: 'error', where: '/dev/sda' }]);
    expect(problems[0]?.what).toContain('2145 MiB');
  });

  test('never overlaps, never passes the end, whatever fits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 4_000_000 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.record({ oem: fc.integer({ min: 1, max: 4000 }), persistent: fc.integer({ min: 0, max: 9000 }) }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 3 }),
        (diskMiB, imageMiB, sizes, extras) => {
          const wishes = { sizes, extra: extras.map((size, index) => ({ name: `x${index}`, label: `X${index}`, fs: 'ext4' as const, size })) };
          const { layout, problems } = planLayout(diskMiB * MiB, imageMiB * MiB, wishes, 'disk');
          if (problems.length > 0) return;
          let end = MiB;
          for (const partition of layout.partitions) {
            expect(partition.start).toBe(end);
            end += partition.size;
          }
          expect(end).toBeLessThanOrEqual((diskMiB - 1) * MiB);
        },
      ),
    );
  });
});

describe('readLayoutWishes', () => {
  test('flags win over the install block', () => {
    const { wishes, problems } = readLayoutWishes(['oem.size=512', 'extra.data.size=1024,fs=ext4,label=DATA'], {
      partitions: { oem: { size: 100, fs: 'ext4' }, state: { size: 9000 } },
      'extra-partitions': [{ name: 'logs', size: 64, label: 'LOGS' }],
    });
    expect(problems).toEqual([]);
    expect(wishes.sizes).toEqual({ oem: 512, state: 9000 });
    expect(wishes.extra).toEqual([
      { name: 'logs', size: 64, fs: 'ext2', label: 'LOGS' },
      { name: 'data', size: 1024, fs: 'ext4', label: 'DATA' },
    ]);
  });

  test.each([
    ['oem.size=big', 'partition-row'],
    ['extra.oem.size=10', 'partition-name'],
    ['extra.data.size=0', 'partition-size'],
    ['extra.data.size=10,label=COS_OEM', 'partition-label'],
    ['extra.data.size=10,fs=zfs', 'partition-row'],
    ['nonsense', 'partition-row'],
  ])('%s is refused as %s', (row, id) => {
    expect(readLayoutWishes([row], {}).problems.map((problem) => problem.id)).toContain(id);
  });

  const inDocument = (...lists: readonly string[]): readonly string[] => {
    const documents = lists.map((list, index) => ({ kind: 'user-data' as const, name: `u${index + 1}`, text: `#cloud-config\ninstall:\n  extra-partitions:\n${list}` }));
    const listed = documents.flatMap(({ name, text }) => (rootData(parseYaml(text, name).document as ParsedYaml)['install'] as { 'extra-partitions': readonly unknown[] })['extra-partitions']);
    return readLayoutWishes([], { 'extra-partitions': listed }, createFinder(documents)).problems.map(({ id, where }) => `${id} ${where}`);
  };

  test.each([
    ['    - size: 5\n', 'partition-name u1:4:7 install.extra-partitions[0].name'],
    ['    - name: ""\n      size: 5\n', 'partition-name u1:4:7 install.extra-partitions[0].name'],
    ['    - name:\n      size: 5\n', 'partition-name u1:4:7 install.extra-partitions[0].name'],
    ['    - name: data\n', 'partition-size u1:4:7 install.extra-partitions[0].size'],
    ['    - name: data\n      size: 0\n', 'partition-size u1:5:7 install.extra-partitions[0].size'],
    ['    - name: data\n      size: 5G\n', 'partition-size u1:5:7 install.extra-partitions[0].size'],
    ['    - name: data\n      size: 5\n      fs: zfs\n', 'partition-fs u1:6:7 install.extra-partitions[0].fs'],
    ['    - {name: data, size: 5}\n    - {name: data, size: 6}\n', 'partition-twice u1:5:8 install.extra-partitions[1].name'],
  ])('in a document: %j', (list, expected) => {
    expect(inDocument(list)).toEqual([expected]);
  });

  test('of two documents nobody can tell whose item it is: the place is that in the merged list', () => {
    expect(inDocument('    - {name: a, size: 5}\n', '    - {size: 5}\n')).toEqual(['partition-name install.extra-partitions[1].name']);
  });

  test('a size of 0 is told as what Kairos would make of it', () => {
    const [problem] = readLayoutWishes([], { 'extra-partitions': [{ name: 'data', size: 0 }] }).problems;
    expect(problem?.what).toBe('has no size, or 0: Kairos would give it the rest of the disk in place of COS_PERSISTENT, and Slipway does not');
  });

  test('a number is a name, as Kairos reads it', () => {
    expect(readLayoutWishes([], { 'extra-partitions': [{ name: 7, size: 5, fs: null }] })).toMatchObject({ problems: [], wishes: { extra: [{ name: '7', fs: 'ext2' }] } });
  });
});
