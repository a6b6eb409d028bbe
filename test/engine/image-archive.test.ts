/** `ocifile:` with the builtin engine: looked into before anything is written, unpacked with its digests compared. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSystemImage } from '../../src/engine/builtin/images.ts';
import { checkSourceForBuiltin } from '../../src/plan/check-source.ts';
import { probeSource } from '../../src/probe/source.ts';
import { createRealSystem } from '../../src/system/real.ts';
import type { ArchiveOptions } from '../support/image-archive.ts';
import { makeImageArchive } from '../support/image-archive.ts';

const missing = ['umoci', 'skopeo'].filter((program) => !existsSync(`/usr/bin/${program}`));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-archive-'));
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  put('base/boot/vmlinuz-6.9', 'an old kernel');
  put('base/boot/initrd-6.9', 'an old initrd');
  put('base/etc/kairos-release', 'KAIROS_RELEASE="v3.5.0"\nKAIROS_FLAVOR=debian\n');
  put('base/etc/gone', 'was removed');
  put('base/var/old/file', 'was hidden');
  put('base/usr/big', 'x'.repeat(300_000));
  put('top/boot/.wh.vmlinuz-6.9', '');
  put('top/boot/.wh.initrd-6.9', '');
  put('top/boot/vmlinuz-6.12', 'a kernel');
  put('top/boot/initrd-6.12', 'an initrd');
  put('top/etc/.wh.gone', '');
  put('top/var/old/.wh..wh..opq', '');
  put('top/var/old/new', 'stays');
  put('top/etc/kairos-release', 'KAIROS_RELEASE="v3.6.0"\nKAIROS_FLAVOR=debian\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const archive = (options: Partial<ArchiveOptions> = {}): string => {
  const file = join(folder, 'image:1.tar');
  mkdirSync(join(folder, 'parts'));
  makeImageArchive(file, join(folder, 'parts'), { format: 'oci', layers: [join(folder, 'base'), join(folder, 'top')], ...options });
  return file;
};

const system = createRealSystem();
const signal = new AbortController().signal;

const install = async (file: string): Promise<Awaited<ReturnType<typeof makeSystemImage>>> => {
  const { source } = await probeSource(system, `ocifile:${file}`);
  if (source === null) throw new Error('not taken as a source');
  mkdirSync(join(folder, 'work'));
  return makeSystemImage(system, source, join(folder, 'work'), signal, () => undefined);
};

const kinds: readonly Partial<ArchiveOptions>[] = [{ packing: 'gzip' }, { packing: 'zstd' }, { packing: 'plain' }, { format: 'docker' }];

describe('an image archive', () => {
  test.each(kinds)('%j: kernel, initrd, release and size are known beforehand', async (options) => {
    const { source, problems } = await probeSource(system, `ocifile:${archive(options)}`);
    expect(problems).toEqual([]);
    expect(source).toMatchObject({ kind: 'ocifile', kernel: '/boot/vmlinuz-6.12', initrd: '/boot/initrd-6.12', release: { KAIROS_RELEASE: 'v3.6.0' }, architecture: 'amd64' });
    expect(source?.size).toBeGreaterThan(300_000);
  });

  // umoci of Debian 12 reads gzip and plain layers.
  test.skipIf(missing.length > 0).each(kinds.filter(({ packing }) => packing !== 'zstd'))('%j: its layers are put on each other', async (options) => {
    const made = await install(archive(options));
    expect(readFileSync(made.kernel, 'utf8')).toBe('a kernel');
    const list = execFileSync('unsquashfs', ['-l', '-d', '', made.image], { encoding: 'utf8' }).split('\n');
    expect(list).toEqual(expect.arrayContaining(['/usr/big', '/var/old/new', '/boot/vmlinuz-6.12']));
    expect(list.filter((name) => /gone|6\.9|old\/file|\.wh\./.test(name))).toEqual([]);
    expect(readdirSync(join(folder, 'work')).filter((name) => name !== 'archive.tar').toSorted()).toEqual(['boot-files', 'system.squashfs']);
  });

  test.skipIf(missing.length > 0)('a layer that is not what its digest says is refused', async () => {
    const file = archive({
      packing: 'plain',
      spoil: (layout) => {
        const blobs = join(layout, 'blobs/sha256');
        for (const name of readdirSync(blobs)) {
          const bytes = readFileSync(join(blobs, name));
          const at = bytes.indexOf('x'.repeat(100));
          if (at === -1) continue;
          bytes[at] = 0x79;
          writeFileSync(join(blobs, name), bytes);
        }
      },
    });
    await expect(install(file)).rejects.toMatchObject({ problem: { id: 'source-damaged', what: 'layer 1 of 2 does not have the digest it should have' } });
  });

  test.skipIf(missing.length > 0)('a layer cannot write or delete out of the tree', async () => {
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/precious'), 'mine');
    symlinkSync(join(folder, 'outside'), join(folder, 'base/way'));
    mkdirSync(join(folder, 'top/way'));
    writeFileSync(join(folder, 'top/way/.wh.precious'), '');
    writeFileSync(join(folder, 'top/way/planted'), 'theirs');
    await install(archive());
    expect(readdirSync(join(folder, 'outside'))).toEqual(['precious']);
  });

  test.each([
    ['a missing layer', { spoil: (layout: string) => execFileSync('sh', ['-c', 'rm $(ls -S "$1"/blobs/sha256/* | head -1)', 'sh', layout]) }, /layer 1 of 2 is missing or damaged/],
    ['no index', { spoil: (layout: string) => rmSync(join(layout, 'index.json')) }, /neither index.json/],
    ['an index that is no JSON', { spoil: (layout: string) => writeFileSync(join(layout, 'index.json'), '{') }, /neither index.json/],
  ])('%s: refused before anything is written', async (_name, options, words) => {
    const { source, problems } = await probeSource(system, `ocifile:${archive(options)}`);
    expect(source).toBeNull();
    expect(problems).toEqual([expect.objectContaining({ id: 'source-unusable', severity: 'error', what: expect.stringMatching(words) as string })]);
  });

  test('without the tools the plan says which to install', async () => {
    const { source } = await probeSource({ ...system, run: (command, options) => (command[0] === 'umoci' ? Promise.resolve({ stdout: '', stderr: '', exitCode: null, missing: true, timedOut: false, truncated: false }) : system.run(command, options)) }, `ocifile:${archive()}`);
    expect(source?.missingTools).toEqual(['umoci']);
    expect(source === null ? [] : checkSourceForBuiltin(source)).toEqual([expect.objectContaining({ id: 'source-tool-missing', severity: 'error' })]);
  });
});
