/** A file that must not replace another one, on file systems without hard links: a data volume is FAT. */
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { writeWholeFile } from '../../src/system/write-file.ts';

const links = vi.hoisted(() => ({ allowed: true }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  return { ...real, link: (from: string, to: string) => (links.allowed ? real.link(from, to) : Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' }))) };
});

afterEach(() => {
  links.allowed = true;
});

test.each([true, false])('hard links: %s', async (allowed) => {
  links.allowed = allowed;
  const folder = await fs.mkdtemp(join(tmpdir(), 'slipway-exclusive-'));
  const path = join(folder, 'receipt.json');
  const write = (text: string): Promise<void> => writeWholeFile(path, text, { mode: 0o640, exclusive: true }, (error) => error as Error);
  await write('first');
  await expect(write('second')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await fs.readFile(path, 'utf8')).toBe('first');
  expect((await fs.stat(path)).mode & 0o777).toBe(0o640);
  expect(await fs.readdir(folder)).toEqual(['receipt.json']);
  await fs.rm(folder, { recursive: true });
});
