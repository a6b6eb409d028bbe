import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSourceUri, pickBootFiles, probeSource } from '../../src/probe/source.ts';
import { createRealSystem } from '../../src/system/real.ts';

const system = createRealSystem();
let folder = '';

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'slipway-source-'));
  const put = async (path: string, data: string | Uint8Array): Promise<void> => {
    await fs.mkdir(join(folder, path, '..'), { recursive: true });
    await fs.writeFile(join(folder, path), data);
  };
  await put('tree/boot/vmlinuz-6.9.0', 'old');
  await put('tree/boot/vmlinuz-6.12.1', 'new');
  await put('tree/boot/initrd.img-6.9.0', 'old');
  await put('tree/boot/initrd.img-6.12.1', 'new');
  await put('tree/etc/kairos-release', 'KAIROS_RELEASE="v3.5.0"\nKAIROS_FLAVOR=debian\n');
  await put('tree/usr/big', new Uint8Array(1_000_000));
  await fs.symlink('/nowhere', join(folder, 'tree/boot/vmlinuz'));
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  execFileSync('sh', ['-ec', 'mksquashfs tree t.squashfs -quiet -no-progress; tar -C tree -czf t.tgz .; tar -cf t.tar -C tree boot etc usr; head -c 9000 /dev/zero > zeros'], { cwd: folder, env, stdio: 'ignore' });
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

describe('an image source', () => {
  test('dir: the newest kernel, its initrd, size and release; a dangling link is no kernel', async () => {
    const { source, problems } = await probeSource(system, `dir:${folder}/tree`);
    expect(problems).toEqual([]);
    expect(source).toMatchObject({ kind: 'dir', kernel: '/boot/vmlinuz-6.12.1', initrd: '/boot/initrd.img-6.12.1', release: { KAIROS_RELEASE: 'v3.5.0' } });
    expect(source?.size).toBeGreaterThan(1_000_000);
    expect(source?.size).toBeLessThan(1_200_000);
  });

  test.each(['t.squashfs', 't.tgz', 't.tar'])('file: looks into %s', async (name) => {
    const { source, problems } = await probeSource(system, `file:${folder}/${name}`);
    expect(problems).toEqual([]);
    expect(source).toMatchObject({ kind: 'file', initrd: '/boot/initrd.img-6.12.1', release: { KAIROS_FLAVOR: 'debian' } });
    expect(source?.size).toBeGreaterThan(1_000_000);
  });

  test.each([
    ['dir:/no/such', 'source-missing'],
    ['file:/no/such', 'source-missing'],
    ['file:/dev/null', 'source-unusable'],
    ['dir:/etc/passwd', 'source-unusable'],
    ['ocifile:/etc/passwd', 'source-unusable'],
    ['http://x', 'source-invalid'],
    ['dir:', 'source-invalid'],
  ])('%s is refused: %s, with a hint', async (uri, id) => {
    const { source, problems } = await probeSource(system, uri);
    expect(source).toBeNull();
    expect(problems).toEqual([expect.objectContaining({ id, severity: 'error', where: uri })]);
    expect(problems[0]?.hint).not.toBe('');
  });

  test('a file of zeros is refused', async () => {
    expect((await probeSource(system, `file:${folder}/zeros`)).problems[0]?.id).toBe('source-unusable');
  });

  test('registry images are taken by name, their size unknown', async () => {
    expect((await probeSource(system, 'oci:registry.example/kairos/x:v1')).source).toMatchObject({ kind: 'oci', size: 0 });
  });

  test('both spellings of a path, and a registry name with colons', () => {
    expect(parseSourceUri('dir:///a/b')).toEqual({ kind: 'dir', rest: '/a/b' });
    expect(parseSourceUri('oci:host:5000/x:1')).toEqual({ kind: 'oci', rest: 'host:5000/x:1' });
  });

  test('the plain kernel name wins', () => {
    expect(pickBootFiles(['vmlinuz', 'vmlinuz-1', 'initrd', 'initrd-1'])).toEqual({ kernel: '/boot/vmlinuz', initrd: '/boot/initrd' });
  });
});
