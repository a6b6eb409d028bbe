/** What goes over the line: differences only. */
import { expect, it } from 'vitest';
import { listPresets } from '../../src/sources/presets.ts';
import { keys, startPerson, toReview } from './helper.ts';
import type { Person } from './helper.ts';
import { effectsOn } from './recorded.ts';

/** The most that a key may cost which moves in a list, typed into a field or changes a line. */
const most = 300;

const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

/** Bytes that a key costs at once, and with what follows when keys rest. */
const costOf = async (person: Person, key: string): Promise<{ readonly key: number; readonly all: number }> => {
  const before = person.screen.bytes;
  await person.type(key);
  // Time for a machine that has much else to do, and less than what follows waits for.
  await pause(60);
  const atOnce = person.screen.bytes - before;
  // Until nothing comes any more: what is late must not be counted as the next key's.
  let [seen, quiet] = [-1, 0];
  while (quiet < 2) {
    quiet = seen === person.screen.bytes ? quiet + 1 : 0;
    seen = person.screen.bytes;
    await person.rests();
  }
  return { key: atOnce, all: person.screen.bytes - before };
};

const moves: Readonly<Record<string, string>> = { down: keys.down, up: keys.up, 'page down': keys.pageDown, 'page up': keys.pageUp, end: keys.end, home: keys.home };

/** Every key that moves in a list, from one end of it to the other, with what follows it; `unlike` names what may cost more. */
const moveAll = async (person: Person, rows: number, unlike: Readonly<Record<string, number>> = {}): Promise<readonly string[]> => {
  const dear: string[] = [];
  const press = async (name: string): Promise<void> => {
    const cost = await costOf(person, moves[name] ?? '');
    if (cost.key > most) dear.push(`${name}: ${cost.key}`);
    if (cost.all > (unlike[name] ?? most)) dear.push(`${name} and what follows it: ${cost.all}`);
  };
  await press('home');
  for (let row = 0; row < rows; row++) await press('down');
  for (const name of ['up', 'end', 'up', 'page up', 'page up', 'page down', 'home', 'end']) await press(name);
  return dear;
};

it.concurrent.for(['previous-kairos.json', 'sixty-disks.json', 'sata.json', 'virtio.json', 'data-volumes.json'])('a move in a list of %s costs at most 300 bytes on a serial line', { timeout: 120_000 }, async (machine, { expect }) => {
  const person = await startPerson({ effects: effectsOn(machine), presets: listPresets(), environment: { TERM: 'vt100', LANG: '' } });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  expect(await moveAll(person, 9)).toEqual([]);
  await person.type(`${keys.end}${keys.enter}`);
  await person.sees(/ASKING$/m);
  for (let press = 0; press < 12 && !/ DISK /.test(person.lines().at(-1) ?? ''); press++) {
    await person.type(keys.enter);
    await person.sees(/ASKING$/m);
  }
  await person.sees('Which disk?');
  await person.rests();
  // At the end of sixty disks alike are a loop device and the live medium: lines of which nothing stays.
  expect(await moveAll(person, 10, machine === 'sixty-disks.json' ? { end: 340 } : {})).toEqual([]);
  // What the short telling leaves out is a key away.
  await person.type('\u000E');
  await person.sees('Disk: In full');
  await person.type(keys.escape);
  await person.leave();
});

it('measures what a new screen costs', async () => {
  const person = await startPerson({ effects: effectsOn('previous-kairos.json'), environment: { TERM: 'vt100', LANG: '' } });
  await person.sees('This machine');
  const { all } = await costOf(person, keys.enter);
  await person.sees('Where does');
  // Said, not bounded: at 9600 baud a thousand bytes take a second.
  process.stdout.write(`a new screen: ${all} bytes\n`);
  expect(all).toBeGreaterThan(most);
  await person.leave();
});

it('sends nothing while idle', async () => {
  const person = await startPerson({ environment: { TERM: 'vt220', LANG: '' } });
  await toReview(person);
  await pause(300);
  const before = person.screen.bytes;
  await pause(1500);
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
