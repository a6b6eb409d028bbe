/** Keys that come before anybody could look at what is on the screen: they begin nothing (invariant 1). */
import { expect, it } from 'vitest';
import { disk, emptyDisk, facts } from '../app/fake-effects.ts';
import { keys, startPerson, toReview } from './helper.ts';

const oneDisk = facts({ disks: [emptyDisk] });

it('Enter after Enter, all in one read, comes to the plan and no further', async () => {
  const person = await startPerson({ facts: oneDisk });
  await person.sees('This machine');
  await person.type(keys.enter.repeat(8));
  expect(person.text()).toContain('Enter begins to write');
  expect(person.text()).toContain('look at the plan first; Enter again begins');
  expect(person.effects.installed).toHaveLength(0);
  await person.reads();
  await person.type(keys.enter);
  await person.sees('What next?');
  expect(person.effects.installed).toHaveLength(1);
  await person.leave();
});

it('nor does an Enter that is held down', async () => {
  const person = await startPerson({ facts: oneDisk });
  await person.sees('This machine');
  for (const end = Date.now() + 1500; Date.now() < end; ) await person.type(keys.enter);
  expect(person.text()).toContain('Enter begins to write');
  expect(person.effects.installed).toHaveLength(0);
  await person.leave();
});

it('a plan that changes under the hand is looked at anew', async () => {
  const person = await startPerson({ facts: oneDisk });
  await toReview(person);
  person.effects.change(facts({ disks: [disk('/dev/sda', { serial: 'OTHER-1', diskseq: 9, size: 2 * emptyDisk.size })] }));
  for (const end = Date.now() + 4000; Date.now() < end && !person.text().includes('OTHER-1'); ) await person.type('');
  await person.type(keys.enter);
  expect(person.text()).toContain('look at the plan first');
  expect(person.effects.installed).toHaveLength(0);
  await person.reads();
  await person.type(keys.enter);
  await person.sees('What next?');
  expect(person.effects.installed[0]?.plan.targetText).toContain('OTHER-1');
  await person.leave();
});
