import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { unpackLz4Block } from '../../src/scrub/search/lz4.ts';
import { inMemory } from '../../src/scrub/search/source.ts';
import { unpack } from '../../src/scrub/search/unpack.ts';
import type { PackedFormat } from '../../src/scrub/search/unpack.ts';

const noise = (seed: string, size: number): Buffer => {
  const parts: Buffer[] = [];
  for (let n = 0; n * 32 < size; n += 1) parts.push(createHash('sha256').update(`${seed}${n}`).digest());
  return Buffer.concat(parts).subarray(0, size);
};
const texts: Readonly<Record<string, Buffer>> = {
  'one byte': Buffer.from('x'),
  noise: noise('noise', 300_000),
  repeats: Buffer.alloc(3_000_000, 'abcdefg'),
  lines: Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i} ${(i * 7919) % 1009} of the log\n`).join('')),
};
const tools: readonly (readonly [PackedFormat, readonly string[]])[] = [
  ['gzip', ['gzip', '-c']],
  ['gzip', ['gzip', '-1', '-c']],
  ['xz', ['xz', '-c']],
  ['xz', ['xz', '-9e', '-c']],
  ['xz', ['xz', '-0', '-c', '--check=none']],
  ['xz', ['xz', '-c', '--check=sha256', '--lzma2=lc=0,lp=4,pb=0']],
  ['xz', ['xz', '-c', '-T2', '--block-size=100000']],
  ['xz', ['xz', '-c', '--x86', '--lzma2=dict=4096']],
  ['zstd', ['zstd', '-c']],
  ['zstd', ['zstd', '-19', '-c', '--no-check']],
  ['lz4', ['lz4', '-c', '-']],
  ['lz4', ['lz4', '-9', '-BD', '-c', '-']],
  ['lz4', ['lz4', '-B4', '--content-size', '-c', '-']],
];
const isHere = (tool: string): boolean => existsSync(`/usr/bin/${tool}`) || existsSync(`/bin/${tool}`);

const unpacked = async (format: PackedFormat, bytes: Uint8Array, start: number) => {
  const parts: Buffer[] = [];
  const result = await unpack(format, inMemory(bytes), start, (part) => parts.push(Buffer.from(part)));
  return { ...result, text: Buffer.concat(parts) };
};

for (const [format, [tool = '', ...args]] of tools) {
  test.skipIf(!isHere(tool))(`${[tool, ...args].join(' ')}: whole from the middle of a disk, in part when it is cut or overwritten`, async () => {
    for (const text of Object.values(texts)) {
      const packed = execFileSync(tool, args, { input: text, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] });
      for (const tail of [Buffer.alloc(0), noise('tail', 5000), Buffer.alloc(5000)]) {
        const { text: out, whole, consumed } = await unpacked(format, new Uint8Array(Buffer.concat([noise('head', 12), packed, tail])), 12);
        // xz filters for machine code are not undone; this text has none of the bytes that they change.
        if (!args.includes('--x86') || text !== texts['noise']) expect(out.equals(text)).toBe(true);
        expect(whole).toBe(true);
        expect(consumed).toBeLessThanOrEqual(packed.length);
      }
      if (packed.length < 40_000 || args.includes('--x86')) continue;
      for (const damaged of [packed.subarray(0, 30_000), Buffer.concat([packed.subarray(0, 30_000), noise('other', 4096), packed.subarray(34_096)])]) {
        const { text: out } = await unpacked(format, new Uint8Array(damaged), 0);
        let same = 0;
        while (same < out.length && out[same] === text[same]) same += 1;
        // zstd and lz4 give whole blocks of up to 128 KiB and 4 MiB.
        const blockSize = format === 'zstd' ? 131_072 : format === 'lz4' ? 4_194_304 : 65_536;
        expect(same).toBeGreaterThanOrEqual(Math.floor((text.length * 15_000) / packed.length) - blockSize);
      }
    }
  });
}

describe('no stream of that kind', () => {
  test('random bytes behind a magic number give nothing and end', async () => {
    const magics: Readonly<Record<PackedFormat, string>> = { gzip: '1f8b0800', xz: 'fd377a585a000004', zstd: '28b52ffd', lz4: '04224d186440a7', zip: '504b03041400000008000000000000000000000000000000000000000000', zlib: '789c' };
    for (const [format, magic] of Object.entries(magics)) {
      for (let i = 0; i < 50; i += 1) {
        const { whole, text } = await unpacked(format as PackedFormat, new Uint8Array(Buffer.concat([Buffer.from(magic, 'hex'), noise(`${format}${i}`, 70_000)])), 0);
        if (whole) expect(text.length).toBeLessThan(70_000);
      }
      expect((await unpacked(format as PackedFormat, new Uint8Array(Buffer.from(magic, 'hex')), 0)).whole).toBe(false);
      expect((await unpacked(format as PackedFormat, new Uint8Array(0), 0)).text.length).toBe(0);
    }
  });

  test('members and frames that follow each other come out as one', async () => {
    const two = (pack: (text: string) => Buffer): Uint8Array => new Uint8Array(Buffer.concat([pack('first '), pack('second')]));
    expect((await unpacked('gzip', two(gzipSync), 0)).text.toString()).toBe('first second');
    expect((await unpacked('zstd', two(zstdCompressSync), 0)).text.toString()).toBe('first second');
  });

  test('an LZ4 block that points before its start ends there', () => {
    expect(Buffer.from(unpackLz4Block(new Uint8Array([0x20, 0x61, 0x62, 9, 0]), 100)).toString()).toBe('ab');
    expect(Buffer.from(unpackLz4Block(new Uint8Array([0x24, 0x61, 0x62, 2, 0]), 100)).toString()).toBe('abababababab'.slice(0, 10));
  });
});

describe('zstd windows', () => {
  const text = Buffer.concat(Array.from({ length: 40 }, (_, index) => createHash('shake256', { outputLength: 1024 * 1024 }).update(String(index)).digest()));
  test.each([
    [25, undefined],
    [27, 'a window of 128 MiB'],
  ])('2^%i bytes: refused with %s', async (windowLog, refused) => {
    // Its size unknown, as in a pipe: otherwise a frame declares what it needs and no more.
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: windowLog, [constants.ZSTD_c_compressionLevel]: 1 } });
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    const ended = once(stream, 'end');
    stream.write(text.subarray(0, 1024 * 1024));
    stream.end(text.subarray(1024 * 1024));
    await ended;
    let size = 0;
    const result = await unpack('zstd', inMemory(Buffer.concat(parts)), 0, (bytes) => {
      size += bytes.length;
    });
    expect([result.refused, result.whole, size]).toEqual(refused === undefined ? [undefined, true, text.length] : [refused, false, 0]);
  });
});
