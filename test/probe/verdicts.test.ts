import { describe, expect, test } from 'vitest';
import { refusedReasons } from '../../src/model/facts.ts';
import type { Recording } from '../../src/system/recording.ts';
import { diskOf, GiB, judged, machine, probeRecording, probeRows } from './machine-builder.ts';
import type { MachineOptions, Row } from './machine-builder.ts';

const part = (name: string, more: Partial<Row> = {}): Row => ({ name, type: 'part', size: 4 * GiB, ...more });
const mount = (majMin: string, point: string, fstype = 'ext4', source = '/dev/x', options = 'rw'): string => `30 1 ${majMin} / ${point} rw - ${fstype} ${source} ${options}`;

type Case = readonly [what: string, rows: readonly Row[], expected: string, options?: MachineOptions];

/** The verdict of /dev/sda in each case. */
const cases: readonly Case[] = [
  ['a blank disk', [{ name: 'sda' }], 'eligible'],
  ['a disk with an empty partition table', [{ name: 'sda', pttype: 'gpt' }], 'eligible'],
  ['a partition', [{ name: 'sda', children: [part('sda1')] }], 'caution has-data'],
  ['a file system on the whole disk', [{ name: 'sda', fstype: 'xfs' }], 'caution has-data'],
  ['LUKS, closed', [{ name: 'sda', children: [part('sda1', { fstype: 'crypto_LUKS' })] }], 'caution has-data'],
  ['LUKS, open', [{ name: 'sda', children: [part('sda1', { fstype: 'crypto_LUKS', children: [{ name: 'dm-0', type: 'crypt' }] })] }], 'refused crypt-open has-data'],
  ['LVM, inactive', [{ name: 'sda', fstype: 'LVM2_member' }], 'caution has-data'],
  ['LVM, active', [{ name: 'sda', fstype: 'LVM2_member', children: [{ name: 'dm-0', type: 'lvm' }] }], 'refused lvm-member has-data'],
  ['RAID, stopped', [{ name: 'sda', fstype: 'linux_raid_member' }], 'caution has-data'],
  ['RAID, running', [{ name: 'sda', fstype: 'linux_raid_member', children: [{ name: 'md0', type: 'raid1' }] }], 'refused raid-member has-data'],
  ['a holder that lsblk does not show', [{ name: 'sda', holders: ['bcache0'] }], 'refused not-understood'],
  ['a RAID holder that lsblk does not show', [{ name: 'sda', holders: ['md7'] }], 'refused raid-member not-understood'],
  ['a bcache backing disk in use', [{ name: 'sda', fstype: 'bcache', children: [{ name: 'bcache0', type: 'disk' }] }], 'refused not-understood has-data'],
  ['DRBD on a partition in use', [{ name: 'sda', children: [part('sda1', { fstype: 'drbd', children: [{ name: 'drbd0', type: 'disk' }] })] }], 'refused not-understood has-data'],
  ['a ZFS volume on it', [{ name: 'sda', children: [part('sda1', { children: [{ name: 'zd0', type: 'disk' }] })] }], 'refused not-understood has-data'],
  ['a disk of any name on it', [{ name: 'sda', children: [{ name: 'xyz0', type: 'disk' }] }], 'refused not-understood has-data'],
  ['a mounted loop over it', [{ name: 'sda' }, { name: 'loop0', type: 'loop', 'maj:min': '7:0', fstype: 'ext4', sysfs: { 'loop/backing_file': '/dev/sda\n' } }], 'refused mounted not-understood has-data', { mounts: [mount('7:0', '/mnt')] }],
  ['a loop over it that nobody mounts', [{ name: 'sda' }, { name: 'loop0', type: 'loop', sysfs: { 'loop/backing_file': '/dev/sda\n' } }], 'refused not-understood has-data'],
  ['a loop over a loop over it', [{ name: 'sda' }, ...['/dev/sda', '/dev/loop0'].map((file, number) => ({ name: `loop${number}`, type: 'loop', 'maj:min': `7:${number}`, sysfs: { 'loop/backing_file': `${file}\n` } }))], 'refused mounted not-understood has-data', { mounts: [mount('7:1', '/mnt')] }],
  ['a loop over a file in memory with a name like a device', [{ name: 'sda' }, { name: 'loop0', type: 'loop', sysfs: { 'loop/backing_file': '/dev/shm/sda\n' } }], 'eligible'],
  ['a layer nobody knows', [{ name: 'sda', children: [{ name: 'dm-0', type: 'vdo' }] }], 'refused not-understood has-data'],
  ['mounted, says lsblk', [{ name: 'sda', children: [part('sda1', { fstype: 'ext4', mountpoints: ['/data'] })] }], 'refused mounted has-data'],
  ['mounted, says only the kernel', [{ name: 'sda', children: [part('sda1', { fstype: 'ext4', 'maj:min': '8:1' })] }], 'refused mounted has-data', { mounts: [mount('8:1', '/data')] }],
  ['mounted under an anonymous number (btrfs)', [{ name: 'sda', fstype: 'btrfs', uuid: 'u' }], 'refused mounted has-data', { mounts: [mount('0:40', '/data', 'btrfs', '/dev/sda')] }],
  ['the other half of a mounted btrfs', [{ name: 'sda', fstype: 'btrfs', uuid: 'u' }, { name: 'sdb', fstype: 'btrfs', uuid: 'u', mountpoints: ['/data'] }], 'refused mounted has-data'],
  ['in an imported ZFS pool', [{ name: 'sda', fstype: 'zfs_member', label: 'tank' }], 'refused mounted has-data', { mounts: [mount('0:41', '/tank', 'zfs', 'tank/home')] }],
  ['in a ZFS pool that is not imported', [{ name: 'sda', fstype: 'zfs_member', label: 'tank' }], 'caution has-data'],
  ['swap in use, says lsblk', [{ name: 'sda', children: [part('sda1', { fstype: 'swap', mountpoints: ['[SWAP]'] })] }], 'refused swap has-data'],
  ['swap in use, says only the kernel', [{ name: 'sda', children: [part('sda1', { fstype: 'swap' })] }], 'refused swap has-data', { swaps: ['/dev/sda1'] }],
  ['swap not in use', [{ name: 'sda', children: [part('sda1', { fstype: 'swap' })] }], 'caution has-data'],
  ['write-protected, says lsblk', [{ name: 'sda', ro: true }], 'refused read-only'],
  ['write-protected, says sysfs', [{ name: 'sda', sysfs: { ro: '1\n' } }], 'refused read-only'],
  ['a reader without a card', [{ name: 'sda', size: 0, rm: true }], 'refused no-medium'],
  ['1 GiB', [{ name: 'sda', size: GiB }], 'refused too-small'],
  ['a data volume on the whole disk', [{ name: 'sda', fstype: 'vfat', label: 'CIDATA' }], 'refused data-volume has-data'],
  ['a data volume on a partition, any case', [{ name: 'sda', children: [part('sda1', { fstype: 'ext4', label: 'SlipWay' })] }], 'refused data-volume has-data'],
  ['a data label on something that cannot be one', [{ name: 'sda', children: [part('sda1', { fstype: 'xfs', label: 'cidata' })] }], 'caution has-data'],
  ['Kairos by labels', [{ name: 'sda', children: [part('sda1', { fstype: 'ext4', label: 'COS_STATE' })] }], 'caution kairos-install'],
  ['Kairos by partition names, encrypted', [{ name: 'sda', children: [part('sda1', { partlabel: 'oem', fstype: 'crypto_LUKS' }), part('sda2', { partlabel: 'state' })] }], 'caution kairos-install'],
  ['an EFI partition with the common name', [{ name: 'sda', children: [part('sda1', { partlabel: 'efi', fstype: 'vfat' })] }], 'caution has-data'],
  ['an install that did not end', [{ name: 'sda', children: [part('sda1', { partlabel: 'slipway-unfinished' }), part('sda2', { label: 'COS_OEM', partlabel: 'oem', fstype: 'ext4' })] }], 'eligible'],
  ['USB', [{ name: 'sda', tran: 'usb' }], 'caution removable'],
  ['removable, says only sysfs', [{ name: 'sda', sysfs: { removable: '1\n' } }], 'caution removable'],
  ['iSCSI', [{ name: 'sda', tran: 'iscsi' }], 'caution network-disk'],
  ['no serial and no WWN', [{ name: 'sda', serial: null }], 'caution no-serial'],
  ['an all-zero WWN and a filler serial', [{ name: 'sda', serial: '00000000', wwn: '0x0000000000000000' }], 'caution no-serial'],
  ['a serial that another disk has too', [{ name: 'sda', serial: 'AB12' }, { name: 'sdb', serial: 'AB12', size: 20 * GiB }], 'caution no-serial'],
  ['a shared serial, but a WWN of its own', [{ name: 'sda', serial: 'AB12', wwn: '0x5000c500a0000001' }, { name: 'sdb', serial: 'AB12', wwn: '0x5000c500a0000002' }], 'eligible'],
  ['one of two paths, without multipathd', [{ name: 'sda', serial: 'AB12', wwn: '0x5000c500a0000001' }, { name: 'sdb', serial: 'AB12', wwn: '0x5000c500a0000001' }], 'refused multipath-leg no-serial'],
  ['one of two paths that tell a WWN alone', [{ name: 'sda', serial: null, wwn: '0x5000c500a0000001' }, { name: 'sdb', serial: null, wwn: '0x5000c500a0000001' }], 'refused multipath-leg no-serial'],
  ['one of two paths of which one tells the serial', [{ name: 'sda', serial: 'AB12', wwn: '0x5000c500a0000001' }, { name: 'sdb', serial: null, wwn: '0x5000c500a0000001' }], 'refused multipath-leg'],
  ['an equal WWN, but serials that differ', [{ name: 'sda', serial: 'AB12', wwn: '0x5000c500a0000001' }, { name: 'sdb', serial: 'AB13', wwn: '0x5000c500a0000001' }], 'eligible'],
  ['an equal WWN that is filler', [{ name: 'sda', wwn: '0x0000000000000000' }, { name: 'sdb', wwn: '0x0000000000000000' }], 'eligible'],
  ['a path by its signature', [{ name: 'sda', fstype: 'mpath_member' }], 'refused multipath-leg has-data'],
  ['host-managed zones', [{ name: 'sda', zoned: 'host-managed' }], 'refused not-a-disk'],
  ['another size in /sys', [{ name: 'sda', sysfs: { size: '7\n' } }], 'refused not-understood'],
  ['another medium in the drive meanwhile', [{ name: 'sda', 'disk-seq': 3, sysfs: { diskseq: '4\n' } }], 'refused not-understood'],
  ['labelled as a Kairos medium, not mounted', [{ name: 'sda', fstype: 'iso9660', label: 'COS_LIVE', ro: true, tran: 'usb' }], 'refused live-medium'],
  ['labelled as a UKI medium on a partition', [{ name: 'sda', children: [part('sda1', { fstype: 'vfat', label: 'UKI_ISO_INSTALL' })] }], 'refused live-medium'],
  ['a Ventoy stick', [{ name: 'sda', tran: 'usb', children: [part('sda1', { fstype: 'exfat', label: 'Ventoy' }), part('sda2', { fstype: 'vfat', label: 'VTOYEFI' })] }], 'refused live-medium'],
  ['named on the kernel line by label', [{ name: 'sda', fstype: 'iso9660', label: 'MY_OS' }], 'refused live-medium', { kernelLine: 'root=live:CDLABEL=MY_OS quiet' }],
  ['named on the kernel line by link', [{ name: 'sda' }], 'refused live-medium', { kernelLine: 'root=live:/dev/disk/by-id/usb-x', links: { '/dev/disk/by-id/usb-x': '/dev/sda' } }],
];

