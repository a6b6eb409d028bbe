/** A kernel line that cannot be read ends the run: its words choose disk and source, and an install without them would be another one. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { gather } from '../../src/app/gather.ts';
import { exitCodeFor } from '../../src/plan/exit-code-for.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import type { System } from '../../src/system/port.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { readRecording } from '../../src/system/recording.ts';

const flags: SettingLayer = { 'data-volume': 'none', engine: 'builtin', 'target-image': '/tmp/disk.img', 'image-size': 2 ** 34, source: 'dir:/none' };

const look = async (kernelLine: string | null, real: boolean): Promise<Awaited<ReturnType<typeof gather>>> => {
  const recorded = createRecordedSystem(readRecording({ slipwayRecording: 1, commands: {}, files: kernelLine === null ? {} : { '/proc/cmdline': kernelLine }, links: {}, directories: {} }));
  const system: System = { ...recorded, real };
  return gather(system, { flag: flags }, 'test', new AbortController().signal);
};

const ids = ({ problems }: { readonly problems: readonly { readonly id: string }[] }): readonly string[] => problems.map(({ id }) => id);

test('on a real machine it is an error, and there is no plan', async () => {
  const input = await look(null, true);
  expect(input.problems).toContainEqual(expect.objectContaining({ id: 'kernel-line-unreadable', severity: 'error', where: '/proc/cmdline' }));
  const outcome = makePlan(input, (text) => createHash('sha256').update(text).digest('hex'));
  expect(outcome.planned).toBeNull();
  expect(exitCodeFor(outcome.problems.filter(({ id }) => id === 'kernel-line-unreadable'))).not.toBe(0);
});

test('an empty one says nothing and is fine; a recording without one is too', async () => {
  expect(ids(await look('', true))).not.toContain('kernel-line-unreadable');
  expect(ids(await look(null, false))).not.toContain('kernel-line-unreadable');
});

test('what it asks for is asked for', async () => {
  const input = await look('quiet slipway.finish=poweroff', true);
  expect(input.layers['kernel-line']).toEqual({ finish: 'poweroff' });
});
