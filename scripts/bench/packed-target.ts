/** A file system full of packed files that no audit has seen before: what takes the most memory to search. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

/**
 * Writes an ext4 image to `path`: squashfs images with the biggest blocks (xz, zstd), logs in gzip and zstd, and a stream of `xz -9`,
 * whose window is the biggest that is unpacked.
 */
export const makePackedTarget = (directory: string, path: string): void => {
  const tree = join(directory, 'packed');
  mkdirSync(tree, { recursive: true });
  const sources = ['node_modules/typescript', 'node_modules/yaml', 'node_modules/zod', 'node_modules/react'];
  for (const compression of ['xz', 'zstd']) execFileSync('mksquashfs', [...sources, join(tree, `${compression}.squashfs`), '-comp', compression, '-b', '1M', '-quiet', '-no-progress'], { stdio: 'ignore' });
  const text = readFileSync('package-lock.json');
  for (let index = 0; index < 400; index += 1) {
    const log = Buffer.concat([Buffer.from(`log ${index}\n`), text.subarray(index * 64)]);
    writeFileSync(join(tree, `${index}.gz`), gzipSync(log));
    writeFileSync(join(tree, `${index}.zst`), zstdCompressSync(log));
  }
  execFileSync('/bin/sh', ['-euc', 'head -c 83886080 "$1" | xz -9 -T1 -c > "$2"', 'xz', process.execPath, join(tree, 'big.xz')]);
  rmSync(path, { force: true });
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, path, '256M'], { stdio: 'ignore' });
};
