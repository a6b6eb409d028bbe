/**
 * Every screen on recorded machines, at both reference sizes, as it was looked at and found good: `golden/`. A change shows up as
 * a difference; `npx vitest run test/screens/golden -u` takes the new pictures, which are then looked at.
 */
import { expect, it } from 'vitest';
import { listPresets } from '../../src/sources/presets.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { failedRun, goodRun } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person } from './helper.ts';
import { effectsOn } from './recorded.ts';

interface Walk {
  readonly machine: string;
  readonly flags: SettingLayer;
  /** Typed on the disk screen before Enter. */
  readonly disk: string;
  /** What consents on the review. */
  readonly consent: string;
}

const walks: readonly Walk[] = [
  { machine: 'data-volumes.json', flags: {}, disk: '', consent: '' },
  { machine: 'previous-kairos.json', flags: { config: ['preset:k3s-single'] }, disk: keys.down.repeat(3), consent: 'iros' },
  { machine: 'sixty-disks.json', flags: { config: ['preset:minimal'] }, disk: keys.down.repeat(2), consent: '' },
  { machine: 'no-disk.json', flags: {}, disk: '', consent: '' },
];

const screenOf = (person: Person): string => (person.lines().at(-1) ?? '').split(' ')[2]?.toLowerCase() ?? '';

/** The plan's hash says something else with every change of the planner. */
const picture = (person: Person): string =>
  person
    .lines()
    .map((line) => line.trimEnd().replace(/^( Plan +)[0-9a-f]{32}/, '$1(hash)'))
    .join('\n');

const settled = (person: Person): Promise<void> => person.sees(/ (?:ASKING|BLOCKED|CONFIRM|RUNNING|FAILED|DONE)$/m);

/** Goes on with Enter until another screen is there; false when there is no way on. */
const goOn = async (person: Person): Promise<boolean> => {
  const before = screenOf(person);
  for (let press = 0; press < 10 && screenOf(person) === before; press++) {
    await person.type(keys.enter);
    await settled(person);
  }
  return screenOf(person) !== before;
};

const walk = async (person: Person, { disk, consent }: Walk): Promise<string> => {
  const pictures = new Map<string, string>();
  const take = (name = screenOf(person)): void => {
    expect(person.faults()).toEqual([]);
    if (!pictures.has(name)) pictures.set(name, picture(person));
  };
  const finish = (): string => [...pictures].map(([name, text]) => `== ${name}\n${text}\n`).join('\n');
  await person.sees(/WELCOME \S+ \S+ (?:ASKING|BLOCKED)$/m);
  take();
  await person.type('?');
  await person.sees('Keys');
  take('help');
  await person.type(keys.escape);
  let forward = await goOn(person);
  while (forward && screenOf(person) !== 'disk' && screenOf(person) !== 'review') {
    take();
    forward = await goOn(person);
  }
  if (screenOf(person) === 'disk') {
    if (disk !== '') {
      await person.type(disk);
      await person.rests();
    }
    take();
    await goOn(person);
  }
  if (screenOf(person) !== 'review') return finish();
  take();
  await person.type('\u0018');
  for (let screen = 0; screen < 10 && screenOf(person) !== 'review'; screen++) {
    take();
    if (!(await goOn(person))) return finish();
  }
  await person.type(`${consent}\r`);
  await person.sees('42%');
  take();
  await person.sees('What now?');
  take();
  await person.type('r');
  await person.sees(/ REVIEW .* CONFIRM$/m);
  await person.type(`${consent}\r`);
  await person.sees('What next?');
  take();
  return finish();
};

it.concurrent.for(walks.flatMap((each) => [[each.machine, 80, 24, each] as const, [each.machine, 120, 40, each] as const]))('%s at %ix%i', { timeout: 60_000 }, async ([machine, columns, rows, each], { expect }) => {
  const effects = effectsOn(machine, { runs: [[...goodRun.slice(0, 3), ...failedRun], goodRun], pace: 250 });
  const person = await startPerson({ columns, rows, effects, presets: listPresets(), layers: { flag: each.flags }, now: () => 1_800_000_000_000 });
  const text = await walk(person, each);
  await person.leave();
  await expect(text).toMatchFileSnapshot(`golden/${machine.replace('.json', '')}-${columns}x${rows}.txt`);
});