describe('a disk', () => {
  test.each(cases.map(([what, rows, expected, options]) => ({ what, rows, expected, options })))('$what', async ({ rows, expected, options }) => {
    const facts = await probeRows(rows, options);
    expect(judged(facts, '/dev/sda')).toBe(expected);
    for (const { what, hint } of diskOf(facts, '/dev/sda').reasons) {
      expect(what).toMatch(/^[^A-Z ].*[^.;]$/);
      expect(hint).toMatch(/[^.;]$/);
    }
  });

  test('every refused reason of the contract occurs above', () => {
    const seen = new Set(cases.flatMap(([, , expected]) => expected.split(' ')));
    expect(refusedReasons.filter((id) => !seen.has(id))).toEqual([]);
  });
});

describe('closed by default (invariant 2)', () => {
  const without = (path: string): Recording => {
    const whole = machine([{ name: 'sda' }, { name: 'sdb' }]);
    const keep = ([key]: readonly [string, unknown]): boolean => !key.startsWith(path);
    const directories = Object.fromEntries(Object.entries(whole.directories).filter(keep).map(([key, names]) => [key, names.filter((name) => `${key}/${name}` !== path)]));
    return { ...whole, files: Object.fromEntries(Object.entries(whole.files).filter(keep)), directories };
  };

  test.each(['/sys', '/proc/self/mountinfo'])('without %s no disk can be used', async (path) => {
    const facts = await probeRecording(without(path));
    expect(facts.disks.map(({ verdict, reasons }) => `${verdict} ${reasons[0]?.id ?? ''}`)).toEqual(['refused not-understood', 'refused not-understood']);
  });

  const replaced = (path: string, text: string): Recording => {
    const whole = machine([{ name: 'sda' }, { name: 'sdb' }]);
    return { ...whole, files: { ...whole.files, [path]: text } };
  };

  test.each([
    ['swaps that cannot be read', { ...without('/proc/swaps'), directories: { ...without('/proc/swaps').directories, '/proc': ['self', 'swaps'] } }, 'probe-swaps'],
    ['swaps of no known form', replaced('/proc/swaps', '\n'), 'probe-swaps'],
    ['an empty mountinfo', replaced('/proc/self/mountinfo', ''), 'probe-mountinfo'],
    ['a mountinfo line that is not one', replaced('/proc/self/mountinfo', '1 1 8:1 / / rw - ext4 /dev/x rw\nnonsense\n'), 'probe-mountinfo'],
    ['a mountinfo without a root', replaced('/proc/self/mountinfo', '2 1 8:9 / /mnt rw - ext4 /dev/x rw\n'), 'probe-mountinfo'],
  ])('%s: no disk can be used, and it is said why', async (_what, recording, id) => {
    const facts = await probeRecording(recording);
    expect(facts.disks.map(({ verdict, reasons }) => `${verdict} ${reasons[0]?.id ?? ''}`)).toEqual(['refused not-understood', 'refused not-understood']);
    expect(facts.problems.map((problem) => problem.id)).toEqual([id]);
  });

  test('a kernel without swap has no list of what is swapped on, and /proc shows that', async () => {
    const facts = await probeRecording(without('/proc/swaps'));
    expect([judged(facts, '/dev/sda'), judged(facts, '/dev/sdb')]).toEqual(['eligible', 'eligible']);
  });

  test.each(['/sys/block/sda/', '/sys/block/sda/size', '/sys/block/sda/holders'])('a disk whose %s cannot be read is refused, the other one is not', async (path) => {
    const { directories, ...rest } = without(path);
    const facts = await probeRecording({ ...rest, directories: { ...directories, '/sys/block': ['sda', 'sdb'] } });
    expect([judged(facts, '/dev/sda'), judged(facts, '/dev/sdb')]).toEqual(['refused not-understood', 'eligible']);
    expect(facts.problems.map(({ id, where }) => `${id} ${where}`)).toEqual(['probe-sysfs /sys/block/sda']);
  });

  test('a disk that is in the list and gone from /sys is refused, the other one is not', async () => {
    const facts = await probeRecording(without('/sys/block/sda'));
    expect(judged(facts, '/dev/sda')).toBe('refused not-understood');
    expect(judged(facts, '/dev/sdb')).toBe('eligible');
  });
});

