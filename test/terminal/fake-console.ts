/**
 * The console over fake effects as a program of its own, for pseudo-terminal tests without a machine.
 * Arguments: `good` or `fails`, ms between events, `--plain`, `--crash` (a bug after a second).
 */
import { startConsole } from '../../screens/index.ts';
import { failedRun, fakeEffects, goodRun } from '../app/fake-effects.ts';

const [kind = 'good', pace = '300'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (process.argv.includes('--crash')) {
  setTimeout(() => {
    throw new Error('made to fail');
  }, 1000);
}
const result = await startConsole({
  effects: fakeEffects({ pace: Number(pace), runs: [kind === 'fails' ? failedRun : goodRun] }),
  layers: {},
  terminal: { stdin: process.stdin, stdout: process.stdout, plain: process.argv.includes('--plain'), color: true },
  version: '0.1.0',
  presets: [{ name: 'single-node', title: 'single node', description: 'one machine, one admin user' }],
});
for (const line of result.lastLines) process.stdout.write(`${line}\n`);
process.stdout.write(`exit ${result.exitCode} finish ${result.finish}\n`);
process.exitCode = result.exitCode;
