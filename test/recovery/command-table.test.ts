/**
 * `slipway recovery ACTION --yes --json`, every action: what it ends with, and that the menu ends the same way. On an image file, so
 * those that act on this machine are refused, with the way there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRecoveryEffects } from '../../src/app/recovery/effects.ts';
import { recoveryActionNames } from '../../src/cli/recovery-flags.ts';
import { actionIds } from '../../src/recovery/actions.ts';
import type { ActionId } from '../../src/recovery/actions.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createNodeWorkshop } from './node-image.ts';
import type { NodeWorkshop } from './node-image.ts';

let shop: NodeWorkshop;
beforeAll(() => {
  shop = createNodeWorkshop();
  writeFileSync(join(shop.folder, 'new.yaml'), '#cloud-config\nhostname: other-node\nusers:\n  - name: other\n    groups: [admin]\n    passwd: "$6$x$yyyyyyyyyyyyyyyy"\n');
  writeFileSync(join(shop.folder, 'install-only.yaml'), '#cloud-config\nstages:\n  after-install:\n    - commands: ["echo LEFT-BEHIND-1234"]\n');
  writeFileSync(join(shop.folder, 'installer-data'), '#cloud-config\nstages:\n  after-install:\n    - commands: ["echo NOT-ON-THE-DISK-77"]\n');
});
afterAll(() => shop.dispose());

interface Row {
  readonly id: ActionId;
  readonly words: readonly string[];
  readonly exitCode: number;
  readonly result: string;
  readonly touched: boolean;
  /** The same from the menu: what is answered, and the file that is named. */
  readonly menu?: { readonly options?: Readonly<Record<string, unknown>>; readonly file?: string };
}

const here = (name: string): string => join('SHOP', name);

const rows: readonly Row[] = [
  { id: 'reset', words: ['reset'], exitCode: 0, result: 'done', touched: true, menu: {} },
  { id: 'reset-oem', words: ['reset', '--oem'], exitCode: 0, result: 'done', touched: true, menu: {} },
  { id: 'reinstall', words: ['reinstall', '--config', here('new.yaml')], exitCode: 0, result: 'done', touched: true, menu: { file: here('new.yaml') } },
  { id: 'reinstall', words: ['reinstall', '--config', here('install-only.yaml')], exitCode: 3, result: 'failed', touched: false, menu: { file: here('install-only.yaml') } },
  { id: 'upgrade', words: ['upgrade', '--source', 'v2.0.0'], exitCode: 0, result: 'done', touched: true, menu: { options: { source: 'v2.0.0' } } },
  { id: 'upgrade', words: ['upgrade', '--source', 'dir:/nowhere'], exitCode: 3, result: 'failed', touched: false, menu: { options: { source: 'dir:/nowhere' } } },
  { id: 'upgrade-recovery', words: ['upgrade', '--recovery', '--source', 'v2.0.0'], exitCode: 0, result: 'done', touched: true, menu: { options: { source: 'v2.0.0' } } },
  { id: 'boot', words: ['boot', 'recovery'], exitCode: 0, result: 'done', touched: true, menu: { options: { word: 'recovery' } } },
  { id: 'boot', words: ['boot', 'nothing-like-that'], exitCode: 3, result: 'failed', touched: false, menu: { options: { word: 'nothing-like-that' } } },
  { id: 'rollback', words: ['rollback'], exitCode: 0, result: 'done', touched: true, menu: {} },
  { id: 'rollback', words: ['rollback', '--undo'], exitCode: 0, result: 'done', touched: false, menu: { options: { undo: true } } },
  { id: 'redeploy', words: ['redeploy'], exitCode: 0, result: 'done', touched: false, menu: {} },
  { id: 'edit', words: ['edit', '--config', here('new.yaml')], exitCode: 0, result: 'done', touched: true, menu: { file: here('new.yaml') } },
  { id: 'edit', words: ['edit', '--config', here('install-only.yaml')], exitCode: 3, result: 'failed', touched: false, menu: { file: here('install-only.yaml') } },
  { id: 'scrub', words: ['scrub'], exitCode: 0, result: 'done', touched: false, menu: {} },
  { id: 'fsck', words: ['fsck'], exitCode: 0, result: 'done', touched: true, menu: {} },
  { id: 'logs', words: ['logs', '--output', here('')], exitCode: 0, result: 'done', touched: false, menu: { options: { output: here('') } } },
  { id: 'logs', words: ['logs', '--output', '/nowhere'], exitCode: 5, result: 'failed', touched: false, menu: { options: { output: '/nowhere' } } },
  { id: 'unlock', words: ['unlock'], exitCode: 4, result: 'refused', touched: false, menu: {} },
  { id: 'network', words: ['network', 'eth0', '10.0.0.9/24'], exitCode: 4, result: 'refused', touched: false, menu: { options: { word: 'eth0', address: '10.0.0.9/24' } } },
  { id: 'remote', words: ['remote'], exitCode: 4, result: 'refused', touched: false, menu: {} },
  { id: 'shell', words: ['shell'], exitCode: 4, result: 'refused', touched: false, menu: {} },
  { id: 'power', words: ['power', 'reboot'], exitCode: 4, result: 'refused', touched: false, menu: { options: { word: 'reboot' } } },
];

