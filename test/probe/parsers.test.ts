import { describe, expect, test } from 'vitest';
import { readBootState } from '../../src/probe/boot-state.ts';
import { resolveDeviceScript } from '../../src/probe/device-script.ts';
import { readFirmware } from '../../src/probe/firmware.ts';
import { parseCpu, parseMemory, readNamePlate } from '../../src/probe/host.ts';
import { liveRootOf, parseKernelLine } from '../../src/probe/kernel-line.ts';
import { parseDebugfsList } from '../../src/probe/kept-config.ts';
import { hasIdentity, isSerialMark, isWwnMark } from '../../src/probe/marks.ts';
import { lowerLayers, mountOf, parseMountinfo } from '../../src/probe/mountinfo.ts';
import { parseIpAddresses, readNic } from '../../src/probe/nics.ts';
import { parseSfdisk } from '../../src/probe/partition-table.ts';
import { parseRelease, releaseTitle } from '../../src/probe/release.ts';
import { parseSwaps } from '../../src/probe/swaps.ts';
import { readTpm } from '../../src/probe/tpm.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { readRecording } from '../../src/system/recording.ts';

describe('boot state', () => {
  test.each([
    [['live_mode'], 'quiet', 'live', false],
    [['uki_install_mode'], 'rd.immucore.uki', 'live', true],
    [['active_mode', 'uki_boot_mode'], 'rd.immucore.uki', 'active', true],
    [['passive_mode'], 'COS_ACTIVE', 'passive', false],
    [['recovery_mode'], '', 'recovery', false],
    [['autoreset_mode', 'recovery_mode'], '', 'reset', false],
    [['unknown'], '', 'unknown', false],
    [[], 'root=live:CDLABEL=COS_LIVE', 'live', false],
    [[], 'boot=live components', 'live', false],
    [[], 'netboot', 'live', false],
    [[], 'root=LABEL=COS_SYSTEM cos-img/filename=/cOS/recovery.img', 'recovery', false],
    [[], 'root=LABEL=COS_PASSIVE', 'passive', false],
    [[], 'root=LABEL=COS_ACTIVE', 'active', false],
    [[], 'root=LABEL=COS_RECOVERY kairos.reset', 'reset', false],
    [[], 'root=/dev/vda1', 'unknown', false],
  ])('%j with %j is %s', (names, line, state, uki) => {
    expect(readBootState(names, line)).toEqual({ state, uki });
  });
});

test('the kernel line: quotes keep blanks, and the medium is named in four ways', () => {
  expect(parseKernelLine('a=1 b "c=x y" d="p q" e=')).toEqual([
    { name: 'a', value: '1' },
    { name: 'b', value: null },
    { name: 'c', value: 'x y' },
    { name: 'd', value: 'p q' },
    { name: 'e', value: '' },
  ]);
  const root = (line: string) => liveRootOf(parseKernelLine(line));
  expect(root('root=live:LABEL=A live:CDLABEL=B root=live:/dev/disk/by-label/C\\x20D')).toEqual({ labels: ['A', 'B', 'C D'], uuids: [], devices: [] });
  expect(root('root=live:UUID=1-2 root=live:/dev/sr0')).toEqual({ labels: [], uuids: ['1-2'], devices: ['/dev/sr0'] });
  expect(root('root=LABEL=A rd.live.dir=/x')).toEqual({ labels: [], uuids: [], devices: [] });
});

test('firmware and Secure Boot', () => {
  const variable = (value: number): Uint8Array => Uint8Array.from([6, 0, 0, 0, value]);
  expect(readFirmware(false, null)).toEqual({ uefi: false, secureBoot: false });
  expect(readFirmware(true, variable(1))).toEqual({ uefi: true, secureBoot: true });
  expect(readFirmware(true, variable(0))).toEqual({ uefi: true, secureBoot: false });
  for (const odd of [null, variable(7), new Uint8Array(3), new Uint8Array(900)]) expect(readFirmware(true, odd)).toEqual({ uefi: true, secureBoot: null });
});

