/** A disk whose partitions the kernel knows, as any used disk's: file systems are made on it all the same. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blankDisk } from '../iso/media.ts';
import { sampleSource, startLiveShell } from './live-shell.ts';

const folder = 'build/test/known-partitions';

test.skipIf(!existsSync('/usr/bin/qemu-system-x86_64'))(
  'the install writes over partitions that the kernel has read',
  async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const disk = `${folder}/disk.img`;
    blankDisk(disk, 2.25 * 1024 ** 3);
    await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], log: `${folder}/serial.log` });
    const path = '/dev/disk/by-id/virtio-DISK-A';
    const parted = await shell.run(`printf 'label: gpt\\nsize=100M\\nsize=500M\\n' | sfdisk --wipe always ${path} && udevadm settle && ls ${path}-part1 ${path}-part2`, 60_000);
    expect(parted).toMatchObject({ code: 0 });
    // This is what stood in the way.
    const refused = await shell.run(`mkfs.vfat -F 32 --offset=2048 ${path} 65536`, 60_000);
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('Partitions');
    const installed = await shell.run(`slipway install --unattended --data-volume none --device serial:DISK-A --allow-data-loss ${sampleSource} --hostname n --user op --finish none`, 300_000);
    expect(installed).toMatchObject({ code: 0 });
    const labels = await shell.run(`udevadm settle; blkid -p -s LABEL -o value ${path}-part2`, 60_000);
    expect(labels.text).toContain('COS_GRUB');
  },
  900_000,
);
