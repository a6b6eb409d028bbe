import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSystemImage } from '../../src/engine/builtin/images.ts';
import { probeSource } from '../../src/probe/source.ts';
import { createRealSystem } from '../../src/system/real.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-images-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A squashfs with the boot files of a Kairos image: plain names that are links. */
const image = async (links: Readonly<Record<string, string>>): Promise<ReturnType<typeof makeSystemImage>> => {
  const boot = join(folder, 'tree/boot');
  mkdirSync(boot, { recursive: true });
  writeFileSync(join(boot, 'vmlinuz-6.12.1'), 'a kernel');
  writeFileSync(join(boot, 'initrd-6.12.1'), 'an initrd');
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(boot, name));
  const file = join(folder, 'rootfs.squashfs');
  execFileSync('mksquashfs', [join(folder, 'tree'), file, '-quiet', '-no-progress'], { stdio: 'ignore' });
  const system = createRealSystem();
  const { source } = await probeSource(system, `file:${file}`);
  if (source === null) throw new Error('not taken as a source');
  mkdirSync(join(folder, 'work'));
  return makeSystemImage(system, source, join(folder, 'work'), new AbortController().signal, () => undefined);
};

test('kernel and initrd of a Kairos image are links to files beside them', async () => {
  const made = await image({ vmlinuz: 'vmlinuz-6.12.1', initrd: 'initrd-6.12.1' });
  expect(readFileSync(made.kernel, 'utf8')).toBe('a kernel');
  expect(readFileSync(made.initrd, 'utf8')).toBe('an initrd');
});

test('a link out of the image is not followed into this system', async () => {
  await expect(image({ vmlinuz: '/etc/hostname', initrd: 'initrd-6.12.1' })).rejects.toMatchObject({ problem: { id: 'image-failed' } });
});