describe('path and kernel name belong together (invariant 2)', () => {
  test.each<readonly [string, readonly Row[]]>([
    ['a path of another disk that is there', [{ name: 'sdb', path: '/dev/sdc' }, { name: 'sdc' }]],
    ['a path of another disk that is not there', [{ name: 'sdb', path: '/dev/sdx' }]],
    ['a mapper path of no mapping', [{ name: 'sdb', path: '/dev/mapper/x' }]],
    ['one mapper path for two mappings', [{ name: 'dm-0', type: 'mpath', path: '/dev/mapper/x' }, { name: 'dm-1', type: 'mpath', path: '/dev/mapper/x' }]],
  ])('%s', async (_what, rows) => {
    const { disks } = await probeRows(rows);
    expect(disks.map(({ verdict, reasons }) => `${verdict} ${reasons[0]?.id ?? ''}`)).toEqual(rows.map(() => 'refused not-understood'));
  });

  test('the mapper path of a mapping and the slash of an old controller are what they seem', async () => {
    const facts = await probeRows([{ name: 'dm-0', type: 'mpath', serial: 'M1', path: '/dev/mapper/mpatha' }, { name: 'cciss!c0d0', path: '/dev/cciss/c0d0' }]);
    expect([judged(facts, '/dev/mapper/mpatha'), judged(facts, '/dev/cciss/c0d0')]).toEqual(['eligible', 'eligible']);
  });
});