test('TPM', () => {
  expect(readTpm({ names: null, versionMajor: null, hasResourceManager: false })).toEqual({ present: false, version: null, device: null });
  expect(readTpm({ names: [], versionMajor: null, hasResourceManager: false }).present).toBe(false);
  expect(readTpm({ names: ['tpm0'], versionMajor: '2\n', hasResourceManager: true })).toEqual({ present: true, version: '2.0', device: '/dev/tpmrm0' });
  expect(readTpm({ names: ['tpm0'], versionMajor: '1\n', hasResourceManager: false })).toEqual({ present: true, version: '1.2', device: '/dev/tpm0' });
  expect(readTpm({ names: ['tpm0'], versionMajor: null, hasResourceManager: true }).version).toBe('2.0');
  expect(readTpm({ names: ['tpm0'], versionMajor: null, hasResourceManager: false }).version).toBeNull();
});

test('network interfaces', () => {
  expect(readNic({ name: 'eth0', address: '52:54:00:AA:00:01\n', carrier: '1\n', speed: '1000\n' }, ['10.0.0.1/8'])).toEqual({ name: 'eth0', mac: '52:54:00:aa:00:01', carrier: true, addresses: ['10.0.0.1/8'], speed: 1000 });
  expect(readNic({ name: 'w', address: '00:00:00:00:00:00', carrier: null, speed: '-1' }, [])).toEqual({ name: 'w', mac: null, carrier: null, addresses: [], speed: null });
  expect(readNic({ name: 'v', address: 'x', carrier: '0', speed: '4294967295' }, [])).toMatchObject({ mac: null, carrier: false, speed: null });
  expect(parseIpAddresses('[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1","prefixlen":8},{"x":1}]},{"ifname":5},null]')?.get('eth0')).toEqual(['10.0.0.1/8']);
  for (const text of ['', '{}', '[', '7']) expect(parseIpAddresses(text)).toBeNull();
});

test('memory, processor and name plate', () => {
  expect(parseMemory('MemTotal:       2048 kB\n')).toBe(2_097_152);
  expect(parseMemory('')).toBe(0);
  expect(parseCpu('processor\t: 0\nmodel name\t: X 1\nprocessor\t: 1\nmodel name\t: X 1\n')).toEqual({ model: 'X 1', cores: 2 });
  expect(parseCpu('')).toEqual({ model: 'unknown', cores: 0 });
  const plate = { vendor: 'To Be Filled By O.E.M.\n', product: 'Box\n', serial: 'Default string\n', uuid: '03000200-0400-0500-0006-000700080009\n' };
  expect(readNamePlate(plate)).toEqual({ vendor: null, product: 'Box', serial: null, uuid: null });
  expect(readNamePlate({ ...plate, uuid: 'ABCD-1' }).uuid).toBe('abcd-1');
});

test('release files', () => {
  expect(parseRelease('# c\nKAIROS_RELEASE="v3.5.0"\nNAME=\'A "b"\'\nexport X=1\nlower=2\nESC="a\\"b\\$c"\n')).toEqual({ KAIROS_RELEASE: 'v3.5.0', NAME: 'A "b"', X: '1', ESC: 'a"b$c' });
  expect(parseRelease('NAME="\u001b[31mred"\n')).toEqual({ NAME: 'red' });
  expect(releaseTitle({ KAIROS_RELEASE: 'v3', PRETTY_NAME: 'Debian' })).toBe('Kairos v3');
  expect(releaseTitle({ NAME: 'Debian' })).toBe('Debian');
  expect(releaseTitle({})).toBeNull();
});

