/** Damage to the partition table: what is said of it is true, what can be done is offered, and afterwards it is the same table as before. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc32, readLostGpt } from '../../src/recovery/gpt.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createNodeWorkshop } from './node-image.ts';
import type { NodeWorkshop } from './node-image.ts';

let shop: NodeWorkshop;
beforeAll(() => {
  shop = createNodeWorkshop();
});
afterAll(() => shop.dispose());

const zero = (image: string, start: number, length: number): void => {
  const file = openSync(image, 'r+');
  writeSync(file, Buffer.alloc(length), 0, length, start);
  closeSync(file);
};

const firstSector = (image: string): Buffer => {
  const bytes = Buffer.alloc(512);
  const file = openSync(image, 'r');
  readSync(file, bytes, 0, 512, 0);
  closeSync(file);
  return bytes;
};

const dump = (image: string): string => execFileSync('sfdisk', ['--dump', image], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const complaint = (image: string): string => spawnSync('sfdisk', ['--verify', image], { encoding: 'utf8' }).stderr;

describe('the table', () => {
  test.each<[string, (image: string, size: number) => void, string, string, string]>([
    ['the backup', (image, size) => zero(image, size - 512, 512), 'node-table-backup-damaged', 'the table itself is whole', 'backup of the partition table written anew'],
    ['the entries of the backup', (image, size) => zero(image, size - 33 * 512, 512), 'node-table-backup-damaged', 'the table itself is whole', 'backup of the partition table written anew'],
    ['the table behind the first sector', (image) => zero(image, 512, 33 * 512), 'node-table-damaged', 'comes from its backup', 'written from its backup'],
    ['all of the first sectors', (image) => zero(image, 0, 34 * 512), 'node-table-damaged', 'comes from the backup at the end', 'written anew'],
    ['the first sector alone', (image) => zero(image, 0, 512), 'node-table-damaged', 'comes from the table behind it', 'written anew'],
  ])('%s is gone', async (_what, damage, id, said, done) => {
    const image = shop.copy();
    const before = [dump(image), firstSector(image).subarray(0, 440).toString('hex')];
    damage(image, statSync(image).size);
    const status = await shop.status(image);
    expect(status.problems).toEqual([expect.objectContaining({ id, what: expect.stringContaining(said) })]);
    const offered = status.actions.find((row) => row.id === 'boot')?.refusal === null;
    expect(offered).toBe(id === 'node-table-backup-damaged');
    const mended = await shop.recovery(image, 'fsck', '--yes');
    expect(mended.stdout).toContain(done);
    expect(mended.status).toBe(0);
    expect(complaint(image)).toBe('');
    expect([dump(image), firstSector(image).subarray(0, 440).toString('hex')]).toEqual(before);
    expect((await shop.status(image)).problems).toEqual([]);
  });

  test('both are gone: that is said, and nothing is made up', async () => {
    const image = shop.copy();
    const { size } = statSync(image);
    zero(image, 512, 512);
    zero(image, size - 512, 512);
    expect((await shop.recovery(image, 'status')).stderr).toContain('its table and the backup are both gone');
  });

  test('a table that fails its check is none, and the checksum is the usual one', async () => {
    const image = shop.copy();
    const { size } = statSync(image);
    const system = createRealSystem();
    expect((await readLostGpt(system, image, size))?.from).toBe('primary');
    zero(image, 1024 + 40, 1);
    expect((await readLostGpt(system, image, size))?.from).toBe('backup');
    zero(image, size - 512 + 20, 8);
    zero(image, size - 512 + 60, 4);
    expect(await readLostGpt(system, image, size)).toBe(null);
    const bytes = readFileSync('package.json');
    expect(crc32(bytes)).toBe(zlibCrc32(bytes));
  });
});
