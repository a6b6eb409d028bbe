import { describe, expect, test } from 'vitest';
import type { DiskIdentity } from '../../src/model/plan.ts';
import { compareIdentity, identityDifferences, readIdentity } from '../../src/probe/identity.ts';
import { deviceTarget } from '../../src/plan/target.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { diskOf, machine, probeRecording } from './machine-builder.ts';

const identity: DiskIdentity = { kname: 'sda', serial: 'A1', wwn: '0x5000c500a0000001', size: 1000, diskseq: 4, byId: ['/dev/disk/by-id/ata-A1'] };

describe('the identity lock (invariant 2)', () => {
  test('the same disk passes, in any order of its links', () => {
    expect(compareIdentity(identity, { ...identity }, '/dev/sda')).toBeNull();
    const two = { ...identity, byId: ['/dev/disk/by-id/b', '/dev/disk/by-id/a'] };
    expect(compareIdentity(two, { ...two, byId: two.byId.toReversed() }, '/dev/sda')).toBeNull();
  });

  test.each<Partial<DiskIdentity>>([{ kname: 'sdb' }, { serial: 'A2' }, { serial: null }, { wwn: null }, { size: 1001 }, { diskseq: 5 }, { diskseq: null }, { byId: [] }])('%j is another disk', (change) => {
    expect(compareIdentity(identity, { ...identity, ...change }, '/dev/sda')).toMatchObject({ id: 'target-changed', severity: 'error', where: '/dev/sda' });
    expect(compareIdentity({ ...identity, ...change }, identity, '/dev/sda')?.id).toBe('target-changed');
  });

  test('a disk that is gone is another disk', () => {
    expect(identityDifferences(identity, null)).toEqual(['it is gone']);
  });

  test('links that LVM and RAID make on a disk do not count', () => {
    expect(identityDifferences(identity, { ...identity, byId: [...identity.byId, '/dev/disk/by-id/lvm-pv-uuid-x'] })).toEqual([]);
  });

  const options = { links: { '/dev/disk/by-id/ata-A': '/dev/sda', '/dev/disk/by-id/ata-B': '/dev/sdb' } };
  const before = machine([{ name: 'sda', serial: 'A', sysfs: { diskseq: '1\n' } }, { name: 'sdb', serial: 'B', sysfs: { diskseq: '2\n' } }], options);

  test('what the planner saw is what is read again', async () => {
    const planned = deviceTarget(diskOf(await probeRecording(before), '/dev/sda'));
    const now = await readIdentity(createRecordedSystem(before), '/dev/disk/by-id/ata-A');
    expect(planned.kind === 'device' && compareIdentity(planned.identity, now.identity, '/dev/sda')).toBeNull();
    expect(now.refusals).toEqual([]);
  });

  test('names that swapped between plan and write are noticed', async () => {
    const planned = deviceTarget(diskOf(await probeRecording(before), '/dev/sda'));
    const after = machine([{ name: 'sda', serial: 'B', sysfs: { diskseq: '2\n' } }, { name: 'sdb', serial: 'A', sysfs: { diskseq: '1\n' } }], { links: { '/dev/disk/by-id/ata-A': '/dev/sdb', '/dev/disk/by-id/ata-B': '/dev/sda' } });
    const now = await readIdentity(createRecordedSystem(after), '/dev/sda');
    const problem = planned.kind === 'device' ? compareIdentity(planned.identity, now.identity, '/dev/sda') : null;
    expect(problem?.what).toContain('serial was A and is B');
  });

  test('a disk that was mounted meanwhile is the same disk and still must not be written', async () => {
    const now = await readIdentity(createRecordedSystem(machine([{ name: 'sda', mountpoints: ['/mnt'] }])), '/dev/sda');
    expect(now.refusals).toEqual(['/dev/sda is mounted at /mnt']);
  });

  test('a path that two disks answer to names none of them', async () => {
    const rows = [{ name: 'sdb', path: '/dev/sdc', serial: 'B' }, { name: 'sdc', serial: 'C' }];
    const now = await readIdentity(createRecordedSystem(machine(rows)), '/dev/sdc');
    expect(now).toMatchObject({ identity: null, disk: null });
    expect(now.refusals.join(' ')).toContain('2 disks answer');
  });

  test.each([
    ['8:0', []],
    ['8:16', ['/dev/sda is the device 8:16, and sda is 8:0']],
    [undefined, ['/dev/sda is not a block device']],
  ])('a node in /dev that is %s', async (device, expected) => {
    const recorded = createRecordedSystem(machine([{ name: 'sda', sysfs: { dev: '8:0\n' } }]));
    const node = { kind: device === undefined ? 'file' : 'block', size: 0, mode: 0o600, allocated: 0, modified: 0, ...(device === undefined ? {} : { device }) } as const;
    const now = await readIdentity({ ...recorded, real: true, stat: (path) => (path === '/dev/sda' ? Promise.resolve(node) : recorded.stat(path)) }, '/dev/sda');
    expect(now.refusals).toEqual(expected);
  });

  test('device numbers of this machine are told as the kernel tells them', async () => {
    const { createRealSystem } = await import('../../src/system/real.ts');
    expect(await createRealSystem().stat('/dev/null')).toMatchObject({ kind: 'character', device: '1:3' });
    expect(await createRealSystem().stat('/dev')).not.toHaveProperty('device');
  });

  test('a disk that vanished', async () => {
    expect((await readIdentity(createRecordedSystem(machine([])), '/dev/sda')).identity).toBeNull();
  });
});
