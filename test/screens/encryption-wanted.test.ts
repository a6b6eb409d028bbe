/** A configuration that wants encryption which is not possible here: it is said where it is chosen, and the review leads to where it is answered. */
import { expect, it } from 'vitest';
import { listPresets } from '../../src/sources/presets.ts';
import { keys, startPerson } from './helper.ts';
import type { Person } from './helper.ts';
import { effectsOn } from './recorded.ts';

const told = (person: Person): string => person.text().replaceAll(/\s+/g, ' ');

it.each([
  [80, 24],
  [120, 40],
])('at %ix%i', async (columns, rows) => {
  const person = await startPerson({ columns, rows, effects: effectsOn('data-volumes.json'), presets: listPresets() });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  // From the last choice upwards to the ready-made configuration.
  await person.type(keys.end);
  for (let press = 0; press < 20 && !/> \( \) ready-made: Encrypted.*TPM/.test(person.text()); press++) await person.type(keys.up);
  await person.type(keys.enter);
  await person.sees('BLOCKED');
  expect(told(person)).toContain('the builtin engine does not encrypt partitions');
  expect(person.faults()).toEqual([]);
  for (let press = 0; press < 20 && !/ REVIEW /.test(person.lines().at(-1) ?? ''); press++) {
    if (/ IDENTITY /.test(person.lines().at(-1) ?? '')) await person.type('unit\toperator\t\t\tgithub:operator\t\t\r');
    else await person.type(keys.enter);
  }
  await person.sees('This cannot be installed yet');
  expect(told(person)).toContain('leave encryption out on the screen Encryption');
  await person.sees('Enter to Encryption');
  await person.type(keys.enter);
  await person.sees('Which partitions are encrypted?');
  await person.sees('[x] COS_PERSISTENT');
  await person.type(' ');
  // It stays while it is answered.
  await person.sees('[ ] COS_PERSISTENT');
  await person.type(keys.enter);
  await person.sees(/ REVIEW /);
  expect(told(person)).not.toContain('does not encrypt');
  // It is on the way back, too.
  await person.type(keys.escape);
  await person.sees('Which partitions are encrypted?');
  await person.leave();
});
