/** Disks that come and go while somebody chooses. */
import { expect, it } from 'vitest';
import type { Prerequisite } from '../../src/sources/prerequisites.ts';
import { dataDisk, disk, emptyDisk, facts, goodRun, liveDisk, sources } from '../app/fake-effects.ts';
import { keys, startPerson, toDisk, toReview } from './helper.ts';
import type { Person } from './helper.ts';
import { effectsOn } from './recorded.ts';

it('keeps the highlight on its disk, and takes no other for it', async () => {
  const person = await startPerson();
  await toDisk(person);
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
  await toReview(person);
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
const dataStick = { path: '/dev/sdy1', label: 'SLIPWAY', fstype: 'vfat', size: 4_000_000_000, kind: 'data-volume' as const };
const newCard = { name: 'enp0s9', mac: '52:54:00:00:00:09', carrier: true, addresses: [], speed: 1000 };
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
    person.effects.change(facts({ disks: [plugged, dataDisk, emptyDisk, liveDisk], volumes: [dataStick, ...facts().volumes, stick], nics: [newCard, ...facts().nics] }));
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

const presets = [
  { name: 'k3s-single', title: 'Single-node Kubernetes (k3s)', description: 'One node' },
  { name: 'minimal', title: 'Minimal', description: 'A user' },
];

it('keeps the highlighted configuration when a data volume is plugged in, and takes that one', async () => {
  const person = await startPerson({ presets });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.down.repeat(2));
  await person.sees(/> \( \) ready-made: Minimal/);
  person.effects.change(facts({ volumes: [dataStick, ...facts().volumes] }));
  await person.sees('data volume SLIPWAY on /dev/sdy1');
  expect(person.text()).toMatch(/> \( \) ready-made: Minimal/);
  await person.type(keys.enter);
  await person.sees(/> \(\*\) ready-made: Minimal/);
  expect(person.effects.looks.at(-1)?.console?.config).toEqual(['preset:minimal']);
  // One that is pulled out while it is highlighted gives way to none.
  await person.type(keys.home);
  await person.sees(/> \( \) data volume SLIPWAY/);
  person.effects.change(facts());
  await person.sees(/^(?![^]*SLIPWAY on)[^]*Where does/);
  await person.type(keys.enter);
  await person.sees('choose with Up and Down');
  await person.leave();
});

it('does so on a recorded machine into which a data volume is plugged after three seconds', async () => {
  const person = await startPerson({ effects: effectsOn('hot-plug.json'), presets });
  await person.sees(/WELCOME \S+ \S+ (?:ASKING|BLOCKED)/);
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.home + keys.down);
  await person.sees(/> \( \) ready-made: Minimal/);
  expect(person.text()).not.toContain('data volume ');
  await person.sees('data volume ');
  expect(person.text()).toMatch(/> \( \) ready-made: Minimal/);
  await person.leave();
});

it('keeps the highlighted file of a volume', async () => {
  const person = await startPerson({ facts: facts({ volumes: [stick] }) });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type('f');
  await person.sees('node.yaml');
  await person.type(keys.down);
  await person.sees(/> +node\.yaml/);
  person.effects.change(facts({ volumes: [dataStick, stick] }));
  await person.sees('/dev/sdy1');
  expect(person.text()).toMatch(/> +node\.yaml/);
  await person.leave();
});

it('gives what is typed for a network card to no other', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type('t');
  await person.sees('The network of this session');
  await person.type(' 10.0.0.9/24');
  await person.sees('enp1s0 [10.0.0.9/24');
  person.effects.change(facts({ nics: [newCard, ...facts().nics] }));
  await person.sees('enp0s9');
  expect(person.text()).toContain('enp1s0 [10.0.0.9/24');
  person.effects.change(facts({ nics: [newCard] }));
  await person.sees(/^(?![^]*enp1s0)[^]*enp0s9/);
  await person.type(keys.enter);
  expect(person.effects.networkChanges).toEqual([]);
  await person.leave();
});
