/**
 * `npm run fuzz`: broken, twisted and random documents through everything that reads one. Fails on a crash, a document that
 * takes over five seconds, install-only words in what is kept, or a second cut that differs. FUZZ_COUNT, FUZZ_SEED.
 */
import { performance } from 'node:perf_hooks';
import { checkTwisted, makeTwisted } from '../test/properties/twisted.ts';

const count = Number(process.env['FUZZ_COUNT'] ?? 100_000);
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
/** ms */
const longest = 5000;

let slowest = 0;
let accepted = 0;
const started = performance.now();

for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
  const made = makeTwisted(seed);
  if (made === undefined) continue;
  const { text, how } = made;
  const began = performance.now();
  try {
    if (checkTwisted(text, seed)) accepted += 1;
  } catch (error) {
    console.error(`seed ${seed} (${how}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${JSON.stringify(text)}`);
    process.exit(1);
  }
  const took = performance.now() - began;
  if (took > longest) {
    console.error(`seed ${seed} (${how}) took ${Math.round(took)} ms\n${JSON.stringify(text.slice(0, 2000))}`);
    process.exit(1);
  }
  slowest = Math.max(slowest, took);
  if (process.stdout.isTTY && seed % 1000 === 0) process.stdout.write(`\r${seed}`);
}
const seconds = (performance.now() - started) / 1000;
console.log(`${count} documents, ${accepted} of them valid, no crash; slowest ${Math.round(slowest)} ms, ${Math.round(count / seconds)} a second`);
