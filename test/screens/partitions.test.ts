/** Sizes and extra partitions, with the real planner behind the screen. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { readExtra } from '../../screens/partitions.tsx';
import { makePlan } from '../../src/plan/make-plan.ts';
import { fakeEffects } from '../app/fake-effects.ts';
import { keys, startPerson, toReview } from './helper.ts';
import type { Person } from './helper.ts';

it('reads what is typed for an extra partition', () => {
  expect(readExtra('data 2048')).toEqual({ name: 'data', row: 'extra.data.size=2048,fs=ext4' });
  expect(readExtra(' logs 10 vfat LOGS ')).toEqual({ name: 'logs', row: 'extra.logs.size=10,fs=vfat,label=LOGS' });
  for (const wrong of ['', 'data', 'data x', 'oem 10', 'data 10 ntfs', 'data 10 ext4 ../x', 'a b c d e', 'data 0']) expect(typeof readExtra(wrong)).toBe('string');
});

/** On the screen, with the real planner behind it. */
const start = async (columns = 80, rows = 24): Promise<Person> => {
  const fake = fakeEffects();
  const effects = {
    ...fake,
    plan: (input: Parameters<typeof makePlan>[0]) =>
      makePlan({ ...input, engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }] }, (text) => createHash('sha256').update(text).digest('hex')),
  };
  const person = await startPerson({ columns, rows, effects });
  await toReview(person);
  await person.type('\u0018');
  for (let press = 0; press < 20 && !person.text().includes('to scale'); press++) await person.type(keys.enter);
  await person.sees('to scale');
  return person;
};

it('refuses a size that does not fit where it is typed, names the largest, and takes that one', async () => {
  const person = await start();
  while (!/> +\d+ +COS_OEM/.test(person.text())) await person.type(keys.down);
  await person.type('e\u00151000000');
  await person.sees(/1000000 MiB do not fit beside the others: at most \d+ MiB/);
  const most = Number(/at most (\d+) MiB/.exec(person.text())?.[1]);
  await person.type(keys.enter);
  // The field is still open, and there still is a layout.
  await person.sees('[1000000');
  await person.type(`\u0015${most + 1}\r`);
  await person.sees(`${most + 1} MiB do not fit`);
  await person.type(`\u0015${most}\r`);
  await person.sees(/COS_OEM +ext4 .*\(as asked\)/);
  expect(person.text()).not.toContain('too small');
  await person.sees(/COS_PERSISTENT +ext4 +64 MiB/);
  // Another one has no room now; the extra one is refused as well.
  await person.type('+data 100 ext4 DATA\r');
  await person.sees('there is no room for it');
  await person.type(keys.escape);
  // One size is taken back, and no other.
  while (!/> +\d+ +COS_OEM/.test(person.text())) await person.type(keys.up);
  await person.type('-');
  await person.sees(/COS_OEM +ext4 +64 MiB(?! +\(as asked\))/);
  await person.leave();
});

it('takes back one size and leaves the others', async () => {
  const person = await start();
  for (const [label, size] of [['COS_OEM', 512], ['COS_STATE', 9000]] as const) {
    while (!new RegExp(`> +\\d+ +${label}`).test(person.text())) await person.type(keys.down);
    await person.type(`e\u0015${size}\r`);
    await person.sees(new RegExp(`${label}.*\\(as asked\\)`));
  }
  await person.type('-');
  await person.sees(/^(?![^]*COS_STATE.*as asked)[^]*COS_OEM.*as asked/);
  await person.leave();
});

it.each([
  [80, 24],
  [120, 40],
])('adds, changes and takes out an extra partition at %ix%i', async (columns, rows) => {
  const person = await start(columns, rows);
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
