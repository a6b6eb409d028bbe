import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBootStub } from '../../../src/model/boot-stub.ts';
import { countLoaders, createHoldBack } from '../../../src/engine/kairos-agent/hold-back.ts';
import type { HoldBack } from '../../../src/engine/kairos-agent/hold-back.ts';
import { putMark, readTable, renamePartition, writeMarkedTable } from '../../../src/engine/kairos-agent/target-table.ts';
import { secureUnfinished } from '../../../src/engine/kairos-agent/unfinished.ts';
import { createRealSystem } from '../../../src/system/real.ts';

const system = createRealSystem();

describe('holding an unfinished disk back from booting (invariant 9)', () => {
  let folder: string;
  let disk: string;
  let hold: HoldBack;
  const boot = (): Buffer => readFileSync(disk).subarray(0, 512);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-hold-'));
    disk = join(folder, 'disk.img');
    writeFileSync(disk, Buffer.alloc(32 * 1024 * 1024));
    hold = createHoldBack(system, disk, folder);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test('BIOS: the boot code of the agent waits in memory and comes back byte for byte; the table beside it is not touched', async () => {
    await writeMarkedTable(system, disk);
    await hold.holdBios();
    expect(isBootStub(boot())).toBe(true);
    expect(hold.hasBiosCode()).toBe(false);
    const table = boot().subarray(440);

    const grub = Buffer.from(Array.from({ length: 440 }, (_, index) => (index * 7 + 1) % 256));
    writeFileSync(disk, Buffer.concat([grub, readFileSync(disk).subarray(440)]));
    await hold.holdBios();
    expect(isBootStub(boot())).toBe(true);
    expect(hold.hasBiosCode()).toBe(true);

    await hold.holdBios();
    await hold.releaseBios();
    expect(boot().subarray(0, 440).equals(grub)).toBe(true);
    expect(boot().subarray(440).equals(table)).toBe(true);
  });

  test('BIOS: of our boot code nothing stays in a loader that was written around it', async () => {
    await hold.holdBios();
    // grub-install keeps the bytes where a FAT file system has its parameters.
    const loader = Buffer.alloc(440, 0xeb);
    loader.set(boot().subarray(0x03, 0x5a), 0x03);
    writeFileSync(disk, Buffer.concat([loader, readFileSync(disk).subarray(440)]));
    await hold.holdBios();
    expect(isBootStub(boot())).toBe(true);
    await hold.releaseBios();
    const end = boot().subarray(0, 440);
    expect(end.includes('slipway')).toBe(false);
    expect(end.subarray(0, 3)).toEqual(loader.subarray(0, 3));
    expect(end.subarray(0x5a)).toEqual(loader.subarray(0x5a));
  });

  test('UEFI disks get no boot code at the end', async () => {
    await hold.holdBios();
    await hold.releaseBios();
    expect(boot().subarray(0, 440).every((byte) => byte === 0)).toBe(true);
  });

  test('UEFI: loaders that firmware starts by itself get another name, and theirs back; nothing else does', async () => {
    mkdirSync(join(folder, 'esp/EFI/boot'), { recursive: true });
    mkdirSync(join(folder, 'esp/EFI/ubuntu'));
    const names = ['bootx64.efi', 'grubx64.efi', 'grub.cfg', 'BOOTAA64.EFI', 'shimx64.efi'];
    for (const name of names) writeFileSync(join(folder, 'esp/EFI/boot', name), name);
    const esp = join(folder, 'esp');
    expect(await hold.holdUefi(esp)).toBe(2);
    expect(readdirSync(join(esp, 'EFI/boot')).toSorted()).toEqual(['BOOTAA64.EFI.off', 'bootx64.efi.off', 'grub.cfg', 'grubx64.efi', 'shimx64.efi']);
    expect(await countLoaders(system, esp)).toEqual({ active: 0, held: 2 });
    expect(await hold.holdUefi(esp)).toBe(0);
    expect(await hold.releaseUefi(esp)).toBe(2);
    expect(readdirSync(join(esp, 'EFI/boot')).toSorted()).toEqual(names.toSorted());
    expect(readFileSync(join(esp, 'EFI/boot/bootx64.efi'), 'utf8')).toBe('bootx64.efi');
  });

  test('an EFI partition without loaders is no trouble', async () => {
    expect(await hold.holdUefi(join(folder, 'nothing-here'))).toBe(0);
  });

  test('the mark is on the empty table, can be put on another one, and goes again', async () => {
    await writeMarkedTable(system, disk);
    expect((await readTable(system, disk)).map(({ name }) => name)).toEqual(['slipway-unfinished']);
    await renamePartition(system, disk, 1, 'efi');
    expect((await readTable(system, disk))[0]?.name).toBe('efi');
    await putMark(system, disk);
    expect((await readTable(system, disk))[0]?.name).toBe('slipway-unfinished');
  });

  test.each(['bios', 'uefi'] as const)('%s: a disk that was just being emptied gets a table with the mark, one of somebody else too', async (firmware) => {
    const secure = () => secureUnfinished(system, { disk, kname: 'no-such-disk', holdBack: hold, firmware });
    expect(await secure()).toEqual({ text: 'the disk carries the unfinished mark and does not boot', failed: [] });
    expect((await readTable(system, disk)).map(({ name }) => name)).toEqual(['slipway-unfinished']);
    expect(isBootStub(boot())).toBe(true);

    execFileSync('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', disk], { input: 'label: gpt\n/dev/x2: size=8MiB, name=theirs\n' });
    expect((await secure()).failed).toEqual([]);
    expect((await readTable(system, disk)).map(({ name }) => name)).toEqual(['slipway-unfinished']);
  });

  test('a disk without a table is an error with a name', async () => {
    await expect(readTable(system, disk)).rejects.toMatchObject({ problem: { id: expect.stringMatching(/^(?:tool-failed|table-missing)$/) } });
  });
});
