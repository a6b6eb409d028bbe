/** Times of whole commands. This kind of machine is noisy: medians of many runs, and ratios within one run. */
import { spawnSync } from 'node:child_process';

export const median = (values: readonly number[]): number => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Wall time (ms) of one run. Throws when the command does not end with 0. */
export const timeOnce = (command: string, args: readonly string[]): number => {
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - begin) / 1e6;
};

/** Medians (ms) of several commands, run in turns so that a slow moment hits all of them. */
export const timeInTurns = (commands: readonly (readonly [string, readonly string[]])[], rounds: number): readonly number[] => {
  const times = commands.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    commands.forEach(([command, args], index) => times[index]?.push(timeOnce(command, args)));
  }
  return times.map(median);
};

/** One row of the report: what was measured, the ratio, what it should be at most. */
export const report = (what: string, ratio: number, limit: number, detail: string): void => {
  console.log(`${ratio <= limit ? 'ok  ' : 'OVER'} ${what}: ${ratio.toFixed(2)} (at most ${limit}; ${detail})`);
};
