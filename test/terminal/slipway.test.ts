/** The shipped executable in a pseudo-terminal: a real install into a disk image file, seen by a person. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installerData, secrets, userData } from '../support/factory.ts';
import { createWorkshop, executable, sampleSource } from '../support/workshop.ts';
import type { Workshop } from '../support/workshop.ts';
import { startSession } from './pty.ts';
import type { Session } from './pty.ts';

const missing = [
  ...(existsSync(executable) ? [] : ['dist/slipway is not built']),
  ...(existsSync(sampleSource) ? [] : ['the sample source is not built']),
  ...(process.getuid?.() === 0 ? [] : ['not root']),
];
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('slipway install at a terminal', () => {
  let workshop: Workshop;
  let volume = '';
  beforeAll(() => {
    workshop = createWorkshop();
    volume = workshop.dataVolume({ 'user-data': userData, 'installer-data': installerData });
  });
  afterAll(() => workshop.dispose());

  const start = (image: string, ...more: readonly string[]): Session => startWith(volume, image, ...more);
  const startWith = (data: string, image: string, ...more: readonly string[]): Session =>
    startSession([
      executable, 'install', '--engine', 'builtin', '--data-volume', data, '--source', `dir:${sampleSource}`, '--image-size', '4G',
      '--target-image', join(workshop.folder, image), '--receipt', workshop.folder, ...more,
    ]);

  const toReview = async (session: Session): Promise<void> => {
    await session.sees(/WELCOME 1\/4 - ASKING/, 30_000);
    session.type('\r');
    await session.sees(/CONFIGURATION 2\/4 - ASKING/);
    session.type('\r');
    await session.sees(/DISK 3\/4 - ASKING/);
    session.type('\r');
    await session.sees(/REVIEW 4\/4 - CONFIRM/);
  };

  it('installs, proves that nothing is left, and shows no secret on the way', async () => {
    const session = start('first.img');
    await toReview(session);
    expect(existsSync(join(workshop.folder, 'first.img'))).toBe(false);
    session.type('v');
    await session.sees('kept as 90_custom.yaml');
    session.type('\u001B[C\u001B[C\u001B[C');
    await new Promise((resolve) => setTimeout(resolve, 200));
    session.type('q\r');
    await session.sees('What next?', 120_000);
    expect(session.text()).toContain('nothing found');
    // This is no live system: it is not offered to go down for the sake of an image file.
    expect(session.text()).not.toMatch(/power off|reboot|live system/);
    session.type('\r');
    expect(await session.ended()).toBe(0);
    expect(session.onSecondScreen()).toBe(false);
    // What a stage prints itself is in the log; what it was given is not.
    for (const secret of [...secrets.filter((text) => !text.startsWith('https:')), '$6$kairosdemo']) expect(session.raw()).not.toContain(secret);
  }, 180_000);

  it('asks for consent where the image holds data, and aborts when told to', async () => {
    const image = join(workshop.folder, 'first.img');
    expect(existsSync(image)).toBe(true);
    const session = start('first.img', '--hostname', 'another-node');
    await toReview(session);
    await session.sees('Data will be lost');
    const before = statSync(image);
    session.type('no\r');
    await session.sees('nothing was started');
    expect(statSync(image)).toMatchObject({ mtimeMs: before.mtimeMs, blocks: before.blocks });
    session.type('\u0015.img\r');
    await session.sees('Do not switch the machine off', 20_000);
    session.type('\u0003y');
    await session.sees('Stopped.', 60_000);
    await session.sees(/Exit code\s+(6|130|5)/);
    session.type('qy');
    expect([5, 6, 130]).toContain(await session.ended());
  }, 120_000);

  it('fails with the disk untouched, and ends well when it is tried again and the cause is gone, with every answer kept (invariant 13)', async () => {
    // A stage has a /tmp of its own, and /var as it is.
    const folder = mkdtempSync('/var/tmp/slipway-again-');
    const power = join(folder, 'line-power');
    const stage = `stages:\n  kairos-install.pre:\n  - name: Look at the line power\n    commands: [test -e ${power}]\n`;
    const data = workshop.dataVolume({ 'user-data': `${userData}strict: true\n`, 'installer-data': `#cloud-config\n${stage}` });
    const session = startWith(data, 'again.img', '--hostname', 'again-node');
    await toReview(session);
    session.type('\r');
    await session.sees('The install failed.', 60_000);
    expect(session.text()).toMatch(/NOT TOUCHED|was not touched/i);
    writeFileSync(power, 'on');
    session.type('r');
    await session.sees(/REVIEW 4\/4 - CONFIRM/);
    expect(session.text()).toContain('again-node');
    session.type('\r');
    await session.sees('What next?', 120_000);
    expect(session.text()).toContain('nothing found');
    session.type('\r');
    expect(await session.ended()).toBe(0);
    rmSync(folder, { recursive: true });
  }, 180_000);

  it('leaves with 130 and no file when nothing was begun', async () => {
    const session = start('never.img');
    await session.sees(/WELCOME 1\/4 - ASKING/, 30_000);
    session.type('\u0003y');
    expect(await session.ended()).toBe(130);
    expect(existsSync(join(workshop.folder, 'never.img'))).toBe(false);
  });

  it('installs in plain mode as well', async () => {
    const session = start('plain.img', '--plain');
    await session.sees('Enter continues, r looks again:', 30_000);
    session.type('\r');
    await session.sees('Enter goes on with what is read:');
    session.type('\r');
    await session.sees('Enter continues:');
    session.type('\r');
    await session.sees('Type install to begin:');
    session.type('install\r');
    await session.sees('What next?', 120_000);
    session.type('\r');
    expect(await session.ended()).toBe(0);
    expect(session.raw()).not.toContain('\u001B');
  }, 180_000);
});
