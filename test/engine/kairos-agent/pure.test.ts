import { describe, expect, test } from 'vitest';
import { loopsOn, mountsOf } from '../../../src/engine/kairos-agent/block-devices.ts';
import { bootStub, bootStubText, isBootStub } from '../../../src/model/boot-stub.ts';
import { expectedBytes } from '../../../src/engine/kairos-agent/byte-progress.ts';
import { sizeProblem } from '../../../src/engine/kairos-agent/verify.ts';
import { maskKernelLine } from '../../../src/engine/kairos-agent/kernel-line.ts';
import { isInstalling } from '../../../src/engine/kairos-agent/live-state.ts';
import { sortOemNames } from '../../../src/engine/kairos-agent/remake-oem.ts';
import { parseTable, withoutMark } from '../../../src/engine/kairos-agent/target-table.ts';

describe('the kernel line that the agent sees (invariant 2)', () => {
  test('words that would change the plan are gone, those of the boot stay', () => {
    const line = 'BOOT_IMAGE=/boot/kernel cdroot root=live:CDLABEL=COS_LIVE rd.live.dir=/ rd.cos.disable console=ttyS0 install-mode-interactive kcrypt.challenger.mdns=true net.ifnames=1 rd.immucore.uki';
    const { text, dropped } = maskKernelLine(
      `${line} install.device=auto install.reboot=true "kairos.config=install.env.0=A=b c" kairos.config_url=http://x/y config_url=http://x cos.setup=/z stages.before-install[0].commands[0]=x debug strict=true slipway.device=largest rd.kairos.debug env.0=S=1`,
    );
    expect(text).toBe(`${line}\n`);
    expect(dropped).toEqual(['install.device', 'install.reboot', 'kairos.config', 'kairos.config_url', 'config_url', 'cos.setup', 'stages.before-install[0].commands[0]', 'debug', 'strict', 'slipway.device', 'rd.kairos.debug', 'env.0']);
  });

  test('a quoted word is one word', () => {
    expect(maskKernelLine('quiet install.source="oci:a b" splash').text).toBe('quiet splash\n');
  });

  test('dropped words are named, never their values', () => {
    // To the agent, which reads the line as a shell does, these are words like any other.
    const shell = maskKernelLine(`quiet 'install.device=/dev/sdz' in\\stall.device=/dev/sdz "install".device=/dev/sdz 'kairos.config=a.b=c' splash`);
    expect(shell.text).toBe('quiet splash\n');
    expect(shell.dropped).toEqual(['install.device', 'install.device', 'install.device', 'kairos.config']);
    expect(maskKernelLine('kairos.config=users.0.passwd=hunter22').dropped).toEqual(['kairos.config']);
  });
});

describe('the boot code of an unfinished disk', () => {
  test('its jumps land on instructions and its text is where it points', () => {
    const stub = Buffer.from(bootStub());
    expect(stub).toHaveLength(440);
    const textAt = stub.readUInt16LE(6) - 0x7c00;
    expect(stub.subarray(textAt, textAt + bootStubText.length).toString('latin1')).toBe(bootStubText);
    // jz end -> int 0x18; jmp next -> lodsb; jmp halt -> hlt
    expect([stub[13 + stub.readInt8(12)], stub[14 + stub.readInt8(12)]]).toEqual([0xcd, 0x18]);
    expect(stub[22 + stub.readInt8(21)]).toBe(0xac);
    expect(stub[27 + stub.readInt8(26)]).toBe(0xf4);
    expect(stub.at(-1)).toBe(0);
  });

  test('it is known again, and nothing else is taken for it', () => {
    const sector = Buffer.alloc(512, 0x55);
    sector.set(bootStub());
    expect(isBootStub(sector)).toBe(true);
    sector[100] = 1;
    expect(isBootStub(sector)).toBe(false);
    expect(isBootStub(Buffer.alloc(512))).toBe(false);
    expect(isBootStub(Buffer.alloc(10))).toBe(false);
  });
});

