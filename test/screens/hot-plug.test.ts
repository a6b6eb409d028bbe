/** Disks that come and go while somebody chooses. */
import { expect, it } from 'vitest';
import { dataDisk, disk, emptyDisk, facts } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';

it('keeps the highlight on its disk, and takes no other for it', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.down);
  await person.sees(/> +\/dev\/sdb/);
  person.effects.change(facts({ disks: [disk('/dev/nvme0n1'), emptyDisk, dataDisk] }));
  await person.sees('/dev/nvme0n1');
  expect(person.text()).toMatch(/> +\/dev\/sdb/);
  // Gone: nothing is highlighted, and Enter takes nothing.
  person.effects.change(facts({ disks: [disk('/dev/nvme0n1'), emptyDisk] }));
  await person.type(keys.enter);
  await person.sees('choose a disk with Up and Down');
  await person.leave();
});

it('blocks the review when the chosen disk is gone', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('Enter begins');
  person.effects.change(facts({ disks: [dataDisk] }));
  await person.sees('This cannot be installed yet');
  await person.type(keys.enter);
  expect(person.effects.installed).toHaveLength(0);
  expect(person.lines().at(-1)).toContain('BLOCKED');
  await person.leave();
});

it('offers to look again when a volume comes', async () => {
  const person = await startPerson({ facts: facts({ volumes: [] }) });
  await person.sees('This machine');
  person.effects.change(facts());
  await person.sees('a volume came or went; r looks again');
  expect(person.effects.looks).toHaveLength(1);
  await person.type('r');
  await person.sees('This machine');
  expect(person.effects.looks).toHaveLength(2);
  await person.leave();
});