/** Places and images of this run in the words of a row. */
const filled = (text: string): string => (text === 'v2.0.0' ? shop.source(text) : text.startsWith('SHOP') ? join(shop.folder, text.slice(5)) : text);

const wanted = ({ id, exitCode, result, touched }: Row) => ({ event: 'done', action: id, exitCode, ok: exitCode === 0, result, diskTouched: touched });

describe('every action', () => {
  test('is in this table, and has a name on the command line', () => {
    const tried = new Set<string>([...rows.map(({ id }) => id), 'status', 'audit']);
    expect(actionIds.filter((id) => !tried.has(id))).toEqual([]);
    expect([...recoveryActionNames].toSorted()).toEqual(actionIds.filter((id) => id !== 'reset-oem' && id !== 'upgrade-recovery').toSorted());
  });

  test.each(rows)('$words', async (row) => {
    const image = shop.copy();
    const ended = await shop.recovery(image, ...row.words.map(filled), '--yes', '--json');
    const events = ended.stdout.split('\n').map((line) => JSON.parse(line) as RecoveryEvent & { time: string });
    expect(events.at(-1)).toMatchObject(wanted(row));
    expect(ended.status).toBe(row.exitCode);
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(1);
    expect(events.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
    if (row.exitCode !== 0) expect(events.some(({ event }) => event === 'problem')).toBe(true);

    // The menu takes the same way through the same executor.
    const system = createRealSystem();
    const effects = createRecoveryEffects(system, { image: shop.copy() });
    expect(await effects.look(new AbortController().signal)).toHaveProperty('looked');
    const said: RecoveryEvent[] = [];
    const options = Object.fromEntries(Object.entries(row.menu?.options ?? {}).map(([name, value]) => [name, typeof value === 'string' ? filled(value) : value]));
    await effects.run(row.id, { options, file: row.menu?.file === undefined ? null : filled(row.menu.file) }, new AbortController().signal, (event) => void said.push(event));
    expect(said.at(-1)).toMatchObject(wanted(row));
    expect(await system.cleanup.run()).toEqual([]);
  });

  test('status and audit have answers of their own', async () => {
    const image = shop.copy();
    expect(await shop.recovery(image, 'status', '--json')).toMatchObject({ status: 0 });
    const audit = await shop.recovery(image, 'audit', '--json', '--installer-data', join(shop.folder, 'installer-data'));
    const events = audit.stdout.split('\n').map((line) => JSON.parse(line) as RecoveryEvent);
    expect(events.filter(({ event }) => event === 'audit')).toMatchObject([{ report: { hits: [] } }]);
    expect(events.filter(({ event }) => event === 'done')).toMatchObject([{ action: 'audit', exitCode: 0, ok: true, result: 'done', diskTouched: false }]);
    expect(events.at(-1)?.event).toBe('done');
    expect(audit.status).toBe(0);
    const nothing = await shop.recovery(image, 'audit', '--json');
    expect(nothing.status).toBe(2);
    expect(JSON.parse(nothing.stdout.split('\n').at(-1) ?? '')).toMatchObject({ event: 'done', action: 'audit', exitCode: 2, ok: false });
  });

  test('without --yes nothing that writes begins, and what would be lost is said', async () => {
    for (const row of rows.filter(({ exitCode, touched }) => exitCode === 0 && touched)) {
      const image = shop.copy();
      const ended = await shop.recovery(image, ...row.words.map(filled), '--json');
      expect([row.words[0], ended.status]).toEqual([row.words[0], 2]);
      expect(ended.stdout.split('\n').map((line) => JSON.parse(line) as RecoveryEvent).at(-1)).toMatchObject({ event: 'done', action: row.id, exitCode: 2, ok: false });
      expect(ended.stderr).toContain('consent is missing');
    }
  });
});

test('a reinstall: the configuration is the new one alone, the disk else as after a reset', async () => {
  const image = shop.copy();
  expect(await shop.recovery(image, 'reinstall', '--config', join(shop.folder, 'new.yaml'), '--yes')).toMatchObject({ status: 0 });
  expect(shop.debugfs(image, 'oem', 'cat /90_custom.yaml')).toContain('hostname: other-node');
  expect(shop.debugfs(image, 'oem', 'stat /90_custom.yaml')).toMatch(/Mode:\s+0640/);
  expect(shop.debugfs(image, 'oem', 'stat /95_userdata')).toContain('Type: directory');
  const status = await shop.status(image);
  expect(status.resetUnfinished).toBe(false);
  expect(status.problems).toEqual([]);
});
