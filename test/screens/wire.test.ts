/** What goes over the line: differences only. */
import { expect, it } from 'vitest';
import { keys, startPerson } from './helper.ts';

it('sends at most 300 bytes for a key, and nothing while idle', async () => {
  const person = await startPerson({ environment: { TERM: 'vt220', LANG: '' } });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  for (const key of [keys.down, keys.down, keys.up, keys.end, keys.home]) {
    const before = person.screen.bytes;
    await person.type(key);
    expect(person.screen.bytes - before).toBeLessThan(300);
  }
  await person.type(keys.enter);
  await person.sees('Which disk?');
  for (const key of [keys.enter]) await person.type(key);
  await person.sees('Enter begins');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = person.screen.bytes;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(person.screen.bytes).toBe(before);
  await person.leave();
});

it('sends little for a typed character', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.end + keys.up + keys.enter);
  await person.type('h');
  const before = person.screen.bytes;
  await person.type('t');
  expect(person.screen.bytes - before).toBeLessThan(60);
  await person.leave();
});
