import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redactKernelLine } from '../../src/model/kernel-line-redaction.ts';
import { SlipwayError } from '../../src/model/problem.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createRecordedSystem, openRecordedMachine } from '../../src/system/recorded.ts';
import { createRecorder } from '../../src/system/recorder.ts';
import { decodeContent, encodeContent, readRecording } from '../../src/system/recording.ts';
import { probeMachine } from '../../src/probe/probe.ts';
import { probeSource } from '../../src/probe/source.ts';
import { probeCommand } from '../../src/cli/probe.ts';
import { machine } from '../probe/machine-builder.ts';

const make = (parts: object, options = {}) => createRecordedSystem(readRecording({ slipwayRecording: 1, ...parts }), options);

let folder = '';
beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'slipway-recorded-'));
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

describe('a recorded machine', () => {
  test('what it lacks does not exist', async () => {
    const system = make({});
    expect(system.real).toBe(false);
    expect(await system.run(['lsblk'])).toMatchObject({ missing: true, exitCode: null });
    expect(await system.readText('/etc/passwd')).toBeNull();
    expect(await system.list('/')).toBeNull();
    expect(await system.stat('/dev/sda')).toBeNull();
    expect(await system.realPath('/dev')).toBeNull();
    await expect(system.open('/etc/passwd')).rejects.toBeInstanceOf(SlipwayError);
    await expect(system.fetch('http://127.0.0.1/', { timeout: 1, maxBytes: 1 })).rejects.toBeInstanceOf(SlipwayError);
  });

  test('commands, files, links and directories', async () => {
    const system = make({
      commands: { 'a b': { stdout: 'one\ntwo\n', exitCode: 3 }, hang: { exitCode: null } },
      files: { '/x/y': 'text', '/x/z': 'base64:AAEC' },
      links: { '/l': 'x/y', '/loop': '/loop' },
      directories: { '/empty': [], '/x': ['w'] },
    });
    expect(await system.run(['a', 'b'])).toMatchObject({ stdout: 'one\ntwo\n', exitCode: 3, timedOut: false });
    expect(await system.run(['hang'])).toMatchObject({ timedOut: true, exitCode: null });
    expect(await system.run(['a', 'b'], { maxBytes: 2 })).toMatchObject({ stdout: 'on', truncated: true });
    expect(await system.readText('/l')).toBe('text');
    expect([...((await system.readBytes('/x/z')) ?? [])]).toEqual([0, 1, 2]);
    expect(await system.readText('/x/y', 2)).toBeNull();
    expect(await system.list('/x')).toEqual(['w', 'y', 'z']);
    expect(await system.list('/empty')).toEqual([]);
    expect(await system.readLink('/l')).toBe('/x/y');
    expect(await system.realPath('/l')).toBe('/x/y');
    expect(await system.readText('/loop')).toBeNull();
    expect(await system.stat('/x')).toMatchObject({ kind: 'directory' });
    expect(await system.stat('/x/y')).toMatchObject({ kind: 'file', size: 4 });
    const lines: string[] = [];
    await system.stream(['a', 'b'], { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two']);
  });

  test('what is written stays in memory', async () => {
    const system = make({ files: { '/a/b': 'old' } });
    const path = join(folder, 'never');
    await system.writeFile(path, 'new', { mode: 0o600 });
    expect(await system.readText(path)).toBe('new');
    await expect(fs.stat(path)).rejects.toThrow('ENOENT');
    await system.append(path, '+');
    expect(await system.readText(path)).toBe('new+');
    await expect(system.writeFile(path, 'x', { mode: 0o600, exclusive: true })).rejects.toBeInstanceOf(SlipwayError);
    await system.remove('/a');
    expect(await system.readText('/a/b')).toBeNull();
  });

  test('changes over time', async () => {
    let clock = 1000;
    const system = make({ directories: { '/sys/block': ['sda'] }, changes: [{ after: 500, directories: { '/sys/block': ['sda', 'sdb'] } }, { after: 900, gone: ['/sys/block'] }] }, { now: () => clock });
    expect(await system.list('/sys/block')).toEqual(['sda']);
    clock += 500;
    expect(await system.list('/sys/block')).toEqual(['sda', 'sdb']);
    clock += 400;
    expect(await system.list('/sys/block')).toBeNull();
  });

  test('a data volume is mounted like a real one', async () => {
    const system = make({ volumes: { '/dev/sdb': { 'user-data': '#cloud-config\n' } } });
    expect(await system.stat('/dev/sdb')).toMatchObject({ kind: 'block' });
    expect((await system.run(['mount', '-o', 'ro', '/dev/sdb', '/run/x'])).exitCode).toBe(0);
    expect(await system.readText('/run/x/user-data')).toBe('#cloud-config\n');
    expect(await system.list('/run/x')).toEqual(['user-data']);
    expect((await system.run(['umount', '/run/x'])).exitCode).toBe(0);
    expect(await system.readText('/run/x/user-data')).toBeNull();
    expect((await system.run(['mount', '/dev/sdc', '/run/x'])).missing).toBe(true);
  });

  test.each([['', 'not JSON'], ['{}', 'not a recorded machine'], ['{"slipwayRecording":1,"commands":{"x":{"exitCode":"no"}}}', 'commands.x.exitCode']])('a file that is not a recording is refused: %s', async (text, expected) => {
    const path = join(folder, 'bad.json');
    await fs.writeFile(path, text);
    await expect(openRecordedMachine(createRealSystem(), path)).rejects.toThrow(expected);
  });

  test('a recording that is not there', async () => {
    await expect(openRecordedMachine(createRealSystem(), join(folder, 'none'))).rejects.toThrow('cannot be read');
  });
});

describe('the recorder', () => {
  const secret = 'hunter2-hunter2';
  const kernelLine = `root=live:CDLABEL=COS_LIVE quiet config_url=https://user:${secret}@host/x?token=${secret} kairos.config=users.0.passwd=${secret} ${secret.repeat(8)} slipway.device=serial:X slipway.config=https://h/?t=${secret}`;
  const original = machine([{ name: 'sda', children: [{ name: 'sda1', type: 'part', fstype: 'ext4', label: 'COS_OEM', partlabel: 'oem' }] }, { name: 'sdb', children: [{ name: 'sdb1', type: 'part', fstype: 'ext4' }] }], {
    kernelLine,
    mounts: [`40 1 0:50 / /mnt rw - cifs //server/${secret} rw,username=me,password=${secret}`],
    links: { '/dev/disk/by-id/ata-x': '/dev/sda' },
    sentinels: ['live_mode'],
    files: { '/sys/class/net/eth0/address': '52:54:00:00:00:01\n', '/etc/shadow': secret, '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': 'base64:BgAAAAE=' },
    directories: { '/dev': ['tpmrm0'], '/sys/class/tpm': ['tpm0'] },
    commands: {
      'debugfs -R cat /usr/lib/os-release /dev/sdb1': { stdout: 'NAME="Sample OS"\n', stderr: '', exitCode: 0 },
      'debugfs -R ls -p / /dev/sda1': { stdout: '/12/100640/0/0/90_custom.yaml/10/\n', stderr: '', exitCode: 0 },
      'debugfs -R cat /90_custom.yaml /dev/sda1': { stdout: `#cloud-config\npassword: ${secret}\n`, stderr: '', exitCode: 0 },
    },
  });

  test('plays back as the machine it was, without its secrets', async () => {
    const recorder = createRecorder(createRecordedSystem(original));
    const before = await probeMachine(recorder.system);
    await recorder.system.readText('/etc/shadow');
    await recorder.system.run(['cat', '/etc/shadow']);
    const recording = recorder.recording();
    const after = await probeMachine(createRecordedSystem(readRecording(JSON.parse(JSON.stringify(recording)))));
    expect(before.disks[0]?.installedConfigSha256).toMatch(/^[0-9a-f]{64}$/);
    const forget = (facts: typeof before) => ({ ...facts, kernelLine: '', disks: facts.disks.map((disk) => ({ ...disk, installedConfigSha256: null })) });
    expect(forget(after)).toEqual(forget(before));
    expect(after.disks[1]?.contents).toBe('Sample OS');
    expect(after.firmware).toEqual({ uefi: true, secureBoot: true });
    expect(after.tpm.present).toBe(true);
    expect(JSON.stringify(recording)).not.toContain('hunter2');
    expect(after.kernelLine).toContain('root=live:CDLABEL=COS_LIVE quiet config_url=REDACTED');
  });

  test('mounts: what is known to be local is kept, of everything else only where and what it is', async () => {
    const local = ['1 1 8:1 / / rw - ext4 /dev/sda1 rw,errors=remount-ro', '2 1 0:9 / /o rw shared:3 - overlay o rw,lowerdir=/x:/y'];
    const foreign = [`3 1 0:10 / /a rw - nfs4 host:/${secret} rw`, `4 1 0:11 / /b rw - somefs ${secret} rw,key=${secret}`, `5 1 0:12 / /c rw - fuse.sshfs me@${secret}:/ rw`, secret];
    const bytes = Buffer.concat([Buffer.from([...local, ...foreign].join('\n')), Buffer.from([0x0a, 0xff, 0x0a])]);
    const recorder = createRecorder(createRecordedSystem(machine([], { files: { '/proc/self/mountinfo': `base64:${bytes.toString('base64')}` } })));
    await recorder.system.readText('/proc/self/mountinfo');
    await recorder.system.readBytes('/proc/self/mountinfo');
    expect(recorder.recording().files['/proc/self/mountinfo']?.split('\n')).toEqual([...local, '3 1 0:10 / /a rw - nfs4 REDACTED rw', '4 1 0:11 / /b rw - somefs REDACTED rw', '5 1 0:12 / /c rw - fuse.sshfs REDACTED rw', 'REDACTED', 'REDACTED', '']);
  });

  test('the live image can be planned with: its size, kernel and release are kept, its files are not', async () => {
    const root = '/run/rootfsbase';
    const live = machine([{ name: 'sda' }], {
      files: { [`${root}/boot/vmlinuz-6.1`]: 'kernel-bytes', [`${root}/boot/initrd-6.1`]: 'initrd-bytes', [`${root}/etc/kairos-release`]: 'KAIROS_RELEASE="v3"\n', [`${root}/etc/shadow`]: secret },
      links: { [`${root}/boot/vmlinuz`]: 'vmlinuz-6.1' },
      commands: { [`du -s -x -B1 --apparent-size ${root}`]: { stdout: `123456\t${root}\n`, stderr: '', exitCode: 0 } },
    });
    const recorder = createRecorder(createRecordedSystem(live));
    const before = await probeSource(recorder.system, `dir:${root}`);
    const text = JSON.stringify(recorder.recording());
    expect(before.source).toMatchObject({ size: 123_456, kernel: '/boot/vmlinuz', initrd: '/boot/initrd-6.1', release: { KAIROS_RELEASE: 'v3' } });
    expect(text).not.toMatch(/kernel-bytes|hunter2/);
    expect(await probeSource(createRecordedSystem(readRecording(JSON.parse(text))), `dir:${root}`)).toEqual(before);
  });

  test('the kernel line keeps what is harmless', () => {
    expect(redactKernelLine('BOOT_IMAGE=/k root=LABEL=COS_STATE ro console=ttyS0,115200 rd.live.dir=/ a.token=x ssid="my net" netboot')).toBe(
      'BOOT_IMAGE=/k root=LABEL=COS_STATE ro console=ttyS0,115200 rd.live.dir=/ a.token=REDACTED ssid=REDACTED netboot',
    );
    expect(redactKernelLine(kernelLine)).not.toContain('hunter2');
  });

  test('binary and text content survive', () => {
    for (const bytes of [Uint8Array.from([0, 255, 1]), Buffer.from('base64:abc'), Buffer.from('plain ä')]) expect(Buffer.from(decodeContent(encodeContent(bytes)))).toEqual(Buffer.from(bytes));
  });

  test('probe --record writes a file for its owner only, and says what is in it', async () => {
    const path = join(folder, 'machine.json');
    const real = createRealSystem();
    const { text, exitCode } = await probeCommand(real, { json: false, record: path });
    expect(exitCode).toBe(0);
    expect(text).toContain('serial numbers');
    expect((await fs.stat(path)).mode & 0o777).toBe(0o600);
    const played = await openRecordedMachine(real, path);
    expect((await probeCommand(played, { json: true })).text).toBe((await probeCommand(real, { json: true })).text);
    expect((await probeCommand(played, { json: false, record: path })).exitCode).toBe(2);
    expect((await probeCommand(real, { json: false, record: join(folder, 'no/such/folder.json') })).exitCode).toBe(2);
  });
});
