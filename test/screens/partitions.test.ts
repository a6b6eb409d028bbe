/** Sizes and extra partitions, with the real planner behind the screen. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { readExtra } from '../../screens/partitions.tsx';
import { makePlan } from '../../src/plan/make-plan.ts';
import { fakeEffects } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';

it('reads what is typed for an extra partition', () => {
  expect(readExtra('data 2048')).toEqual({ name: 'data', row: 'extra.data.size=2048,fs=ext4' });
  expect(readExtra(' logs 10 vfat LOGS ')).toEqual({ name: 'logs', row: 'extra.logs.size=10,fs=vfat,label=LOGS' });
  for (const wrong of ['', 'data', 'data x', 'oem 10', 'data 10 ntfs', 'data 10 ext4 ../x', 'a b c d e', 'data 0']) expect(typeof readExtra(wrong)).toBe('string');
});

it.each([
  [80, 24],
  [120, 40],
])('adds, changes and takes out an extra partition at %ix%i', async (columns, rows) => {
  const fake = fakeEffects();
  const effects = {
    ...fake,
    plan: (input: Parameters<typeof makePlan>[0]) =>
      makePlan({ ...input, engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }] }, (text) => createHash('sha256').update(text).digest('hex')),
  };
  const person = await startPerson({ columns, rows, effects });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('Enter begins');
  await person.type('\u0018');
  for (let press = 0; press < 20 && !person.text().includes('to scale'); press++) await person.type(keys.enter);
  await person.sees('to scale');
  await person.type('+data 10 ntfs\r');
  await person.sees('file systems are');
  await person.type('\u0015data 2048 ext4 DATA\r');
  await person.sees(/DATA +ext4 +2 GiB +\(extra\)/);
  for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  while (!/> +\d+ +DATA/.test(person.text())) await person.type(keys.down);
  await person.type('e');
  await person.sees('data 2048 ext4 DATA');
  await person.type('\u0015data 1024 ext4 DATA\r');
  await person.sees(/DATA +ext4 +1 GiB/);
  await person.type('-');
  await person.sees(/^(?![^]*DATA)[^]*to scale/);
  await person.leave();
});
