import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { leastDiskFor, preflight } from '../../src/plan/preflight.ts';
import type { PreflightInput } from '../../src/plan/preflight.ts';
import { diskOf, GiB, probeRows } from './machine-builder.ts';
import type { Row } from './machine-builder.ts';

const base = await probeRows([{ name: 'sda', size: 20 * GiB }]);
const good: PreflightInput = { facts: base, disk: diskOf(base, '/dev/sda'), wiped: [], source: null, engine: 'builtin', encrypted: [], kms: null, urls: [], now: Date.UTC(2026, 10, 1) };
const ids = (change: Partial<PreflightInput>, facts: Partial<Facts> = {}): readonly string[] =>
  preflight({ ...good, ...change, facts: { ...(change.facts ?? base), ...facts } }).map(({ id, severity }) => `${severity} ${id}`);

const nic = { name: 'eth0', mac: null, carrier: true, addresses: ['10.0.0.5/24'], speed: null };
const registry = { uri: 'oci:x', kind: 'oci' as const, size: 0, kernel: null, initrd: null, release: {} };
const image = (size: number) => ({ ...registry, uri: 'dir:/x', kind: 'dir' as const, size });

describe('preflight', () => {
  test('a machine that fits has no problem', () => expect(ids({})).toEqual([]));

  test('memory', () => {
    expect(ids({}, { memory: 512 * 1024 ** 2 })).toEqual(['error memory-too-small']);
    expect(ids({}, { memory: 0 })).toEqual(['warning memory-unknown']);
  });

  test("disk size against the image's, by kairos-agent's rule", () => {
    expect(ids({ engine: 'kairos-agent', source: image(3 * GiB) })).toEqual([]);
    expect(ids({ engine: 'kairos-agent', source: image(4 * GiB) })).toEqual(['error disk-too-small']);
    expect(leastDiskFor(0)).toBe((500 + 1330) * 1024 ** 2);
    const [note] = preflight({ ...good, engine: 'kairos-agent', source: registry, facts: { ...base, nics: [nic] } });
    expect(note).toMatchObject({ id: 'disk-fit-unknown', severity: 'info', where: '/dev/sda', hint: 'this disk has room for an image of about 3.6 GiB' });
    expect(ids({ engine: 'kairos-agent', source: image(3.6 * GiB) })).toEqual([]);
  });

  test('a TPM where encryption is asked for and no key server is named', () => {
    const encrypted = ['COS_PERSISTENT'];
    expect(ids({ encrypted })).toEqual(['error tpm-missing']);
    expect(ids({ encrypted }, { tpm: { present: true, version: '1.2', device: '/dev/tpm0' } })).toEqual(['error tpm-too-old']);
    expect(ids({ encrypted }, { tpm: { present: true, version: '2.0', device: '/dev/tpmrm0' } })).toEqual([]);
    expect(ids({ encrypted }, { tpm: { present: true, version: null, device: '/dev/tpm0' } })).toEqual(['error tpm-too-old']);
    expect(ids({ encrypted }, { tpm: { present: true, version: '2.0', device: '/dev/tpm0' } })).toEqual(['error tpm-no-manager']);
    expect(ids({ encrypted, kms: 'http://k' }, { nics: [nic] })).toEqual([]);
  });

  test('the network where something must be fetched', () => {
    expect(ids({ urls: ['https://example.org/c'] })).toEqual(['error network-missing']);
    expect(ids({ source: registry })).toEqual(['error network-missing']);
    expect(ids({ urls: ['/local'] })).toEqual([]);
    expect(ids({ source: registry }, { nics: [nic] })).toEqual([]);
    expect(ids({ source: registry }, { nics: [{ ...nic, carrier: false }, { ...nic, name: 'eth1', addresses: [] }] })).toEqual(['error network-missing']);
    expect(ids({ source: registry }, { nics: [{ ...nic, carrier: null }] })).toEqual(['error network-missing']);
    for (const name of ['docker0', 'virbr0', 'veth12ab', 'br-0123456789ab']) expect(ids({ source: registry }, { nics: [{ ...nic, name }] })).toEqual(['error network-missing']);
    for (const name of ['br0', 'bond0', 'wlan0', 'brmgmt', 'wg0']) expect(ids({ source: registry }, { nics: [{ ...nic, name }] })).toEqual([]);
    expect(ids({ source: registry }, { nics: [{ ...nic, addresses: ['fe80::1/64', '169.254.1.1/16'] }] })).toEqual(['error network-missing']);
  });

  test('the clock: an error only where certificates are checked', () => {
    expect(ids({ now: 0 })).toEqual(['warning clock-wrong']);
    expect(ids({ now: 0, urls: ['https://example.org'] }, { nics: [nic] })).toEqual(['error clock-wrong']);
    expect(ids({ now: Number.NaN })).toEqual(['warning clock-wrong']);
    // No clock that works says less than the day that the program was built from.
    const builtAt = Date.UTC(2026, 10, 1);
    expect([-3, -1, 0].map((days) => ids({ builtAt, now: builtAt + days * 86_400_000 }).join(' '))).toEqual(['warning clock-wrong', '', '']);
    expect(ids({ now: Date.UTC(2025, 5, 1) })).toEqual([]);
  });

  test('a second disk with names of Kairos, for the engine that finds partitions by name', async () => {
    const facts = await probeRows([
      { name: 'sda', children: [{ name: 'sda1', type: 'part', label: 'COS_OEM', fstype: 'ext4' }] },
      { name: 'sdb', children: [{ name: 'sdb1', type: 'part', partlabel: 'state' }] },
      { name: 'sdc', children: [{ name: 'sdc1', type: 'part', label: 'data', fstype: 'ext4' }] },
    ]);
    const problems = preflight({ ...good, facts, disk: diskOf(facts, '/dev/sda'), engine: 'kairos-agent' });
    expect(problems.map(({ id, where }) => `${id} ${where}`)).toEqual(['kairos-disk-second /dev/sdb']);
    expect(problems[0]?.what).toContain('state');
    expect(preflight({ ...good, facts, disk: diskOf(facts, '/dev/sda') })).toEqual([]);
  });

  test('the medium that runs is no second install; on UEFI its EFI partition must not come before the target', async () => {
    const stick = { name: 'sda', tran: 'usb', children: [{ name: 'sda1', type: 'part', label: 'COS_LIVE', fstype: 'iso9660' }, { name: 'sda2', type: 'part', label: 'COS_GRUB', fstype: 'vfat' }] };
    const facts = await probeRows([stick, { name: 'sdb' }, { name: 'nvme0n1' }]);
    const found = (path: string, uefi: boolean) => preflight({ ...good, facts: { ...facts, firmware: { uefi, secureBoot: false } }, disk: diskOf(facts, path), engine: 'kairos-agent' }).map(({ id, where }) => `${id} ${where}`);
    expect(found('/dev/sdb', false)).toEqual([]);
    expect(found('/dev/nvme0n1', true)).toEqual([]);
    expect(found('/dev/sdb', true)).toEqual(['kairos-disk-medium /dev/sda']);
    const worse = await probeRows([{ ...stick, children: [...stick.children, { name: 'sda3', type: 'part', label: 'COS_OEM', fstype: 'ext4' }] }, { name: 'sdb' }]);
    const [problem] = preflight({ ...good, facts: worse, disk: diskOf(worse, '/dev/sdb'), engine: 'kairos-agent' });
    expect(problem).toMatchObject({ id: 'kairos-disk-second', where: '/dev/sda', hint: expect.stringContaining('detach it') as unknown });
  });

  test('a path to a disk counts, unless the multipath disk over it is told of', async () => {
    const leg = (name: string, child: string, more: readonly Row[]): Row => ({ name, serial: 'AB12', wwn: '0x5000c500a0000001', children: [{ name: child, type: 'part', label: 'COS_OEM', fstype: 'ext4' }, ...more] });
    const found = async (more: readonly Row[]) => {
      const facts = await probeRows([{ name: 'sda' }, leg('sdb', 'sdb1', more), leg('sdc', 'sdc1', more)]);
      return preflight({ ...good, facts, disk: diskOf(facts, '/dev/sda'), engine: 'kairos-agent' }).map(({ id, where }) => `${id} ${where}`);
    };
    expect(await found([])).toEqual(['kairos-disk-second /dev/sdb', 'kairos-disk-second /dev/sdc']);
    const over: Row = { name: 'dm-0', type: 'mpath', path: '/dev/mapper/mpatha', 'maj:min': '253:0', children: [{ name: 'dm-1', type: 'part', path: '/dev/mapper/mpatha-part1', 'maj:min': '253:1', label: 'COS_OEM', fstype: 'ext4' }] };
    expect(await found([over])).toEqual(['kairos-disk-second /dev/mapper/mpatha']);
  });

  test('the name bios alone is never looked up', async () => {
    const facts = await probeRows([{ name: 'sda' }, { name: 'sdb', children: [{ name: 'sdb1', type: 'part', partlabel: 'bios' }] }]);
    expect(preflight({ ...good, facts, disk: diskOf(facts, '/dev/sda'), engine: 'kairos-agent' })).toEqual([]);
  });

  test('kairos-agent and a multipath disk', async () => {
    const facts = await probeRows([{ name: 'sda', children: [{ name: 'dm-0', type: 'mpath' }] }]);
    expect(preflight({ ...good, facts, disk: diskOf(facts, '/dev/dm-0'), engine: 'kairos-agent' }).map(({ id }) => id)).toEqual(['disk-mapped']);
  });
});
