/** What may be unmounted for an install, and that nothing else is. */
import { describe, expect, test } from 'vitest';
import { releaseDisk } from '../../src/app/console/release-disk.ts';
import type { Disk } from '../../src/model/facts.ts';
import { planRelease, releaseText } from '../../src/plan/release.ts';
import { reason } from '../../src/probe/reasons.ts';
import { disk } from '../app/fake-effects.ts';

const held = (uses: Disk['uses'], ...more: Disk['reasons']): Disk => disk('/dev/sdb', { verdict: 'refused', reasons: [reason('mounted', 'it is mounted'), ...more], ...(uses === undefined ? {} : { uses }) });
const mount = (device: string, point: string) => ({ kind: 'mount', device, point }) as const;
const swap = (device: string) => ({ kind: 'swap', device, point: '' }) as const;

describe('what can be let go of (invariant 2)', () => {
  test('swap first, then mounts from the deepest, the later of two first', () => {
    const steps = planRelease(held([mount('/dev/sdb1', '/mnt/a'), mount('/dev/sdb2', '/mnt/a/below'), swap('/dev/sdb3'), mount('/dev/sdb4', '/mnt/b')]));
    expect(steps?.map(releaseText)).toEqual(['switch swap off on /dev/sdb3', 'unmount /mnt/a/below (/dev/sdb2)', 'unmount /mnt/b (/dev/sdb4)', 'unmount /mnt/a (/dev/sdb1)']);
  });

  test.each<[string, Disk]>([
    ['nothing holds it', held(undefined)],
    ['the running system stands on it', held([mount('/dev/sdb1', '/')])],
    ['a part of the running system is on it', held([mount('/dev/sdb1', '/mnt/a'), mount('/dev/sdb2', '/boot/efi')])],
    ['the image of the live system is on it', held([mount('/dev/sdb1', '/run/initramfs/cos-state')])],
    ['the node keeps its configuration on it', held([mount('/dev/sdb1', '/oem')])],
    ['it is the live medium', held([mount('/dev/sdb1', '/mnt/a')], reason('live-medium', 'it is the medium'))],
    ['a volume group is on it', held([mount('/dev/sdb1', '/mnt/a')], reason('lvm-member', 'it is in a volume group'))],
    ['an encrypted volume on it is open', held([mount('/dev/sdb1', '/mnt/a')], reason('crypt-open', 'it is open'))],
    ['it is in an array', held([mount('/dev/sdb1', '/mnt/a')], reason('raid-member', 'it is in an array'))],
    ['it holds a data volume', held([mount('/dev/sdb1', '/mnt/a')], reason('data-volume', 'it holds one'))],
    ['it is not understood', held([mount('/dev/sdb1', '/mnt/a')], reason('not-understood', 'odd'))],
  ])('not when %s', (_, subject) => {
    expect(planRelease(subject)).toBeNull();
  });
});

describe('letting go', () => {
  const subject = held([mount('/dev/sdb1', '/mnt/it; rm -rf /'), swap('/dev/sdb2')], reason('swap', 'it is swapped on'));
  const recorded = (exitCodes: readonly number[] = []) => {
    const commands: (readonly string[])[] = [];
    const run = (command: readonly string[]) => {
      commands.push(command);
      const exitCode = exitCodes[commands.length - 1] ?? 0;
      return Promise.resolve({ exitCode, stdout: '', stderr: exitCode === 0 ? '' : 'umount: /mnt/it: target is busy.\n', missing: false, timedOut: false, truncated: false });
    };
    return { commands, system: { run } as unknown as Parameters<typeof releaseDisk>[0] };
  };
  const { signal } = new AbortController();

  test('plain commands, nothing forced', async () => {
    const { commands, system } = recorded();
    await expect(releaseDisk(system, () => Promise.resolve([subject]), subject, signal)).resolves.toBe('1 mount was undone, swap was switched off');
    expect(commands).toEqual([['swapoff', '/dev/sdb2'], ['umount', '--', '/mnt/it; rm -rf /']]);
  });

  test.each<[string, readonly Disk[]]>([
    ['the disk is gone', []],
    ['another disk took its name', [{ ...subject, diskseq: 99 }]],
    ['something else is mounted by now', [{ ...subject, uses: [mount('/dev/sdb1', '/')] }]],
    ['it holds more than was shown', [{ ...subject, uses: [...(subject.uses ?? []), mount('/dev/sdb3', '/mnt/new')] }]],
  ])('not when %s', async (_, now) => {
    const { commands, system } = recorded();
    await expect(releaseDisk(system, () => Promise.resolve(now), subject, signal)).rejects.toMatchObject({ problem: { id: 'release-failed' } });
    expect(commands).toEqual([]);
  });

  test('what is busy stays, and its reason is told', async () => {
    const { system } = recorded([0, 32]);
    await expect(releaseDisk(system, () => Promise.resolve([subject]), subject, signal)).rejects.toMatchObject({ problem: { what: 'could not be unmounted: umount: /mnt/it: target is busy.' } });
  });
});
