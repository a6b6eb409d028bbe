/** What is installed from a live system when no source is named: as an engine takes it best. */
import { expect, test } from 'vitest';
import { gather } from '../../src/app/gather.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { readRecording } from '../../src/system/recording.ts';

const image = '/run/initramfs/live/rootfs.squashfs';
const root = '/run/rootfsbase';

/** The source that was looked at: where there is nothing to be read of it, its problem names it. */
const sourceOf = async (files: Readonly<Record<string, string>>, flags: SettingLayer): Promise<string | null> => {
  const system = createRecordedSystem(readRecording({ slipwayRecording: 1, commands: {}, files: { '/proc/cmdline': 'quiet', ...files }, links: {}, directories: {} }));
  const { source, problems } = await gather(system, { flag: flags }, 'test', new AbortController().signal);
  return source?.uri ?? problems.find(({ id }) => id.startsWith('source'))?.where ?? null;
};

const tree = { [`${root}/boot/vmlinuz`]: 'kernel', [`${root}/boot/initrd`]: 'initrd' };
const both = { ...tree, [image]: 'hsqs' };
const agent = { '/usr/bin/kairos-agent': 'agent' };

test.each([
  ['builtin: the squashfs of the medium', both, { engine: 'builtin' }, `file:${image}`],
  ['builtin, an image without one', tree, { engine: 'builtin' }, `dir:${root}`],
  ['kairos-agent: the tree', both, { engine: 'kairos-agent' }, `dir:${root}`],
  ['whatever engine is there, none is', both, {}, `file:${image}`],
  ['a source that is named', both, { engine: 'builtin', source: `dir:${root}` }, `dir:${root}`],
  ['not on live media', {}, { engine: 'builtin' }, null],
] as const)('%s', async (_, files, flags, expected) => {
  expect(await sourceOf(files, flags)).toBe(expected);
});

test('an agent cannot write a disk image file: there it is the squashfs', async () => {
  expect(await sourceOf({ ...both, ...agent }, { engine: 'auto', 'target-image': '/tmp/disk.img' })).toBe(`file:${image}`);
});
