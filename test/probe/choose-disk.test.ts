import { describe, expect, test } from 'vitest';
import { chooseDisk, disksNamed, matchesGlob } from '../../src/plan/choose-disk.ts';
import type { DiskChoice } from '../../src/plan/choose-disk.ts';
import { GiB, probeRows } from './machine-builder.ts';
import type { Row } from './machine-builder.ts';

const none = { allowDataLoss: false, allow: [] };
const data = { allowDataLoss: true, allow: [] };

/** The chosen path, or the ids of the errors. */
const outcome = (choice: DiskChoice): string =>
  'disk' in choice ? choice.disk.path : choice.problems.filter(({ severity }) => severity === 'error').map(({ id }) => id).join(' ');

const rows: readonly Row[] = [
  { name: 'sda', size: 20 * GiB, model: 'FAST SSD', serial: 'AA11', wwn: '0x5000C500A0000001' },
  { name: 'sdb', size: 40 * GiB, model: 'BIG HDD', serial: 'BB22', children: [{ name: 'sdb1', type: 'part', fstype: 'ext4' }] },
  { name: 'sdc', size: 30 * GiB, model: 'STICK', serial: 'CC33', tran: 'usb' },
  { name: 'sdd', size: 99 * GiB, model: 'BIG HDD', serial: 'DD44', mountpoints: ['/data'] },
];
const links = { '/dev/disk/by-id/ata-AA11': '/dev/sda', '/dev/disk/by-path/p2': '/dev/sdb', '/dev/disk/by-id/ata-BB22-part1': '/dev/sdb1' };

describe('a device rule (invariant 2)', () => {
  test.each([
    ['auto', none, '/dev/sda'],
    ['auto', data, 'device-ambiguous'],
    ['smallest', none, '/dev/sda'],
    ['smallest', data, '/dev/sda'],
    ['largest', none, '/dev/sda'],
    ['largest', data, '/dev/sdb'],
    ['model:fast*', none, '/dev/sda'],
    ['model:*ssd', none, '/dev/sda'],
    ['model:BIG HDD', none, 'device-not-found'],
    ['model:BIG HDD', data, '/dev/sdb'],
    ['model:NONE', none, 'device-not-found'],
    ['model:STICK', { allowDataLoss: true, allow: ['removable'] }, 'device-not-found'],
    ['serial:AA11', none, '/dev/sda'],
    ['serial:aa11', none, 'device-not-found'],
    ['serial:BB22', none, 'device-needs-consent'],
    ['serial:BB22', data, '/dev/sdb'],
    ['serial:DD44', data, 'device-refused'],
    ['wwn:0x5000c500a0000001', none, '/dev/sda'],
    ['wwn:5000C500A0000001', none, '/dev/sda'],
    ['/dev/sda', none, '/dev/sda'],
    ['/dev/disk/by-id/ata-AA11', none, '/dev/sda'],
    ['/dev/disk/by-path/p2', data, '/dev/sdb'],
    ['/dev/disk/by-id/ata-BB22-part1', data, 'device-not-found'],
    ['/dev/sdb1', data, 'device-is-partition'],
    ['/dev/sdc', none, 'device-needs-consent'],
    ['/dev/sdc', { allowDataLoss: false, allow: ['removable'] }, '/dev/sdc'],
    ['/dev/sdd', { allowDataLoss: true, allow: ['removable', 'network-disk'] }, 'device-refused'],
    ['/dev/nvme9n1', none, 'device-not-found'],
    ['', none, 'device-rule'],
    ['serial:', none, 'device-rule'],
    ['biggest', none, 'device-rule'],
  ])('%s with %j gives %s', async (rule, consent, expected) => {
    expect(outcome(chooseDisk(rule, await probeRows(rows, { links }), consent))).toBe(expected);
  });

  test.each(['wwn:0000000000000000', 'wwn:0x0000000000000000', 'wwn:FFFFFFFFFFFFFFFF', 'serial:00000000', 'serial:0123456789', 'serial:none'])('%s names no disk, though one answers with it', async (rule) => {
    const filler = rule.replace(/^\w+:(?:0x)?/, '');
    const facts = await probeRows([{ name: 'sda', serial: filler, wwn: `0x${filler}` }]);
    const choice = chooseDisk(rule, facts, data);
    expect(outcome(choice)).toBe('device-filler');
    expect('problems' in choice && choice.problems[0]?.what).toContain('tells no disk from another');
    expect(disksNamed(rule, facts)).toBeNull();
  });

  test('equal sizes are no answer to "largest"', async () => {
    const facts = await probeRows([{ name: 'sda' }, { name: 'sdb' }]);
    expect(outcome(chooseDisk('largest', facts, none))).toBe('device-ambiguous');
  });

  test('a disk without a serial is taken by its path and by no rule', async () => {
    const facts = await probeRows([{ name: 'sda', serial: null }]);
    expect(outcome(chooseDisk('/dev/sda', facts, none))).toBe('/dev/sda');
    for (const rule of ['auto', 'largest', 'smallest']) expect(outcome(chooseDisk(rule, facts, data))).toBe('device-none');
  });

  test('a serial that two disks share is refused with both of them listed', async () => {
    const choice = chooseDisk('serial:AB12', await probeRows([{ name: 'sda', serial: 'AB12' }, { name: 'sdb', serial: 'AB12' }]), data);
    expect(outcome(choice)).toBe('device-ambiguous');
    expect('problems' in choice && choice.problems.slice(1).map(({ where }) => where)).toEqual(['/dev/sda 16.0 GiB serial AB12', '/dev/sdb 16.0 GiB serial AB12']);
  });

  test('the serial of a multipath disk means the disk, not its paths', async () => {
    const leg = (name: string): Row => ({ name, serial: 'LUN7', wwn: '0x5000c500c0000001', children: [{ name: 'dm-0', type: 'mpath', path: '/dev/mapper/mpatha', 'maj:min': '254:0' }] });
    expect(outcome(chooseDisk('serial:LUN7', await probeRows([leg('sda'), leg('sdb')]), none))).toBe('/dev/mapper/mpatha');
  });

  test('a refusal lists every disk with what speaks against it', async () => {
    const choice = chooseDisk('auto', await probeRows(rows.slice(1)), none);
    expect('problems' in choice && choice.problems.map(({ severity, where, what }) => `${severity} ${where}: ${what}`)).toEqual([
      'error --device auto: no disk can be used without more consent',
      'info /dev/sdb 40.0 GiB serial BB22: it holds 1 partition (ext4)',
      'info /dev/sdc 30.0 GiB serial CC33: it is attached over USB',
      'info /dev/sdd 99.0 GiB serial DD44: /dev/sdd is mounted at /data',
    ]);
  });

  test('an unfinished install needs no consent to data loss', async () => {
    const facts = await probeRows([{ name: 'sda', children: [{ name: 'sda1', type: 'part', partlabel: 'slipway-unfinished' }] }]);
    expect(outcome(chooseDisk('auto', facts, none))).toBe('/dev/sda');
  });
});

test('globs match without case, and never take long', () => {
  expect(matchesGlob('sam*980 ?ro', 'Samsung SSD 980 PRO')).toBe(true);
  expect(matchesGlob('sam', 'Samsung')).toBe(false);
  expect(matchesGlob('', '')).toBe(true);
  // Exponential matching would not end within the test's time.
  expect(matchesGlob(`${'*a'.repeat(60)}b`, 'a'.repeat(128))).toBe(false);
});
