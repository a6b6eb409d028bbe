/** Disks that come and go while somebody chooses. */
import { expect, it } from 'vitest';
import type { Prerequisite } from '../../src/sources/prerequisites.ts';
import { dataDisk, disk, emptyDisk, facts, goodRun, liveDisk, sources } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person } from './helper.ts';

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

const plugged = disk('/dev/nvme9n1', { size: 3 * 1024 ** 4, model: 'JUST PLUGGED', serial: 'NEW1' });
const stick = { path: '/dev/sdz1', label: 'STICK', fstype: 'vfat', size: 4_000_000_000, kind: 'other' as const };

/** What may not change when something is plugged in: all but the notice, and what the screen lists. */
const kept = (person: Person): { readonly screen: string; readonly focus: readonly string[] } => ({
  screen: (person.lines().at(-1) ?? '').split(' ')[2] ?? '',
  // The highlighted row and the field that takes what is typed.
  focus: person.lines().filter((line) => line.startsWith(' > ')),
});

/** Goes to the next screen and tells its name. */
const onward = async (person: Person): Promise<string> => {
  const before = kept(person).screen;
  for (let press = 0; press < 10 && kept(person).screen === before; press++) await person.type(keys.enter);
  return kept(person).screen;
};

it.each([[80, 24], [120, 40]])('steals no focus and changes no answer on any screen, at %ix%i', async (columns, rows) => {
  const check: Prerequisite = { plugin: { name: 'tui-check-a', path: '/a' }, id: 'a', title: 'Site', message: '', severity: 'info', blocking: false, required: false, prompt: 'text', promptText: '', options: [], fallback: '', placeholder: '' };
  const steps = [{ stage: 'before-install', file: 'installer-data', index: 0, value: { name: 'Register', commands: ['a'] } }];
  const person = await startPerson({ columns, rows, checks: [check], sources: sources({ steps }), runs: [goodRun], pace: 40 });
  await person.sees('This machine');
  const seen = new Set<string>();
  const plug = async (): Promise<void> => {
    const before = kept(person);
    seen.add(before.screen);
    person.effects.change(facts({ disks: [plugged, dataDisk, emptyDisk, liveDisk], volumes: [...facts().volumes, stick] }));
    await person.type('');
    expect(kept(person)).toEqual(before);
    person.effects.change(facts());
    await person.type('');
    expect(kept(person)).toEqual(before);
  };
  await plug();
  while ((await onward(person)) !== 'REVIEW') await plug();
  await plug();
  const planOf = (): string => /Plan +([0-9a-f]{32})/.exec(person.text())?.[1] ?? '';
  const plan = planOf();
  await person.type('e');
  while (kept(person).screen !== 'REVIEW') {
    await plug();
    await onward(person);
  }
  expect(planOf()).toBe(plan);
  // The same over the screens: what lies over one stays where it is.
  for (const [open, title] of [['?', 'Keys'], ['v', 'lines 1 to']] as const) {
    await person.type(open);
    await person.sees(title);
    await plug();
    await person.sees(title);
    await person.type(keys.escape);
  }
  await person.type(keys.enter);
  await plug();
  await person.sees('What next?');
  await plug();
  expect([...seen].toSorted()).toEqual(['CHECKS', 'CLUSTER', 'CONFIGURATION', 'DISK', 'DONE', 'ENCRYPTION', 'IDENTITY', 'INSTALLER-DATA', 'INSTALLING', 'NETWORK', 'PARTITIONS', 'REVIEW', 'WELCOME']);
  await person.leave();
});

it('leaves what is being typed alone', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type('e');
  await person.type(`${keys.down}typed`);
  await person.sees('typedhostname');
  person.effects.change(facts({ disks: [plugged, emptyDisk], volumes: [stick] }));
  await person.type(' on');
  await person.sees('typed onhostname');
  expect(person.text()).toContain('line 2 column 9');
  await person.leave();
});

it('takes no other disk for the one that was offered', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees(/> +\/dev\/sda/);
  person.effects.change(facts({ disks: [plugged] }));
  await person.sees('/dev/nvme9n1');
  expect(person.text()).not.toMatch(/> +\/dev\/nvme9n1/);
  await person.type(keys.enter);
  await person.sees('choose a disk with Up and Down');
  await person.leave();
});