describe('what is on the disk', () => {
  test('sfdisk rows become bytes, whatever the sector size', () => {
    const json = (sector: number): string =>
      JSON.stringify({ partitiontable: { label: 'gpt', sectorsize: sector, partitions: [{ node: '/dev/nvme0n1p1', start: 256, size: 256, name: 'slipway-unfinished' }, { node: '/dev/nvme0n1p12', start: 512, size: 1024, name: 'oem' }] } });
    expect(parseTable(json(4096), '/dev/nvme0n1')).toEqual([
      { number: 1, path: '/dev/nvme0n1p1', name: 'slipway-unfinished', start: 1024 ** 2, size: 1024 ** 2 },
      { number: 12, path: '/dev/nvme0n1p12', name: 'oem', start: 2 * 1024 ** 2, size: 4 * 1024 ** 2 },
    ]);
    expect(parseTable('{"partitiontable":{"label":"dos"}}', '/dev/sda')).toBeNull();
    expect(parseTable('sfdisk: error', '/dev/sda')).toBeNull();
  });

  test('the mark stands for the name of partition 1 and of no other', () => {
    const row = { path: '/dev/sda1', start: 0, size: 1, name: 'slipway-unfinished' };
    expect(withoutMark([{ ...row, number: 1 }], 'uefi')[0]?.name).toBe('efi');
    expect(withoutMark([{ ...row, number: 1 }], 'bios')[0]?.name).toBe('bios');
    expect(withoutMark([{ ...row, number: 2 }], 'bios')[0]?.name).toBe('slipway-unfinished');
  });

  test('mounts are found by device number, the latest first, names with blanks too', () => {
    const mountinfo = ['30 1 254:2 / /run/cos/oem rw - ext4 /dev/vda2 rw', '31 1 254:3 / /run/a\\040b rw - ext4 /dev/vda3 rw', '32 1 8:1 / /other rw - ext4 /dev/sda1 rw', ''].join('\n');
    expect(mountsOf(mountinfo, ['254:2', '254:3'])).toEqual(['/run/a b', '/run/cos/oem']);
  });

  test('loops are found by where their file lies', () => {
    const text = JSON.stringify({ loopdevices: [{ name: '/dev/loop0', 'back-maj:min': '254:4' }, { name: '/dev/loop1', 'back-maj:min': '  8:1' }] });
    expect(loopsOn(text, ['254:4'])).toEqual(['/dev/loop0']);
    expect(loopsOn(text, ['8:1'])).toEqual(['/dev/loop1']);
    expect(loopsOn('', ['8:1'])).toEqual([]);
  });

  test('merged configurations and pulled user-data go, what the agent means to stay stays', () => {
    const kept = [{ name: '90_custom.yaml', mode: 0o640, bytes: 1, sha256: '' }];
    const names = ['10_ssh_hardening.yaml', '90_custom.yaml', '91_custom.yaml', '912_custom.yaml', '95_userdata', 'userdata', 'grubenv', 'lost+found', 'from-a-stage'];
    expect(sortOemNames(names, kept)).toEqual({ removed: ['90_custom.yaml', '91_custom.yaml', '912_custom.yaml', '95_userdata', 'userdata'], foreign: ['from-a-stage'] });
  });
});

describe('the live system', () => {
  test('another install is told from other commands of the agent', () => {
    expect(isInstalling('/usr/bin/kairos-agent\0manual-install\0/run/x\0')).toBe(true);
    expect(isInstalling('kairos-agent\0install\0')).toBe(true);
    expect(isInstalling('/usr/bin/kairos-agent\0--debug\0--strict-validation\0manual-install\0/run/x\0')).toBe(true);
    expect(isInstalling('/usr/bin/kairos-agent\0interactive-install\0--shell\0')).toBe(false);
    expect(isInstalling('/usr/bin/kairos-agent\0start\0')).toBe(false);
    expect(isInstalling('vim\0kairos-agent\0install\0')).toBe(false);
  });

  test('how much will be written is known only where the source was measured', () => {
    expect(expectedBytes({ size: 0 })).toBeNull();
    expect(expectedBytes({ size: 1024 ** 3 })).toBe(3 * 1024 ** 3 + 200 * 1024 ** 2);
  });
});

describe('the sizes that the agent made', () => {
  const MiB = 1024 ** 2;
  const told = (name: string, wished: number, size: number, given = { fixedPersistent: false, uki: false }): string | null => sizeProblem({ name, size: wished * MiB }, size * MiB, given);

  test('are the planned ones, but for the table at the end', () => {
    expect(told('oem', 64, 64)).toBeNull();
    expect(told('data', 1024, 1023)).toBeNull();
    expect(told('data', 1024, 512)).toBe('it has 512 MiB and was to have 1024');
    expect(told('data', 1024, 2048)).toBe('it has 2048 MiB and was to have 1024');
  });

  test('may be bigger where the agent raises them, and are whatever is left where nothing was asked for', () => {
    expect(told('state', 4096, 9000)).toBeNull();
    expect(told('state', 4096, 1000)).not.toBeNull();
    expect(told('persistent', 9000, 5000)).toBeNull();
    expect(told('persistent', 9000, 5000, { fixedPersistent: true, uki: false })).not.toBeNull();
    expect(told('oem', 64, 5000, { fixedPersistent: false, uki: true })).toBeNull();
    expect(told('data', 64, 5000, { fixedPersistent: false, uki: true })).not.toBeNull();
  });
});
