/** `npm run slipway`: the console from the source as it is now, without a word of how it was built. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, utimesSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startSession } from './pty.ts';

const bundle = 'dist/bundle/main.mjs';
const run = ['npm', 'run', '--silent', 'slipway', '--'];

it('makes the bundle anew when the source is newer, and says nothing about it', () => {
  mkdirSync('dist', { recursive: true });
  const first = execFileSync('npm', [...run.slice(1), '--version'], { encoding: 'utf8', stdio: 'pipe' });
  utimesSync(bundle, 1, 1);
  const second = execFileSync('npm', [...run.slice(1), '--version'], { encoding: 'utf8', stdio: 'pipe' });
  expect([first, second]).toEqual([first, first]);
  expect(first).toMatch(/^slipway \d+\.\d+\.\d+\n$/);
  const made = statSync(bundle).mtimeMs;
  expect(made).toBeGreaterThan(1000);
  // What is as new as its source is started as it is.
  execFileSync('npm', [...run.slice(1), '--version']);
  expect(statSync(bundle).mtimeMs).toBe(made);
}, 120_000);

it('opens the console', async () => {
  const session = startSession([...run, '--machine', 'test/machines/sata.json']);
  await session.sees(/WELCOME 1\/\d+ - ASKING/, 60_000);
  session.type('\u0003y');
  expect(await session.ended(20_000)).toBe(130);
}, 120_000);
