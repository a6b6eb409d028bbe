/** A machine that goes down by itself after an install says so, with the seconds that are left, wherever the person looks. */
import { expect, it } from 'vitest';
import type { InstallEvent } from '../../src/model/events.ts';
import { emptyDisk, facts, goodRun } from '../app/fake-effects.ts';
import { keys, startPerson, toReview } from './helper.ts';
import type { Person } from './helper.ts';

/** As much as the last screen may have to say. */
const longRun: readonly InstallEvent[] = goodRun.flatMap((event): readonly InstallEvent[] =>
  event.event !== 'done'
    ? [event]
    : [
        ...Array.from({ length: 6 }, (_, index): InstallEvent => ({ event: 'problem', id: `note-${index}`, severity: 'warning', what: `a note with the number ${index} that has a lot to say about what it found`, where: '/dev/sda', hint: 'nothing is to be done about it, it is only told' })),
        { event: 'receipt', written: ['/run/slipway/receipt.json', '/dev/sr0: receipts/receipt-one.json', 'https://factory.example/receipts'] },
        event,
      ],
);

const start = async (finish: 'reboot' | 'poweroff', size: { readonly columns: number; readonly rows: number }): Promise<Person> => {
  const person = await startPerson({ facts: facts({ disks: [emptyDisk] }), runs: [longRun], pace: 40, layers: { flag: { finish } }, ...size });
  await toReview(person);
  await person.type(keys.enter);
  return person;
};

it.each([
  ['reboot', /Reboots in \d+ s\. Any key stops it\./, 80, 24],
  ['poweroff', /Powers off in \d+ s\. Any key stops it\./, 80, 24],
  ['reboot', /Reboots in \d+ s\. Any key stops it\./, 120, 40],
  ['reboot', /Reboots in \d+ s\. Any key stops it\./, 60, 18],
] as const)('%s: %s at %ix%i', async (finish, wanted, columns, rows) => {
  const person = await start(finish, { columns, rows });
  await person.sees(wanted);
  expect(person.lines().at(-1)).toMatch(/ DONE \S+ \S+ COUNTDOWN$/);
  expect(person.faults()).toEqual([]);
  // It goes down by the clock, however busy the machine is.
  const left = Number(/in (\d+) s\./.exec(person.text())?.[1]);
  expect(left).toBeLessThanOrEqual(10);
  await person.sees(new RegExp(`in (?:${Array.from({ length: left }, (_, second) => second).join('|')}) s\\. Any key stops it\\.`));
  await person.type('x');
  await person.sees('stopped; nothing goes on by itself now');
  expect(person.text()).not.toContain('Any key stops it.');
  expect(person.lines().at(-1)).toMatch(/ DONE$/);
  await person.leave();
});

it('also over the log', async () => {
  const person = await start('reboot', { columns: 80, rows: 24 });
  await person.sees('Lay down the system');
  await person.type('o');
  await person.sees(/Done: Log[^]*Reboots in \d+ s\. Any key stops it\./);
  await person.type('x');
  await person.sees('stopped; nothing goes on by itself now');
  await person.leave();
});
