import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { byteSource } from '../../src/scrub/search/byte-strings.ts';
import { createMatcher } from '../../src/scrub/search/matcher.ts';
import { joined, inMemory } from '../../src/scrub/search/source.ts';
import { searchExtent, searchPieces } from '../../src/scrub/search/stream.ts';
import { chunkSize, parseFilefrag, widen } from '../../src/scrub/search/read-back.ts';

const aligned = (size: number): Uint8Array => new Uint8Array(new ArrayBuffer(size));
/** The same bytes in every run. */
const noise = (seed: string, size: number): Uint8Array => {
  const out = aligned(size);
  for (let at = 0, n = 0; at < size; at += 32, n += 1) {
    out.set(createHash('sha256').update(`${seed}${n}`).digest().subarray(0, Math.min(32, size - at)), at);
  }
  return out;
};

describe('matcher', () => {
  test('finds what a plain search finds, at every alignment and length', () => {
    const patterns = Array.from({ length: 60 }, (_, i) => noise(`p${i}`, 7 + i));
    const buffer = noise('haystack', 64 * 1024);
    const planted: string[] = [];
    patterns.forEach((pattern, index) => {
      const at = 1000 * index + (index % 9);
      buffer.set(pattern, at);
      planted.push(`${index}@${at}`);
    });
    buffer.set(patterns[3]!, buffer.length - patterns[3]!.length);
    buffer.set(patterns[5]!, 0);
    planted.push(`3@${buffer.length - patterns[3]!.length}`, '5@0');
    const found: string[] = [];
    createMatcher(byteSource(patterns)).scan(buffer, 0, buffer.length, (p, at) => found.push(`${p}@${at}`));
    // Pattern 0 stood at 0 and was overwritten in part.
    expect(found.sort()).toEqual(planted.filter((item) => item !== '0@0').sort());
  });

  test('patterns that begin alike, contain each other and overlap are all found, once', () => {
    const texts = ['export TOKEN=abc', 'export TOKEN=abd', 'TOKEN=abc', 'aaaaaaaa', '\0a\0b\0c\0d', 'a\0b\0c\0d\0'];
    const text = 'xx export TOKEN=abc; export TOKEN=abd;aaaaaaaaa \0a\0b\0c\0d\0';
    const buffer = aligned(text.length);
    buffer.set(Buffer.from(text, 'latin1'));
    const found: string[] = [];
    createMatcher(byteSource(texts.map((t) => new Uint8Array(Buffer.from(t, 'latin1'))))).scan(buffer, 0, buffer.length, (p, at) => found.push(`${p}@${at}`));
    const expected = texts.flatMap((t, p) => [...text].flatMap((_, at) => (text.startsWith(t, at) ? [`${p}@${at}`] : [])));
    expect(found.sort()).toEqual(expected.sort());
    expect(expected.length).toBe(7);
  });

  test('a pattern too short to be searched is refused', () => {
    expect(() => createMatcher(byteSource([new Uint8Array(6)]))).toThrow(RangeError);
  });

  test('marks are found at multiples of 4 only', () => {
    const buffer = aligned(4096 * 3);
    for (const at of [0, 4098, 8192]) buffer.set([0x28, 0xb5, 0x2f, 0xfd], at);
    const marks: number[] = [];
    createMatcher(byteSource([]), [{ word: 0xfd2fb528, id: 4 }]).scan(buffer, 0, buffer.length, () => undefined, (id, at) => marks.push(id, at));
    expect(marks).toEqual([4, 0, 4, 8192]);
  });
});

describe('streams', () => {
  const pattern = noise('secret', 300);
  const short = noise('short', 8);
  const matcher = createMatcher(byteSource([pattern, short]));

  test('nothing on the border of two reads is missed, nothing is reported twice', async () => {
    for (const [needle, number] of [[pattern, 0], [short, 1]] as const) {
      for (const back of [0, 1, 3, 4, 7, needle.length - 1, needle.length]) {
        const disk = aligned(chunkSize * 2 + 5000);
        const at = chunkSize - back;
        disk.set(needle, at);
        disk.set(needle, disk.length - needle.length);
        const found: string[] = [];
        await searchExtent(inMemory(disk), { start: 0, size: disk.length }, { matcher, onMatch: (p, position) => found.push(`${p}@${position}`) });
        expect(found).toEqual([`${number}@${at}`, `${number}@${disk.length - needle.length}`]);
      }
    }
  });

  test('a source that gives little at a time is read to its end', async () => {
    const disk = noise('disk', 70_000);
    disk.set(short, 69_000);
    const slow = { size: disk.length, read: (buffer: Uint8Array, position: number) => inMemory(disk).read(buffer.subarray(0, 1000), position) };
    const found: number[] = [];
    const bytes = await searchExtent(slow, { start: 0, size: disk.length }, { matcher, onMatch: (_, position) => found.push(position) });
    expect([bytes, ...found]).toEqual([70_000, 69_000]);
  });

  test('pieces of any size', () => {
    for (const size of [1, 7, 4096, 300_000]) {
      const text = noise('pieces', 600_001);
      const places = [0, 262_144 - 3, 524_288 - 299, 599_701];
      for (const at of places) text.set(pattern, at);
      const found: number[] = [];
      const search = searchPieces({ matcher, onMatch: (_, position) => found.push(position) });
      for (let at = 0; at < text.length; at += size) search.push(text.subarray(at, at + size));
      expect(search.end()).toBe(text.length);
      expect(found).toEqual(places);
    }
  });

  test('extents one behind the other read as one', async () => {
    const disk = new Uint8Array(randomBytes(3000));
    const source = joined(inMemory(disk), [{ start: 2000, size: 500 }, { start: -1, size: 10 }, { start: 100, size: 50 }]);
    const out = new Uint8Array(560);
    let at = 0;
    for (let count = -1; count !== 0; at += count) count = await source.read(out.subarray(at, at + 33), at);
    expect(Buffer.from(out)).toEqual(Buffer.concat([disk.subarray(2000, 2500), Buffer.alloc(10), disk.subarray(100, 150)]));
  });
});

test('the extent map of a sparse file', () => {
  const text = `Filesystem type is: ef53
File size of disk.img is 20480 (5 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..       0:      34304..     34304:      1:
   1:        4..       4:      34308..     34308:      1:             last,eof
disk.img: 1 extent found
`;
  expect(parseFilefrag(text, 18_000)).toEqual([{ start: 0, size: 4096 }, { start: 16_384, size: 18_000 - 16_384 }]);
  expect(parseFilefrag('FIBMAP unsupported', 18_000)).toBeNull();
  expect(widen([{ start: 8192, size: 4096 }, { start: 16_384, size: 10 }, { start: 90_000, size: 10 }], 4096, 90_005)).toEqual([
    { start: 4096, size: 16_394 },
    { start: 85_904, size: 4101 },
  ]);
});