describe('what is no disk', () => {
  test.each([['sr0', 'rom'], ['loop0', 'loop'], ['fd0', 'disk'], ['nbd0', 'disk'], ['zram0', 'disk'], ['mmcblk0boot0', 'disk'], ['md5', 'raid1'], ['mtd0', 'disk'], ['mtdblock3', 'disk'], ['ubiblock0_0', 'disk'], ['pmem0', 'disk'], ['pmem1s', 'disk']])('%s (%s)', async (name, type) => {
    expect(judged(await probeRows([{ name, type, serial: 'X1' }]), `/dev/${name}`)).toBe('refused not-a-disk');
  });

  test('unused loop, nbd and zram devices are not even listed', async () => {
    expect((await probeRows(['loop0', 'nbd0', 'zram0'].map((name) => ({ name, size: 0 })))).disks).toEqual([]);
  });

  test('a reader that lsblk leaves out is listed without a medium, a disk that it leaves out is refused', async () => {
    const facts = await probeRows([], {
      directories: { '/sys/block': ['sda', 'sdb'] },
      files: { '/sys/block/sda/size': '0\n', '/sys/block/sdb/size': '33554432\n', '/sys/block/sda/removable': '1\n' },
    });
    expect(judged(facts, '/dev/sda')).toBe('refused no-medium');
    expect(judged(facts, '/dev/sdb')).toMatch(/^refused read-only not-understood/);
  });
});

