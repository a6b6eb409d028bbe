/** Where the log of an install is when the console has gone (invariant 9). */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { keepLog } from '../../src/cli/console-log.ts';
import { startRun } from '../../src/app/reduce/run.ts';
import { initialState } from '../../src/app/state.ts';
import type { ConsoleState } from '../../src/app/state.ts';
import type { PlannedInstall } from '../../src/model/plan.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ended = (ok: boolean): ConsoleState => {
  const { state } = startRun(initialState({ version: '0', now: 1000, given: {}, presets: [], screen: 'welcome' }), { plan: {} } as PlannedInstall, true);
  if (state.run === null) throw new Error('no run');
  return { ...state, run: { ...state.run, log: [{ level: 'error', text: 'mkfs.ext4: device is full', at: 500 }], done: { event: 'done', exitCode: ok ? 0 : 6, ok, result: ok ? 'installed' : 'failed', diskTouched: true, text: 'over' } } };
};

it('is in the file that was asked for, for its owner alone', async () => {
  const path = join(folder, 'install.log');
  expect(await keepLog(createRealSystem(), path, ended(false))).toBe(`slipway: the log is in ${path}`);
  expect(readFileSync(path, 'utf8')).toBe('1970-01-01T00:00:01.500Z error mkfs.ext4: device is full\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('is not said to be where it could not be written', async () => {
  const path = join(folder, 'nowhere', 'install.log');
  expect(await keepLog(createRealSystem(), path, ended(false))).toBe(`slipway: the log could not be written to ${path}`);
});

it('is not kept of what ended well, unless that was asked for, nor of a recorded machine', async () => {
  expect(await keepLog(createRealSystem(), undefined, ended(true))).toBeNull();
  const recorded = createRecordedSystem({ slipwayRecording: 1, commands: {}, files: {}, links: {}, directories: {} });
  expect(await keepLog(recorded, join(folder, 'never.log'), ended(false))).toBe('SIMULATED slipway: the log is not kept: a recorded machine is played');
});
