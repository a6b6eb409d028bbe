/** Freeing a disk that is mounted and swapped on, on a live system with a real kernel: by the console, after its question; never unattended. */
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blankDisk, dataVolume, example } from '../iso/media.ts';
import { sampleSource, startLiveShell } from './live-shell.ts';

const folder = 'build/test/release';

test('a mounted disk is freed when a person says so', async () => {
  rmSync(folder, { recursive: true, force: true });
  const disk = blankDisk(`${folder}/disk.img`, 4 * 1024 ** 3);
  const data = dataVolume(`${folder}/data.img`, { 'user-data': example('user-data') });
  await using shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data, log: `${folder}/serial.log` });
  const { machine } = shell;
  const made = await shell.run(
    'd=$(readlink -f /dev/disk/by-id/virtio-DISK-A) && printf "label: gpt\\nsize=1GiB\\nsize=256MiB\\n" | sfdisk -q $d && udevadm settle && mkfs.ext4 -q ${d}1 && mkswap -q ${d}2 && mkdir -p /mnt/a /mnt/b && mount ${d}1 /mnt/a && mount --bind /mnt/a /mnt/b && swapon ${d}2 && echo kept > /mnt/a/file && udevadm settle',
    60_000,
  );
  expect(made).toMatchObject({ code: 0 });

  // Unattended it stays refused, whatever else is agreed to.
  const refused = await shell.run(`slipway install --unattended --device serial:DISK-A --allow-data-loss ${sampleSource}`, 120_000);
  expect(refused.text).toMatch(/is mounted at|in use as swap/);
  expect(refused.code).toBe(4);

  machine.write('TERM=dumb slipway; echo "<left>"\r');
  const answer = async (question: RegExp, text: string): Promise<string> => {
    const [seen] = await machine.waitFor(question, 120_000);
    machine.write(`${text}\r`);
    return seen;
  };
  await answer(/Enter continues, r looks again:/, '');
  await answer(/Enter goes on with what is read:/, '');
  const list = await answer(/(?:\d+\. \/dev\/\S+,[^]*)Number of the disk[^:]*:/, 'help');
  const number = /(\d+)\. \/dev\/\S+, [^\n]*serial DISK-A/.exec(list)?.[1] ?? 'none';
  await answer(/Number of the disk[^:]*:/, `u ${number}`);
  const [question] = await machine.waitFor(/To free it:[^]*Free it\? y or n:/, 60_000);
  expect(question).toMatch(/switch swap off on \/dev\/vd\w2[^]*unmount \/mnt\/[ab] [^]*unmount \/mnt\/[ab] /);
  machine.write('y\r');
  await machine.waitFor(/2 mounts were undone, swap was switched off/, 60_000);
  const [again] = await machine.waitFor(/Number of the disk[^:]*:/, 60_000);
  expect(again).toBeDefined();
  machine.write('quit\r');
  await machine.waitFor(/<left>/, 60_000);

  const after = await shell.run('grep -c /mnt/ /proc/mounts; tail -n +2 /proc/swaps | wc -l; d=$(readlink -f /dev/disk/by-id/virtio-DISK-A); slipway probe | grep $d; mount ${d}1 /mnt/a && cat /mnt/a/file', 60_000);
  expect(after.text).toMatch(/^0\s+0\s/);
  expect(after.text).not.toMatch(/is mounted|in use as swap/);
  // Nothing on it was changed.
  expect(after.text).toMatch(/kept$/);
  console.log(`freeing a disk: ${shell.elapsed().toFixed(0)} s`);
}, 600_000);
