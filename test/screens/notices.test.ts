/** What is said in a notice is nowhere else on the screen: all of it can be read. */
import { expect, it } from 'vitest';
import { SlipwayError } from '../../src/model/problem.ts';
import { fakeEffects, sources } from '../app/fake-effects.ts';
import { keys, startPerson, toDisk } from './helper.ts';
import type { Person } from './helper.ts';

const told = (person: Person): string => person.text().replaceAll(/\s+/g, ' ');
/** Title bar, keys and line of state where they always are. */
const framed = (person: Person): void => {
  expect(person.lines()[0]).toMatch(/^ Slipway 0\.1\.0 /);
  expect(person.lines().at(-1)).toMatch(/^SLIPWAY /);
  expect(person.lines().at(-3)).toMatch(/^─+$/);
  expect(person.faults()).toEqual([]);
};

it.each([
  [80, 24],
  [60, 20],
  [120, 40],
])('why a partition cannot be encrypted, at %ix%i', async (columns, rows) => {
  const person = await startPerson({ columns, rows, layers: { flag: { engine: 'builtin' } } });
  await toDisk(person);
  await person.type(keys.enter);
  await person.sees('Enter begins');
  await person.type('\u0018');
  for (let press = 0; press < 30 && !person.text().includes('Which partitions are encrypted?'); press++) await person.type(keys.enter);
  await person.type(`${keys.down}+${keys.up} `);
  if (!person.text().includes('not possible here: ')) await person.type(`${keys.down} `);
  expect(told(person)).toContain('not possible here: the builtin engine does not encrypt; the engine kairos-agent does, in an image that brings it');
  framed(person);
  await person.type(keys.up);
  expect(told(person)).not.toContain('not possible here: the builtin');
  framed(person);
  await person.leave();
});

it('what to type where a field of the network was left empty', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type('t');
  await person.sees('The network of this session');
  for (const row of [0, 1, 2, 3, 4]) {
    await person.type(keys.home + keys.down.repeat(row));
    await person.type(` \u0015${keys.enter}`);
    const notice = person.lines().slice(-7, -3).filter((line) => line.trim() !== '').at(-1) ?? '';
    expect(notice).not.toMatch(/…$/);
    framed(person);
    await person.type(keys.escape);
    if (!person.text().includes('The network of this session')) await person.type('t');
  }
  await person.leave();
});

it('why there is no list to pick from, and what to do then', async () => {
  const nobody = sources({ keptText: null, documents: [], dataVolume: null, removed: [] });
  const listNames = (): Promise<readonly string[]> => Promise.reject(new SlipwayError({ id: 'no-names', severity: 'error', what: 'no keymap is installed here', where: '/usr/share/keymaps', hint: 'close this and type the name; the installed system has to have it' }));
  const person = await startPerson({ effects: { ...fakeEffects({ sources: nobody }), listNames } });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.end + keys.enter);
  await person.sees('(*) none');
  await person.type(keys.enter);
  await person.sees('Who is this machine');
  await person.type(`${keys.tab.repeat(6)}\u000B`);
  await person.sees('Which keymap?');
  expect(told(person)).toContain('no keymap is installed here; close this and type the name; the installed system has to have it');
  framed(person);
  await person.leave();
});
