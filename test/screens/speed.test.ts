/** A great deal at once: every key is answered with what it means. How fast is measured by scripts/bench/console.ts. */
import { expect, it } from 'vitest';
import type { InstallEvent } from '../../src/model/events.ts';
import { disk, facts, goodRun } from '../app/fake-effects.ts';
import { keys, startPerson, toDisk, toReview } from './helper.ts';

it('moves through 500 disks (invariant 10)', async () => {
  const disks = Array.from({ length: 500 }, (_, index) => disk(`/dev/sd${index}`));
  const person = await startPerson({ facts: facts({ disks }) });
  await toDisk(person);
  await person.type(keys.down.repeat(120));
  await person.sees(/> +\/dev\/sd119 /);
  await person.type(keys.end);
  await person.sees(/> +\/dev\/sd499 /);
  expect(person.text()).toContain('0 below');
  await person.leave();
});

it('answers while log lines stream (invariant 10)', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index): InstallEvent => ({ event: 'log', level: 'info', text: `line ${index} of what the engine says` }));
  const person = await startPerson({ runs: [[...goodRun.slice(0, 1), ...lines, ...goodRun.slice(1)]], pace: 0 });
  await toReview(person);
  await person.type(keys.enter);
  await person.sees('Lay down the system');
  for (let turn = 0; turn < 5; turn++) {
    await person.type('?');
    await person.sees('Keys');
    expect(person.effects.installed).toHaveLength(1);
    await person.type('q');
    await person.sees('Lay down the system');
  }
  await person.leave();
});
