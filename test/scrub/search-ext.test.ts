/** File systems are found on raw bytes by their superblocks; copies of those are none. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openExt } from '../../src/scrub/search/ext.ts';
import { createLayout } from '../../src/scrub/search/layout.ts';
import { inMemory } from '../../src/scrub/search/source.ts';

const tools = spawnSync('mke2fs', ['-V']).error === undefined;

test.runIf(tools)('a copy of the superblock, as a journal keeps it, is no file system (needs e2fsprogs)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-ext-'));
  try {
    const image = join(folder, 'image');
    mkdirSync(join(folder, 'tree'));
    writeFileSync(join(folder, 'tree/file'), 'content\n'.repeat(1000));
    for (const options of [['-t', 'ext4'], ['-t', 'ext4', '-b', '1024'], ['-t', 'ext2']]) {
      rmSync(image, { force: true });
      execFileSync('mke2fs', ['-q', ...options, '-d', join(folder, 'tree'), image, '16M'], { stdio: 'ignore' });
      const bytes = readFileSync(image);
      const inodes = [];
      for await (const { size } of (await openExt(inMemory(bytes), 0))?.files() ?? []) inodes.push(size);
      expect(inodes).toContain(8000);
      const copyAt = 12 * 1024 * 1024;
      bytes.copy(bytes, copyAt + 1024, 1024, 2048);
      expect(await openExt(inMemory(bytes), copyAt)).toBeNull();
      // Also with the descriptors behind it, when the tables they name are not there.
      bytes.copy(bytes, copyAt, 0, 16 * 1024);
      expect(await openExt(inMemory(bytes), copyAt)).toBeNull();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a position is seen in the file that was added last, however many pieces there are', () => {
  const layout = createLayout(inMemory(new Uint8Array(0)));
  const MiB = 1024 * 1024;
  layout.addFile([{ start: 10 * MiB, size: 5 * MiB }, { start: 0, size: MiB }]);
  for (let piece = 0; piece < 50_000; piece += 1) layout.addFile([{ start: 100 * MiB + piece * 4096, size: 4096 }, { start: 1000 * MiB, size: 4096 }]);
  layout.addFile([{ start: 12 * MiB, size: 10 }, { start: 20 * MiB, size: 10 }]);
  expect(layout.locate(12 * MiB + 3).position).toBe(3);
  expect(layout.locate(12 * MiB + 10).position).toBe(2 * MiB + 10);
  expect(layout.locate(15 * MiB - 1).position).toBe(5 * MiB - 1);
  expect(layout.locate(15 * MiB).position).toBe(15 * MiB);
  expect(layout.locate(500).position).toBe(5 * MiB + 500);
});
