/**
 * The console over fake effects as a program of its own, for pseudo-terminal tests without a machine.
 * Arguments: `good` or `fails`, ms between events, `--plain`, `--crash` (a bug after a second), `--disks=N` (that many empty ones),
 * `--stream=N` (an install that says that many log lines a second, without end).
 */
import { startConsole } from '../../screens/index.ts';
import type { Effects } from '../../src/app/effects.ts';
import { disk, facts, failedRun, fakeEffects, goodRun } from '../app/fake-effects.ts';

const [kind = 'good', pace = '300'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (process.argv.includes('--crash')) {
  setTimeout(() => {
    throw new Error('made to fail');
  }, 1000);
}
const numberOf = (name: string): number => Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? 0);
const disks = numberOf('disks');
const stream = numberOf('stream');

/** Ten gulps a second, as a pipe hands lines over. */
const streaming: Effects['install'] = async function* (_planned, signal) {
  yield { event: 'phase', phase: 'engine', index: 5, of: 10, step: 'Lay down the system' };
  for (let line = 0; !signal.aborted; ) {
    for (let count = 0; count < stream / 10; count++) yield { event: 'log', level: 'info', text: `line ${line++} of what the engine says about its work` };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  yield { event: 'done', exitCode: 6, ok: false, result: 'interrupted', diskTouched: true, text: 'stopped' };
};

const effects = fakeEffects({
  pace: Number(pace),
  runs: [kind === 'fails' ? failedRun : goodRun],
  ...(disks === 0 ? {} : { facts: facts({ disks: Array.from({ length: disks }, (_, index) => disk(`/dev/sd${index}`, { serial: `S${index}` })) }) }),
});
const result = await startConsole({
  effects: stream === 0 ? effects : { ...effects, install: streaming },
  layers: {},
  terminal: { stdin: process.stdin, stdout: process.stdout, plain: process.argv.includes('--plain'), color: true },
  version: '0.1.0',
  presets: [{ name: 'single-node', title: 'single node', description: 'one machine, one admin user' }],
});
for (const line of result.lastLines) process.stdout.write(`${line}\n`);
process.stdout.write(`exit ${result.exitCode} finish ${result.finish}\n`);
process.exitCode = result.exitCode;
