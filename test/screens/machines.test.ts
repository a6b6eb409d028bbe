/** Every recorded machine through the whole table, at both reference sizes: nothing over the edges without a sign, nothing stuck. */
import { describe, expect, it } from 'vitest';
import { keys, startPerson } from './helper.ts';
import type { Person } from './helper.ts';
import { effectsOn, machines } from './recorded.ts';

const stateOf = (person: Person): string => person.lines().at(-1) ?? '';

// What takes time is waiting for the screen: several machines are waited for at once.
describe.concurrent.each(machines)('%s', (machine) => {
  const effects = effectsOn(machine);
  it.each([
    [80, 24],
    [120, 40],
  ])('at %ix%i', async (columns, rows) => {
    const person = await startPerson({ columns, rows, effects });
    const check = (): void => {
      expect(person.faults()).toEqual([]);
      expect(stateOf(person)).toMatch(/^SLIPWAY [A-Z0-9.-]+ [A-Z-]+ \S+ \S+ [A-Z]+$/);
      expect(person.text()).not.toMatch(/undefined|null|NaN|\[object/);
    };
    await person.sees(/WELCOME \S+ \S+ (?:ASKING|BLOCKED)/);
    check();
    const seen = new Set<string>();
    // Enter, and Down where Enter finds nothing to take, lead to the review or to a screen that says why not.
    let stuck = 0;
    for (let turn = 0; turn < 30 && !/ REVIEW /.test(stateOf(person)); turn++) {
      const before = stateOf(person);
      await person.type(keys.enter);
      await person.sees(/ASKING|BLOCKED|CONFIRM/);
      check();
      const screen = stateOf(person).split(' ')[2] ?? '';
      if (!seen.has(screen)) {
        seen.add(screen);
        await person.type(keys.ctrlG);
        check();
        await person.type(keys.escape);
      }
      // Twice: the first Enter may read a configuration, or go from field to field.
      stuck = stateOf(person) === before ? stuck + 1 : 0;
      // A configuration that cannot be read here is done without.
      if (stuck >= 1 && / CONFIGURATION /.test(stateOf(person))) await person.type(keys.end);
      if (stuck >= 1 && / DISK /.test(stateOf(person))) await person.type(keys.down);
    }
    expect(seen.has('DISK')).toBe(true);
    if (/ REVIEW /.test(stateOf(person))) {
      await person.type('\u0018');
      for (let turn = 0; turn < 20 && !/ REVIEW /.test(stateOf(person)); turn++) {
        check();
        await person.type(keys.enter);
      }
      check();
    } else {
      // No disk of this machine can be used, and the screen says so.
      expect(person.text()).not.toContain(' usable ');
    }
    await person.leave();
  });
});