describe('the live medium (invariant 2) is found through', () => {
  const live = 'root=live:CDLABEL=GONE';
  const squash: Row = { name: 'loop0', type: 'loop', 'maj:min': '7:0', fstype: 'squashfs', sysfs: { 'loop/backing_file': '/run/initramfs/live/LiveOS/rootfs.squashfs\n' } };

  test('overlay, loop and the mount of a partition', async () => {
    const facts = await probeRows([{ name: 'sda', tran: 'usb', children: [part('sda1', { 'maj:min': '8:1', fstype: 'vfat', label: 'ANY' })] }, squash, { name: 'sdb' }], {
      kernelLine: live,
      mounts: [mount('8:1', '/run/initramfs/live', 'vfat'), mount('7:0', '/layers/lower', 'squashfs'), mount('0:20', '/', 'overlay', 'root', 'rw,lowerdir=/layers/lower,upperdir=/u')],
    });
    expect(judged(facts, '/dev/sda')).toBe('refused live-medium');
    expect(judged(facts, '/dev/sdb')).toBe('eligible');
    expect(facts.boot).toEqual({ state: 'live', uki: false, liveMedium: '/dev/sda' });
    expect(facts.volumes).toEqual([expect.objectContaining({ path: '/dev/sda1', kind: 'live-medium' })]);
  });

  test('the root overlay alone, when the medium is mounted somewhere unusual', async () => {
    const facts = await probeRows([{ name: 'sda', 'maj:min': '8:0', fstype: 'ext4' }, { ...squash, sysfs: { 'loop/backing_file': '/odd/place/root.img\n' } }], {
      kernelLine: live,
      mounts: [mount('8:0', '/odd/place'), mount('7:0', '/lower', 'squashfs'), mount('0:20', '/', 'overlay', 'root', 'rw,lowerdir=/lower')],
    });
    expect(judged(facts, '/dev/sda')).toBe('refused live-medium');
  });

  test('a device-mapper view of an ISO file on a stick (Ventoy)', async () => {
    const stick: Row = { name: 'sda', tran: 'usb', children: [part('sda1', { children: [{ name: 'dm-0', type: 'dm', 'maj:min': '254:0', fstype: 'iso9660', label: 'X' }] })] };
    const facts = await probeRows([stick], { kernelLine: live, mounts: [mount('254:0', '/run/initramfs/live', 'iso9660')] });
    expect(judged(facts, '/dev/sda')).toBe('refused live-medium');
  });

  test('hybrid ISO layers: the disk and its first partition carry the same file system', async () => {
    const facts = await probeRows([{ name: 'sda', tran: 'usb', ro: true, 'maj:min': '8:0', fstype: 'iso9660', label: 'RIG', children: [part('sda1', { fstype: 'iso9660', label: 'RIG', 'maj:min': '8:1' }), part('sda2', { fstype: 'vfat', label: 'EFI' })] }], {
      kernelLine: live,
      mounts: [mount('8:1', '/run/live/medium', 'iso9660')],
    });
    expect(judged(facts, '/dev/sda')).toBe('refused live-medium');
    expect(facts.volumes.map(({ path, kind }) => `${path} ${kind}`)).toEqual(['/dev/sda live-medium', '/dev/sda2 live-medium']);
  });

  test('a loop over a raw partition, however it is named', async () => {
    const over = (file: string): Row => ({ name: 'loop0', type: 'loop', 'maj:min': '7:0', fstype: 'iso9660', sysfs: { 'loop/backing_file': `${file}\n` } });
    for (const file of ['/dev/sda1', '/dev/disk/by-id/x-part1']) {
      const facts = await probeRows([{ name: 'sda', tran: 'usb', children: [part('sda1', { label: 'ANY', fstype: 'ext4' })] }, over(file), { name: 'sdb' }], {
        kernelLine: 'boot=live', mounts: [mount('7:0', '/run/initramfs/live', 'iso9660')], links: { '/dev/disk/by-id/x-part1': '/dev/sda1' },
      });
      expect([judged(facts, '/dev/sda'), judged(facts, '/dev/sdb')]).toEqual(['refused live-medium', 'eligible']);
      expect(facts.boot.liveMedium).toBe('/dev/sda');
    }
  });

  test('a medium labelled like a data volume is still the medium', async () => {
    const facts = await probeRows([{ name: 'sr0', type: 'rom', 'maj:min': '11:0', fstype: 'iso9660', label: 'cidata' }], { kernelLine: live, mounts: [mount('11:0', '/run/initramfs/live', 'iso9660')] });
    expect(facts.volumes[0]?.kind).toBe('live-medium');
    expect(facts.boot.liveMedium).toBe('/dev/sr0');
  });

  test('mounts and loops that lead to each other in a circle', async () => {
    const loop = (name: string, majMin: string, file: string): Row => ({ name, type: 'loop', 'maj:min': majMin, sysfs: { 'loop/backing_file': `${file}\n` } });
    const facts = await probeRows([loop('loop0', '7:0', '/b/x'), loop('loop1', '7:1', '/a/x')], { kernelLine: live, mounts: [mount('7:0', '/a'), mount('7:1', '/b'), mount('7:0', '/run/initramfs/live')] });
    expect(facts.disks).toHaveLength(2);
  });

  test('not on an installed system: its own disk is mounted, not a medium', async () => {
    const facts = await probeRows([{ name: 'sda', children: [part('sda1', { 'maj:min': '8:1', fstype: 'ext4', label: 'COS_STATE' })] }], { sentinels: ['active_mode'], mounts: [mount('8:1', '/run/initramfs/cos-state')] });
    expect(judged(facts, '/dev/sda')).toBe('refused mounted kairos-install');
    expect(facts.boot).toMatchObject({ state: 'active', liveMedium: null });
  });
});

