/**
 * The console on bare metal, by a person at the serial line: the boot menu, every screen by typed keys, a picture of the real
 * screen at each, the install, and a machine that boots from its disk and lets the person in.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startLive } from '../iso/live.ts';
import { blankDisk } from '../iso/media.ts';
import { Machine } from './machine.ts';

const folder = 'build/test/console';
const password = 'correct horse 9';

test('console on bare metal, by keys over the serial line', async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const disk = blankDisk(`${folder}/disk.img`, 6 * 1024 ** 3);
  const times: string[] = [];
  {
    await using live = await startLive({
      firmware: 'uefi',
      medium: 'usb-disk',
      // Kairos's word alone. The two settings choose the engine, and the medium's own squashfs as the source.
      words: 'install-mode-interactive slipway.engine=builtin slipway.source=file:/run/initramfs/live/rootfs.squashfs',
      drives: [{ file: disk, serial: 'DISK-A', snapshot: false }],
    });
    const { machine, see } = live;
    const type = (text: string): void => machine.write(text);
    const step = async (pattern: RegExp, name: string): Promise<void> => {
      await see(pattern, 300_000);
      times.push(`${name} ${live.elapsed().toFixed(0)} s`);
    };
    /** Enter, and once more where the first one met a screen that was being looked up again. */
    const enterUntil = async (pattern: RegExp, name: string): Promise<void> => {
      for (let tries = 0; tries < 4; tries += 1) {
        type('\r');
        if (await see(pattern, 20_000).then(() => true, () => false)) break;
      }
      await step(pattern, name);
    };
    await step(/This machine/, 'welcome');
    await enterUntil(/Where does the configuration come from\?/, 'configuration');
    await enterUntil(/Who is this machine/, 'identity');
    // One field after the other, as a person does: Enter leads on.
    for (const text of ['typed-node', 'anna', password, password, '']) {
      type(text);
      if (text !== '' && text !== password) await see(new RegExp(text));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      type('\r');
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    expect(live.screen()).not.toContain(password);
    await step(/Which disk\?/, 'disk');
    expect(live.screen()).toMatch(/DISK-A/);
    type('\r');
    await step(/Enter begins to write/, 'review');
    type('\r');
    await step(/Lay down the system|engine/i, 'installing');
    await machine.screendump(`${folder}/tty1-while-installing.png`);
    await see(/What next\?|The install failed/, 1_200_000);
    times.push(`end ${live.elapsed().toFixed(0)} s`);
    expect(live.screen()).toContain('What next?');
    expect(live.screen()).toMatch(/nothing found/);
    // Two rows are: reboot, power off.
    type('\u001B[B');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    type('\r');
    await machine.waitForEnd(120_000);
  }
  {
    const begin = Date.now();
    await using machine = await Machine.start({ firmware: 'bios', memory: 2048, drives: [{ file: disk, serial: 'DISK-A' }] });
    const [marker] = await machine.waitFor(/SLIPWAY-LIVE booted .*/, 240_000);
    times.push(`boots from its disk ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    expect(marker).toContain('mode=active hostname=typed-node users=anna oem=ok persistent=ok');
    await machine.waitFor(/typed-node login:/);
    machine.write('anna\r');
    await machine.waitFor(/assword:/);
    machine.write(`${password}\r`);
    await machine.waitFor(/[$#] $/m);
    machine.write('echo "i am $(id -un) on $(hostname)"\r');
    await machine.waitFor(/i am anna on typed-node/);
  }
  console.log(`console: ${times.join(', ')}`);
}, 2_400_000);
