/** The live ISO boots, opens Slipway on its consoles, and is refused as a target itself. */
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { liveIso, startLive } from '../iso/live.ts';

const pictures = 'build/test/pictures';
mkdirSync(pictures, { recursive: true });
const blank = 'build/test/blank.img';
writeFileSync(blank, '');
truncateSync(blank, 8 * 1024 ** 3);

describe('the live ISO', () => {
  test.each([
    ['bios', 'usb-cdrom'],
    ['uefi', 'usb-disk'],
  ] as const)('boots with %s from a %s: menu, Slipway on tty1, taken over by the serial line', async (firmware, medium) => {
    await using live = await startLive({ firmware, medium, drives: [{ file: blank, serial: 'TARGET0' }] });
    const { machine, see } = live;
    await see(/Slipway: install {2}/);
    const menu = live.elapsed();
    machine.write('\r');
    const [up] = await machine.waitFor(/SLIPWAY-LIVE booted mode=live|cannot start the system/, 240_000);
    expect(up).toContain('mode=live');
    const ready = live.elapsed();
    await see(/Slipway runs on tty1\.[^]*Press Enter to take it over to this console \(ttyS0\)/);
    const waiting = live.elapsed();
    // An empty picture has some hundred bytes, one with text thousands.
    const picture = `${pictures}/iso-${firmware}-tty1.png`;
    await expect
      .poll(
        async () => {
          await machine.screendump(picture);
          return statSync(picture).size;
        },
        { timeout: 90_000, interval: 3000 },
      )
      .toBeGreaterThan(2500);
    machine.write('\r');
    await see(/This machine/);
    console.log(`${firmware}, ${medium}: menu ${menu.toFixed(1)} s, system up ${ready.toFixed(1)} s, consoles ${waiting.toFixed(1)} s, first screen on the serial line ${live.elapsed().toFixed(1)} s`);
    expect(live.screen()).toMatch(/Configuration/);
  });

  test('Slipway inside refuses the medium it runs from and offers the blank disk', async () => {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-disk', words: 'slipway=shell', drives: [{ file: blank, serial: 'TARGET0' }] });
    const { machine } = live;
    await machine.waitFor(/A root shell of the live system/, 240_000);
    machine.write("stty -echo; slipway probe --json | base64 -w0; echo '<'END'>'\r");
    const [, packed = ''] = await machine.waitFor(/([A-Za-z0-9+/=]{200,})\s*<END>/, 60_000);
    const facts = JSON.parse(Buffer.from(packed, 'base64').toString('utf8')) as {
      disks: { path: string; serial: string | null; verdict: string; reasons: { id: string }[] }[];
      boot: { state: string; liveMedium: string };
    };
    expect(facts.boot.state).toBe('live');
    const medium = facts.disks.find((disk) => disk.serial === 'PIKVM-ISO');
    expect(medium?.verdict).toBe('refused');
    expect(medium?.reasons.map((reason) => reason.id)).toContain('live-medium');
    expect(facts.disks.find((disk) => disk.serial === 'TARGET0')).toMatchObject({ verdict: 'eligible' });
    machine.write('ls /run/cos /run/rootfsbase/etc/kairos-release /run/initramfs/live/rootfs.squashfs; systemctl --failed --no-legend | wc -l\r');
    await machine.waitFor(/live_mode[^]*\n0\s/);
  });

  test('is small enough to be handed around', async () => {
    const iso = await liveIso();
    expect(iso.size).toBe(statSync(iso.file).size);
    expect(iso.size).toBeLessThan(400 * 1024 * 1024);
  });
});
