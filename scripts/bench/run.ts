/** `npm run bench`: every benchmark, one after the other; each prints ratios against something measured in the same run. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const helpers = ['run.ts', 'timing.ts', 'empty-executable.ts', 'packed-target.ts'];
for (const name of readdirSync('scripts/bench').filter((file) => file.endsWith('.ts') && !helpers.includes(file))) {
  console.log(`# ${name}`);
  const { status } = spawnSync('node', [`scripts/bench/${name}`], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
