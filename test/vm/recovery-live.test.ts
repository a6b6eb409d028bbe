/** A node's disk beside the live medium, on real block devices: found, reset with the program on the medium, and booted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startLive } from '../iso/live.ts';
import { Machine } from './machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-recovery-live-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stateStart = (image: string): number => {
  const table = JSON.parse(execFileSync('sfdisk', ['--json', image], { encoding: 'utf8' })) as { partitiontable: { partitions: { start: number; name: string }[] } };
  return (table.partitiontable.partitions.find(({ name }) => name === 'state')?.start ?? 0) * 512;
};

test('reset of a disk from a live system', async () => {
  if (!existsSync('build/try/disk.img')) expect(spawnSync('node', ['scripts/try.ts', '--unattended'], { encoding: 'utf8' })).toMatchObject({ status: 0 });
  const image = join(folder, 'node.img');
  execFileSync('cp', ['--sparse=always', 'build/try/disk.img', image]);
  writeFileSync(join(folder, 'ruin'), 'ruined'.repeat(1000));
  const at = `${image}?offset=${stateStart(image)}`;
  for (const request of ['rm /cOS/active.img', `write ${join(folder, 'ruin')} /cOS/active.img`]) execFileSync('debugfs', ['-w', '-R', request, at], { stdio: 'ignore' });
  {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-disk', words: 'slipway=shell', drives: [{ file: image, serial: 'NODE-AB12', snapshot: false }] });
    const { machine } = live;
    await machine.waitFor(/A root shell of the live system/, 240_000);
    machine.write("stty -echo; slipway recovery | head -12; echo '<'SEEN'>'\r");
    const [seen] = await machine.waitFor(/[^]*<SEEN>/, 120_000);
    expect(seen).toMatch(/serial NODE-AB12; laid down by Slipway/);
    expect(seen).toMatch(/active +DAMAGED/);
    machine.write("slipway recovery reset --yes; echo '<'ENDED $?'>'; sync\r");
    const [said] = await machine.waitFor(/[^]*<ENDED (\d+)>/, 300_000);
    expect(said).toContain('reset: the node starts anew with its configuration');
    expect(said).toMatch(/<ENDED 0>/);
    machine.write('poweroff -f\r');
    await machine.waitForEnd(60_000);
  }
  await using node = await Machine.start({ firmware: 'bios', drives: [{ file: image, serial: 'NODE-AB12' }] });
  const [marker] = await node.waitForLine(/SLIPWAY-SAMPLE booted .*/);
  expect(marker).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
});
