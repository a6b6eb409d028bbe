/** A run ends while somebody types: what is read stays, and nothing that was meant for the screen before becomes a command of the next. */
import { expect, it } from 'vitest';
import { emptyDisk, facts, failedRun, goodRun } from '../app/fake-effects.ts';
import { keys, startPerson, toReview } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const start = async (options: PersonOptions): Promise<Person> => {
  const person = await startPerson({ facts: facts({ disks: [emptyDisk] }), ...options });
  await toReview(person);
  await person.type(keys.enter);
  await person.sees('Lay down the system');
  return person;
};

/** Waits for a line of state that ends like this, and takes no time to read. */
const endsWith = async (person: Person, verdict: string): Promise<void> => {
  for (const end = Date.now() + 8000; Date.now() < end && !person.lines().at(-1)?.endsWith(verdict); ) await person.type('');
  expect(person.lines().at(-1)).toMatch(new RegExp(`${verdict}$`));
};

const ends: readonly (readonly [string, typeof goodRun, string, string])[] = [
  ['ends well', goodRun, 'DONE', 'What next?'],
  ['fails', failedRun, 'FAILED', 'The install failed.'],
];

it.each(ends)('the log stays open over a run that %s, and what is typed stays its search', async (_, run, verdict, below) => {
  const person = await start({ runs: [run, run], pace: 60 });
  await person.type('o');
  await person.type('/');
  await person.type('r');
  await endsWith(person, verdict);
  await person.type('etry');
  expect(person.text()).toContain('Search [retry');
  await person.type(keys.enter);
  await person.type(keys.escape);
  await person.sees(below);
  expect(person.effects.installed).toHaveLength(1);
  await person.leave();
});

it('help over the log stays as well', async () => {
  const person = await start({ runs: [goodRun], pace: 60 });
  await person.type('o');
  await person.type('?');
  await endsWith(person, 'DONE');
  expect(person.text()).toContain('Every line of the install so far.');
  await person.type(keys.escape);
  expect(person.text()).toMatch(/lines 1 to \d+ of/);
  await person.leave();
});

it('keys of the first second after the screen changed by itself are not taken, but Ctrl-C', async () => {
  const person = await start({ runs: [failedRun, goodRun], pace: 60 });
  await endsWith(person, 'FAILED');
  await person.type('r');
  await person.type(`${keys.enter}${keys.down}s`);
  expect(person.text()).toContain('The install failed.');
  expect(person.text()).toMatch(/> r {2}try again/);
  await person.type(keys.ctrlC);
  await person.sees('Leave the console?');
  await person.type('n');
  await person.type('r');
  await person.sees('Enter begins to write');
  await person.leave();
});
