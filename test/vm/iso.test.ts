/** The live ISO boots, opens Slipway on its consoles, and is refused as a target itself. */
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildIso } from '../../scripts/iso/build.ts';
import { liveIso, startLive } from '../iso/live.ts';
import type { LiveMachine } from '../iso/live.ts';
import { soak } from './soak.ts';

const pictures = 'build/test/pictures';
mkdirSync(pictures, { recursive: true });
const blank = 'build/test/blank.img';
writeFileSync(blank, '');
truncateSync(blank, 8 * 1024 ** 3);

/** The boot menu over the serial line: arrow keys down to an entry, as its star shows. */
const choose = async ({ machine, see }: LiveMachine, entry: string): Promise<void> => {
  await see(/Slipway: install {2}/);
  for (let tries = 0; ; tries += 1) {
    if ((await see(/\*\S/)).split('\n').some((line) => line.includes(`*${entry}`))) break;
    if (tries === 12) throw new Error(`no entry ${entry} in the boot menu`);
    machine.write('\u001B[B');
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  machine.write('\r');
};

describe('the live ISO', () => {
  test('Slipway by default: on tty1, taken over by the serial line, the one before it ends', async () => {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', drives: [{ file: blank, serial: 'TARGET0' }] });
    const { machine, see } = live;
    await choose(live, 'Slipway: install ');
    const menu = live.elapsed();
    const [up] = await machine.waitFor(/SLIPWAY-LIVE booted mode=live|cannot start the system/, 240_000);
    expect(up).toContain('mode=live');
    const ready = live.elapsed();
    await see(/Slipway runs on tty1\.[^]*Press Enter to take it over to this console \(ttyS0\)/);
    const waiting = live.elapsed();
    machine.write('\r');
    await see(/SLIPWAY \S+ WELCOME/);
    console.log(`default entry: menu ${menu.toFixed(1)} s, system up ${ready.toFixed(1)} s, consoles ${waiting.toFixed(1)} s, first screen on the serial line ${live.elapsed().toFixed(1)} s`);
    // The first terminal says so, too, a moment later. An empty picture has some hundred bytes, one with two lines of text two thousand.
    const picture = `${pictures}/iso-tty1.png`;
    for (const end = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
      await machine.screendump(picture);
      if (statSync(picture).size > 1500 || Date.now() > end) break;
    }
    expect(statSync(picture).size).toBeGreaterThan(1500);
  });

  test.each([
    ...(soak ? ([['Slipway: install, on the serial line', /SLIPWAY \S+ WELCOME/], ['Entries of Kairos', /login:/]] as const) : []),
    // Nothing is plugged in that could say what to install: it waits for it, then says so and stays there.
    ['Slipway: install unattended', /Slipway ended with exit code 8: the data volume or the approved plan/],
    // On tty1; the serial line says what runs there, and takes it over.
    ['Slipway: look after the system', /Slipway runs on tty1\./],
    ['Rescue shell', /A root shell of the live system/],
  ] as const)('boot menu: %s', async (entry, expected) => {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-disk', drives: [{ file: blank, serial: 'TARGET0' }] });
    await choose(live, entry);
    if (entry.startsWith('Entries')) {
      await live.see(/Kairos \(manual\)/);
      live.machine.write('\u001B[B');
      await live.see(/\*Kairos \(manual\)/);
      live.machine.write('\r');
    }
    await live.see(expected, 300_000);
    if (entry.includes('look after')) {
      live.machine.write('\r');
      await live.see(/RECOVERY|no installed system|What can be done/i);
    }
    console.log(`boot menu, ${entry}: ${live.elapsed().toFixed(0)} s`);
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

  test.runIf(soak)('the same packages give the same bytes, from nothing (npm run soak)', async () => {
    const built = [];
    for (const name of ['one', 'two']) {
      const home = `build/test/iso-${name}`;
      const begin = Date.now();
      const { sha256, size, agent } = await buildIso({ home: resolve(home) });
      console.log(`ISO from nothing: ${((Date.now() - begin) / 1000).toFixed(0)} s, ${(size / 1024 ** 2).toFixed(0)} MiB, sha256 ${sha256}`);
      built.push({ sha256, packages: readFileSync(`${home}/${agent ? 'base-agent' : 'base'}/packages.txt`, 'utf8') });
      rmSync(home, { recursive: true });
    }
    expect(built[1]).toEqual(built[0]);
  });

  test('is small enough to be handed around', async () => {
    const iso = await liveIso();
    expect(iso.size).toBe(statSync(iso.file).size);
    expect(iso.size).toBeLessThan(400 * 1024 * 1024);
  });
});
