/** Ten thousand random keys, pastes and resizes on fake machines: no crash, and never a screen one cannot leave. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dataDisk, emptyDisk, facts, failedRun, goodRun, liveDisk } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const machines: readonly PersonOptions[] = [
  {},
  { facts: facts({ disks: [] }) },
  { facts: facts({ disks: [liveDisk] }), problems: [{ id: 'x', severity: 'error', what: 'y', where: 'z', hint: '' }] },
  { facts: facts({ disks: [emptyDisk, { ...emptyDisk, path: '/dev/sdd' }, dataDisk] }), runs: [failedRun, goodRun, failedRun] },
  { facts: facts({ disks: Array.from({ length: 500 }, (_, index) => ({ ...emptyDisk, path: `/dev/sd${index}` })) }), pace: 5 },
];

const press = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.values(keys)) },
  { weight: 3, arbitrary: fc.constantFrom(keys.enter, keys.down, keys.escape, 'y', 'n', 'r', 'v', 'o', 'c', '?', 'e', 'f', 't', 'x', '+', '-', ' ', '\u0018', '\u0012', '\u000b') },
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 30, unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.constantFrom('\u001B[200~a\rb\u001B[201~', '\u001B[', '\u001BO', '\u001B[1;5', 'abcd\r', '\u0000') },
);
const burst = fc.record({
  bytes: fc.array(press, { minLength: 10, maxLength: 40 }).map((all) => all.join('')),
  columns: fc.constantFrom(80, 80, 80, 120, 1, 39, 200),
  rows: fc.constantFrom(24, 24, 24, 40, 1, 9, 60),
});

it('takes 10,000 random keys (invariant 11)', async () => {
  let pressed = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...machines), fc.array(burst, { minLength: 20, maxLength: 20 }), async (machine, bursts) => {
      let person: Person = await startPerson(machine);
      let ended = false;
      const follow = (): void => void person.result.then(() => (ended = true));
      follow();
      for (const { bytes, columns, rows } of bursts) {
        if (ended) {
          person = await startPerson(machine);
          ended = false;
          follow();
        }
        if (columns !== person.screen.columns || rows !== person.screen.rows) await person.resize(columns, rows);
        await person.type(bytes);
        pressed += bytes.length;
        if (columns >= 80 && rows >= 24) expect(person.faults()).toEqual([]);
      }
      // Wherever it got to, Ctrl-C and y lead out.
      await person.leave();
    }),
    { numRuns: 20, seed: 4711, endOnFailure: true },
  );
  expect(pressed).toBeGreaterThan(10_000);
}, 120_000);
