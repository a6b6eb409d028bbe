/** A slice of `npm run fuzz` with each run of the tests, another one each time. FUZZ_SEED makes one again. */
import { expect, test } from 'vitest';
import { checkTwisted, makeTwisted } from './twisted.ts';

const count = 250;
const first = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);

test(`${count} twisted documents from number ${first} on (FUZZ_SEED=${first})`, () => {
  let valid = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const made = makeTwisted(seed);
    if (made === undefined) continue;
    try {
      if (checkTwisted(made.text, seed)) valid += 1;
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} (${made.how}): ${JSON.stringify(made.text)}`, { cause: error });
    }
  }
  expect(valid).toBeGreaterThan(count / 10);
}, 120_000);