describe('collapsing', () => {
  test('the multipath disk stands for its legs and has their identity', async () => {
    const leg = (name: string): Row => ({ name, serial: 'LUN7', wwn: '0x5000c500c0000001', tran: 'fc', fstype: 'mpath_member', children: [{ name: 'dm-0', type: 'mpath', path: '/dev/mapper/mpatha', 'maj:min': '254:0' }] });
    const facts = await probeRows([leg('sda'), leg('sdb')]);
    expect(judged(facts, '/dev/sda')).toMatch(/^refused multipath-leg/);
    expect(judged(facts, '/dev/mapper/mpatha')).toBe('eligible');
    expect(diskOf(facts, '/dev/mapper/mpatha')).toMatchObject({ serial: 'LUN7', kname: 'dm-0' });
    expect(facts.disks).toHaveLength(3);
  });

  test('a firmware RAID volume is a disk, its members and a plain array are not', async () => {
    const volume: Row = { name: 'md126', type: 'raid1', 'maj:min': '9:126', sysfs: { 'md/metadata_version': 'external:/md127/0\n' } };
    const plain: Row = { name: 'md0', type: 'raid1', 'maj:min': '9:0', sysfs: { 'md/metadata_version': '1.2\n' } };
    const facts = await probeRows([{ name: 'sda', fstype: 'isw_raid_member', children: [volume] }, { name: 'sdb', fstype: 'isw_raid_member', children: [volume] }, { name: 'sdc', children: [plain] }]);
    expect(judged(facts, '/dev/sda')).toMatch(/^refused raid-member/);
    expect(judged(facts, '/dev/md126')).toBe('caution no-serial');
    expect(judged(facts, '/dev/md0')).toBe('not listed');
  });
});

