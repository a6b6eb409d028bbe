/** The image's own checks: shown, answered, handed back, and in the way until they are settled. */
import { expect, it } from 'vitest';
import type { Prerequisite } from '../../src/sources/prerequisites.ts';
import { keys, startPerson, toReview } from './helper.ts';

const plugin = { name: 'tui-check-site', path: '/system/tui-checks/tui-check-site' };
const check = (id: string, changes: Partial<Prerequisite> = {}): Prerequisite => ({
  plugin, id, title: `Check ${id}`, message: `what ${id} is about`, severity: 'info', blocking: false, required: false, prompt: '', promptText: '', options: [], fallback: '', placeholder: '', ...changes,
});

const all = [
  check('site', { prompt: 'text', blocking: true, promptText: 'Which site is this?' }),
  check('wipe', { prompt: 'confirm', blocking: true, required: true, severity: 'warning' }),
  check('role', { prompt: 'select', options: [{ id: 'a', label: 'first' }, { id: 'b', label: 'second' }] }),
];

it.each([[80, 24], [120, 40]])('asks, hands over and goes on, at %ix%i', async (columns, rows) => {
  const person = await startPerson({ columns, rows, checks: all });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('What this image wants');
  for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  await person.type(keys.enter);
  await person.sees('Check site: it must be answered first');
  await person.type(' hall 7\r');
  await person.sees('Check site: answered; not shown');
  expect(person.text()).not.toContain('hall 7');
  await person.type(`${keys.down} `);
  await person.sees('Check wipe: yes');
  await person.type(`${keys.end} `);
  await person.sees('(*) second');
  // Nothing was handed over before Enter, which says so.
  expect(person.effects.decisions).toEqual([]);
  await person.sees('act on them at once');
  await person.type(keys.enter);
  await person.sees('Check wipe: done: as asked');
  expect(person.effects.decisions).toEqual([
    { id: 'site', prompt: 'text', confirmed: true, text: 'hall 7', selected: [] },
    { id: 'wipe', prompt: 'confirm', confirmed: true, text: '', selected: [] },
    { id: 'role', prompt: 'select', confirmed: true, text: '', selected: ['b'] },
  ]);
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.leave();
});

it('keeps the install from beginning while a required answer could not be carried out', async () => {
  const person = await startPerson({ checks: [check('never', { prompt: 'confirm', required: true })] });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Check never: not answered');
  await person.type(' ');
  await person.type(keys.enter);
  await person.sees('failed: no such luck');
  await person.type(keys.enter);
  await person.sees('could not be done: no such luck');
  expect(person.lines().at(-1)).toContain(' CHECKS ');
  await person.leave();
});

it('picks a timezone from the list of the machine', async () => {
  const person = await startPerson();
  await toReview(person);
  await person.type('e');
  await person.sees('Who is this machine');
  await person.type(keys.tab.repeat(5));
  await person.type('\u000B');
  await person.sees('Which timezone?');
  await person.type('new york');
  await person.sees('1 of 5');
  await person.type(keys.enter);
  await person.sees('Timezone  [America/New_York');
  await person.leave();
});
