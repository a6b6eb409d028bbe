/** The recovery menu of the shipped executable in a real pseudo-terminal, on a disk image: what it says it did is on the disk afterwards. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { slipwayPath, startSession } from '../terminal/pty.ts';
import { createNodeWorkshop } from './node-image.ts';
import type { NodeWorkshop } from './node-image.ts';

let shop: NodeWorkshop;
beforeAll(() => {
  shop = createNodeWorkshop();
});
afterAll(() => shop.dispose());

const grubenv = (image: string): string => shop.debugfs(image, 'oem', 'cat /grubenv');

test('choosing recovery for the next boot', async () => {
  const image = shop.copy();
  const session = startSession([slipwayPath, 'recovery', '--image', image]);
  await session.sees('laid down by Slipway', 20_000);
  session.type('\r');
  await session.sees('choose what starts next, once');
  // From the top of the menu: reset, reset with OEM, reinstall, upgrade, upgrade of recovery, boot.
  session.type('jjjjj');
  await session.sees('> choose what starts next');
  session.type('\r');
  await session.sees('What shall the next boot start');
  session.type('jj\r');
  await session.sees('Enter does it. Nothing was done so far.');
  expect(grubenv(image)).not.toContain('next_entry');
  session.type('\r');
  await session.sees('the next boot starts recovery, once', 20_000);
  expect(grubenv(image)).toContain('next_entry=recovery\n');
  session.type('\r');
  await session.sees('recovery (once)', 20_000);
  session.type('q');
  await session.sees('Leave the recovery menu?');
  session.type('y');
  expect(await session.ended()).toBe(0);
  expect(session.onSecondScreen()).toBe(false);
  expect(session.text()).toContain('slipway: the next boot starts recovery, once');
});

test('a reset with its consent, stopped in the middle with Ctrl-C: it is said what that means, and the disk says the same', async () => {
  const image = shop.copy();
  const session = startSession([slipwayPath, 'recovery', '--image', image]);
  await session.sees('laid down by Slipway', 20_000);
  session.type('\r');
  await session.sees('> reset: active and passive anew');
  session.type('\r');
  await session.sees('type the last 4 characters of its name');
  session.type('.img\r');
  await session.sees('RECOVERY-RUNNING', 20_000);
  session.type('\u0003');
  await session.sees('Stop the action?');
  session.type('y');
  await session.sees(/RECOVERY-RESULT .* (?:FAILED|DONE)/, 30_000);
  const stopped = session.text().includes('interrupted');
  const status = await shop.status(image);
  // On a fast machine it may have been through before the question was answered.
  if (stopped) expect(status.resetUnfinished || status.systems.every(({ damage }) => damage === null)).toBe(true);
  else expect(status).toMatchObject({ resetUnfinished: false, problems: [] });
  session.type('q');
  await session.sees('Leave the recovery menu?');
  session.type('y');
  expect([0, 6, 130]).toContain(await session.ended());
});

test('the configuration is edited as text: an error keeps it off the node, a good one goes there', async () => {
  const image = shop.copy();
  const session = startSession([slipwayPath, 'recovery', '--image', image]);
  await session.sees('laid down by Slipway', 20_000);
  session.type('\r');
  await session.sees('> reset: active and passive anew');
  // reset, reset with OEM, reinstall, upgrade, upgrade of recovery, boot, roll back, deploy anew, edit
  session.type('jjjjjjjj');
  await session.sees('> replace the kept configuration');
  session.type('\r');
  await session.sees('Where does the new configuration come from?');
  session.type('\r');
  await session.sees('hostname: field-node');
  // Into the second line, to its end: an unfinished list is no YAML.
  session.type('\u001B[B');
  session.type('\u001B[F');
  session.type('-two\rbroken: [');
  await session.sees(/[1-9] errors?/);
  session.type('\u0018');
  await session.sees('not used yet');
  session.type('\u007F'.repeat('broken: ['.length + 1));
  await session.sees(/(?:no problem found|note)/, 10_000);
  session.type('\u0018');
  await session.sees('Enter does it. Nothing was done so far.');
  expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toContain('hostname: field-node\n');
  session.type('\r');
  await session.sees('90_custom.yaml replaced', 20_000);
  expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toContain('hostname: field-node-two\n');
  expect(shop.debugfs(image, 'oem', 'stat /90_custom.yaml')).toMatch(/Mode:\s+0640/);
  session.type('q');
  await session.sees('Leave the recovery menu?');
  session.type('y');
  expect(await session.ended()).toBe(0);
});

test('a recorded machine with two installed disks: one is chosen; every action that writes says that nothing is written there', async () => {
  // The recording's second disk is one on which an install did not end: that alone is no choice.
  const recording = join(shop.folder, 'two-nodes.json');
  writeFileSync(recording, readFileSync('test/machines/previous-kairos.json', 'utf8').replaceAll('slipway-unfinished', 'bios'));
  const session = startSession([slipwayPath, 'recovery', '--machine', recording]);
  await session.sees('Which one?', 20_000);
  session.type('j\r');
  await session.sees(/COS_STATE/, 20_000);
  session.type('\r');
  await session.sees('(not here)');
  await session.sees('RECOVERY-ACTIONS');
  session.type('G');
  await session.sees('this is a recorded machine: nothing is written');
  session.type('q');
  await session.sees('Leave the recovery menu?');
  session.type('y');
  expect(await session.ended()).toBe(0);
});

test('in plain mode without a terminal', async () => {
  const child = spawn(slipwayPath, ['recovery', '--plain', '--image', shop.copy()], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.end('\nquit\n');
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(said).toContain('Number of the action');
  // eslint-disable-next-line no-control-regex
  expect(said).not.toMatch(/\u001B/);
});
