/** Packed forms that a search by aligned magic numbers alone would miss, and those that are only noted. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { auditTarget, auditTree } from '../../src/scrub/audit.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRealSystem } from '../../src/system/real.ts';

const work = mkdtempSync(join(tmpdir(), 'slipway-packed-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const system = createRealSystem();
const secret = 'register --with 1f7Qp90aVx';
const patterns = buildPatterns([{ file: 'installer-data', keyPath: ['x'], value: secret, searched: true }], { keptTexts: [] });
const text = `${'what a log says, again and again\n'.repeat(50)}${secret}\n`;

const filler = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, index) => (index * 7919) % 251));

/** A member of a zip archive; without sizes in its header when `streamed`, as a writer to a pipe leaves it. */
const member = (name: string, content: string, { streamed = false, flags = 0, method = 8 } = {}): Buffer => {
  const data = deflateRawSync(content);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(flags | (streamed ? 8 : 0), 6);
  head.writeUInt16LE(method, 8);
  if (!streamed) head.writeUInt32LE(data.length, 18);
  head.writeUInt16LE(name.length, 26);
  const behind = Buffer.alloc(streamed ? 16 : 0);
  if (streamed) behind.writeUInt32LE(0x08074b50, 0);
  return Buffer.concat([head, Buffer.from(name), data, behind]);
};

const reportOf = async (bytes: Uint8Array) => {
  const folder = mkdtempSync(join(work, 'tree-'));
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a/file'), bytes);
  return auditTree(system, folder, patterns);
};

describe('is found', () => {
  test.each([1, 2, 3, 4, 5, 4095, 8 * 1024 * 1024 - 2, 8 * 1024 * 1024 - 1])('gzip at byte %i', async (at) => {
    const { hits } = await reportOf(Buffer.concat([filler(at), gzipSync(text), filler(100)]));
    expect(hits.map(({ offset, inside }) => [offset, inside])).toEqual([[at, 'gzip']]);
  });
  test('gzip in gzip, at an odd byte', async () => {
    const { hits } = await reportOf(gzipSync(Buffer.concat([filler(33), gzipSync(text)])));
    expect(hits.map(({ inside }) => inside)).toEqual(['gzip, gzip']);
  });
  test.each([0, 512, 4096])('zlib where a file may begin: byte %i', async (at) => {
    const { hits } = await reportOf(Buffer.concat([filler(at), deflateSync(text), filler(100)]));
    expect(hits.map(({ offset, inside }) => [offset, inside])).toEqual([[at, 'zlib']]);
  });
  test.each([false, true])('zip, in every member (written to a pipe: %s)', async (streamed) => {
    const { hits } = await reportOf(Buffer.concat([member('first', 'nothing here'.repeat(9), { streamed }), member('second', text, { streamed }), Buffer.from('PK\u0001\u0002')]));
    expect(hits.map(({ inside }) => inside)).toEqual(['zip']);
  });
  test('in an image, packed with all of them', async () => {
    const path = join(work, 'disk.img');
    writeFileSync(path, Buffer.concat([filler(4096), deflateSync(text), Buffer.alloc(8192), filler(3), gzipSync(text)]));
    const { hits } = await auditTarget(system, { path, partitions: [], mode: 'full', patterns });
    expect(hits.map(({ inside }) => inside).toSorted()).toEqual(['gzip', 'zlib']);
  });
});

describe('is noted', () => {
  const hex = (text: string): Buffer => Buffer.concat([Buffer.from(text.replaceAll(' ', ''), 'hex'), filler(64)]);
  test.each([
    ['bzip2', Buffer.concat([Buffer.from('BZh91AY&SY', 'latin1'), filler(64)])],
    ['lzma', hex('5d 00 00 80 00 ff ff ff ff ff ff ff ff 00')],
    ['lzop', hex('89 4c 5a 4f 00 0d 0a 1a 0a 10')],
    ['7z', hex('37 7a bc af 27 1c 00 04')],
  ])('%s, once a place', async (kind, bytes) => {
    expect((await reportOf(Buffer.concat([bytes, Buffer.alloc(4096 - (bytes.length % 4096)), bytes]))).notes).toEqual([`a/file at byte 0: data packed with ${kind}, not unpacked`]);
  });
  test.each([
    ['encryption', { flags: 1 }],
    ['the method 12 of zip', { method: 12 }],
  ])('zip with %s', async (what, options) => {
    expect((await reportOf(member('a', text, options))).notes).toEqual([`a/file: zip with ${what}, not unpacked in full`]);
  });
  test('nothing of what only looks like it', async () => {
    const { notes } = await reportOf(Buffer.concat([Buffer.from('BZh9 is how it begins; 5d 00 00 80'), hex('5d 00 00 80 00 ff'), hex('37 7a bc af 00')]));
    expect(notes).toBeUndefined();
  });
});