test('mounts: escapes, the longest and latest mount wins, layers of an overlay', () => {
  const mounts = parseMountinfo('1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /a\\040b rw shared:1 - ext4 /dev/sda2 rw\n3 1 8:3 / /a\\040b rw - ext4 /dev/sda3 rw\n4 1 0:9 / /o rw - overlay o rw,lowerdir=/x:/y,upperdir=/u\n') ?? [];
  expect(mounts).toHaveLength(4);
  expect(mountOf('/a b/c', mounts)?.majMin).toBe('8:3');
  expect(mountOf('/a bc', mounts)?.majMin).toBe('8:1');
  expect(lowerLayers(mounts[3] ?? { majMin: '', root: '', point: '', fstype: '', source: '', options: [] })).toEqual(['/x', '/y']);
});

test('swaps, debugfs listings and partition tables', () => {
  expect(['', 'nonsense\n/dev/sda2 partition\n', 'Filename Type\n(unreachable)/x file\n'].map(parseSwaps)).toEqual([null, null, null]);
  expect(parseSwaps('Filename Type\n/dev/sda2 partition 1\n/swap\\040file file 1\n')).toEqual(['/dev/sda2', '/swap file']);
  expect(parseDebugfsList('/2/040755/0/0/./1024/\n/12/100640/0/0/90_custom.yaml/55/\nnonsense\n')).toEqual(['.', '90_custom.yaml']);
  expect(parseSfdisk('{"partitiontable":{"sectorsize":4096,"partitions":[{"start":2,"size":3,"name":"oem","type":"X"},{"start":-1,"size":1},null]}}')).toEqual([{ start: 8192, size: 12_288, name: 'oem', type: 'X' }]);
  for (const text of ['', '{}', '[]', 'null']) expect(parseSfdisk(text)).toBeNull();
});

test('serials and WWNs that are no identity', () => {
  const fillers = [null, '', '0', '00000000', 'FFFFFFFF', '123456789', '0123456789ABCDEF', '0123456789abcdef', 'None', 'Serial Number', 'To be filled by O.E.M.'];
  expect(fillers.filter(isSerialMark)).toEqual([]);
  const serials = ['S3YJNX0K', 'TARGET0', 'A1', 'WD-123456'];
  expect(serials.filter(isSerialMark)).toEqual(serials);
  expect([null, '0x0000000000000000', 'eui.0000000000000000', 'naa.ffffffffffffffff', '0x0'].filter(isWwnMark)).toEqual([]);
  const wwns = ['0x5000c500a0000001', 'eui.0025388b710116a1', 'nvme.1b36-4e564d452d41-51454d55'];
  expect(wwns.filter(isWwnMark)).toEqual(wwns);
  const disk = { kname: 'sda', serial: 'A1', wwn: null, size: 1 };
  expect(hasIdentity(disk, [{ ...disk, kname: 'sdb' }])).toBe(false);
  expect(hasIdentity(disk, [{ ...disk, kname: 'sdb', serial: 'A2' }])).toBe(true);
});

describe('script:// rules', () => {
  const system = (stdout: string, exitCode: number | null = 0) => createRecordedSystem(readRecording({ slipwayRecording: 1, files: { '/opt/pick': '#!/bin/sh\n' }, commands: { '/opt/pick': { stdout, exitCode } } }));
  test('what the script prints is the rule', async () => {
    expect(await resolveDeviceScript(system('/dev/disk/by-id/x\n'), 'script:///opt/pick')).toEqual({ device: '/dev/disk/by-id/x', problems: [] });
  });
  test.each([['', 0], ['/dev/sda\n/dev/sdb\n', 0], ['/dev/sda', 1], ['/dev/sda', null], ['script:///opt/pick', 0], ['x'.repeat(600), 0]])('%j with exit code %s names no disk', async (stdout, exitCode) => {
    expect(await resolveDeviceScript(system(stdout, exitCode), 'script:///opt/pick')).toMatchObject({ device: null, problems: [{ id: 'device-script', severity: 'error' }] });
  });
  test.each(['script:///no/such', 'script://opt/pick', 'script:'])('%s', async (rule) => {
    expect((await resolveDeviceScript(system('/dev/sda'), rule)).device).toBeNull();
  });
});