describe('contents in plain words', () => {
  test.each<readonly [Row, string]>([
    [{ name: 'sda' }, 'empty'],
    [{ name: 'sda', pttype: 'gpt' }, 'empty partition table (gpt)'],
    [{ name: 'sda', children: [part('sda1', { fstype: 'BitLocker' }), part('sda2', { parttype: 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE' })] }, 'Windows (BitLocker), Windows'],
    [{ name: 'sda', children: [part('sda1', { fstype: 'ext4', label: 'data' }), part('sda2', { fstype: 'crypto_LUKS' })] }, 'ext4 "data", LUKS encrypted'],
    [{ name: 'sda', fstype: 'zfs_member', label: 'tank' }, 'ZFS "tank"'],
    [{ name: 'sda', children: [part('sda1', { label: 'COS_OEM', fstype: 'ext4' }), part('sda2', { label: 'COS_PERSISTENT', fstype: 'crypto_LUKS' })] }, 'Kairos install, LUKS encrypted'],
    [{ name: 'sda', children: [part('sda1', { partlabel: 'slipway-unfinished' })] }, 'unfinished Slipway install'],
    [{ name: 'sda', children: [part('sda1')] }, '1 partition, nothing recognised on them'],
    [{ name: 'sda', fstype: 'isw_raid_member' }, 'firmware RAID member (Intel)'],
  ])('%j', async (row, expected) => {
    expect(diskOf(await probeRows([row]), '/dev/sda').contents).toBe(expected);
  });

  test('the system on an unmounted partition is named by its os-release', async () => {
    const facts = await probeRows([{ name: 'sda', children: [part('sda1', { fstype: 'ext4' })] }], { commands: { 'debugfs -R cat /usr/lib/os-release /dev/sda1': { stdout: 'PRETTY_NAME="Debian GNU/Linux 12"\n', stderr: '', exitCode: 0 } } });
    expect(diskOf(facts, '/dev/sda').contents).toBe('Debian GNU/Linux 12');
  });

  test('without udev and without any signature seen, an empty-looking disk may be full', async () => {
    const { directories, ...rest } = machine([{ name: 'sda' }]);
    const { '/run/udev': _, ...others } = directories;
    const facts = await probeRecording({ ...rest, directories: others });
    expect(judged(facts, '/dev/sda')).toBe('caution has-data');
    expect(diskOf(facts, '/dev/sda').contents).toBe('unknown');
  });
});

describe('what holds a disk', () => {
  test('mounts of the disk and its partitions, and swap, each once', async () => {
    const facts = await probeRows(
      [{ name: 'sda', 'maj:min': '8:0', children: [part('sda1', { fstype: 'ext4', 'maj:min': '8:1', mountpoints: ['/mnt/a'] }), part('sda2', { fstype: 'swap' }), part('sda3', { fstype: 'ext4', 'maj:min': '8:3' })] }],
      { mounts: [mount('8:1', '/mnt/a'), mount('8:3', '/mnt/b c'.replace(' ', String.raw`\040`))], swaps: ['/dev/sda2'] },
    );
    expect(diskOf(facts, '/dev/sda').uses).toEqual([
      { kind: 'mount', device: '/dev/sda1', point: '/mnt/a' },
      { kind: 'swap', device: '/dev/sda2', point: '' },
      { kind: 'mount', device: '/dev/sda3', point: '/mnt/b c' },
    ]);
  });

  test('nothing is listed where nothing does', async () => {
    expect(diskOf(await probeRows([{ name: 'sda', children: [part('sda1', { fstype: 'ext4' })] }]), '/dev/sda').uses).toBeUndefined();
  });
});
