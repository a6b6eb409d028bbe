import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MiB, planLayout } from '../../src/plan/layout.ts';
import { readLayoutWishes } from '../../src/plan/layout-wishes.ts';

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
});
