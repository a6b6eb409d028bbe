import { describe, expect, test } from 'vitest';
import { cutText, formatTable, textWidth, wrapText } from '../../src/cli/columns.ts';
import { formatProbe, formatSize } from '../../src/cli/probe-table.ts';
import { probeRows } from './machine-builder.ts';

describe('slipway probe for people', () => {
  test('fits the columns it is given, from 40 on', async () => {
    const facts = await probeRows([
      { name: 'sda', model: 'A VERY LONG MODEL NAME THAT GOES ON AND ON', serial: 'S'.repeat(60), tran: 'usb', children: [{ name: 'sda1', type: 'part', label: '東京'.repeat(20), fstype: 'ext4' }] },
      { name: 'sr0', type: 'rom' },
      { name: 'sdb', mountpoints: [`/${'deep/'.repeat(40)}`] },
    ]);
    for (const columns of [40, 60, 80, 132]) {
      for (const line of formatProbe(facts, columns).split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(columns);
    }
    expect(formatProbe(facts, 80)).toContain('not disks: /dev/sr0');
  });

  test('shows verdicts with their reasons; of a refused disk only the refusals', async () => {
    const text = formatProbe(await probeRows([{ name: 'sda', tran: 'usb', mountpoints: ['/data'] }]), 80);
    expect(text).toContain('refused');
    expect(text).toContain('/dev/sda is mounted at /data; unmount it, or choose another disk');
    expect(text).not.toContain('--allow removable');
  });

  test('a path is never cut: one that is too long stands above its row', async () => {
    const path = '/dev/mapper/35000c500c0000001aaaabbbb';
    const text = formatProbe(await probeRows([{ name: 'dm-0', path, type: 'mpath', serial: 'M1', fstype: 'ext4' }, { name: 'sda' }]), 80);
    expect(text).toMatch(new RegExp(`^  ${path}\n {5,}16.0 GiB  caution`, 'm'));
    expect(text).toMatch(/^ {2}\/dev\/sda +16.0 GiB {2}eligible/m);
    expect(text).toMatch(new RegExp(`^  ${path}\n {5,}16.0 GiB  other`, 'm'));
    expect(text).not.toContain('/dev/mapper/3500~');
  });

  test('a machine without disks', async () => {
    expect(formatProbe(await probeRows([]), 80)).toContain('Disks\n  none');
  });
});

test('sizes', () => {
  expect([0, 512, 1024, 1.5 * 1024 ** 3, 2 ** 60].map(formatSize)).toEqual(['-', '512 B', '1.0 KiB', '1.5 GiB', '1024.0 PiB']);
});

test('cutting, wrapping and tables', () => {
  expect(cutText('abcdef', 4)).toBe('abc~');
  expect(cutText('東京東京', 5)).toBe('東京~');
  expect(wrapText('one two three', 8, ' ')).toEqual([' one two', ' three']);
  expect(wrapText('x'.repeat(20), 10)).toEqual(['x'.repeat(10), 'x'.repeat(10)]);
  expect(formatTable([{ title: 'A', most: 9 }, { title: 'N', most: 9, right: true }], [['ab', '1'], ['c', '22']], 80)).toEqual(['A    N', 'ab   1', 'c   22']);
});
