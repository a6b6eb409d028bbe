import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { installCommand } from '../../src/cli/install.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { openRecordedMachine } from '../../src/system/recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-scripted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const install = async (engine: unknown, signal = new AbortController().signal): Promise<{ readonly code: number; readonly lines: readonly Record<string, unknown>[] }> => {
  const recording: unknown = { ...(JSON.parse(readFileSync('test/machines/nvme.json', 'utf8')) as object), ...(engine === undefined ? {} : { engine }) };
  const file = join(folder, 'machine.json');
  writeFileSync(file, JSON.stringify(recording));
  const printed: string[] = [];
  const output = { print: (text: string) => void printed.push(text), error: (text: string) => void printed.push(text), isLost: false, isTerminal: false, columns: 80 };
  const parsed = parseCommandLine(['install', '--unattended', '--json', '--config', 'preset:minimal', '--user', 'kairos', '--device', 'smallest', '--allow-data-loss']);
  const code = await installCommand(parsed, await openRecordedMachine(createRealSystem(), file), output, signal);
  return { code, lines: printed.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

test('the run that a recording brings along is played, marked as simulated', async () => {
  const { code, lines } = await install([
    { event: 'phase', phase: 'engine', step: 'laying it down' },
    { after: 10, event: 'progress', phase: 'engine', fraction: 0.5, bytes: 5, total: 10 },
    { event: 'log', text: 'with \u001b[31mescapes' },
    { event: 'scrub', removed: ['COS_OEM/90_custom.yaml'] },
    { event: 'audit', bytesRead: 4096, patterns: 3 },
    { event: 'done', exitCode: 0, result: 'installed', diskTouched: true, text: 'installed' },
  ]);
  expect(code).toBe(0);
  const events = lines.map(({ event }) => event);
  expect(events.slice(events.indexOf('progress') - 1)).toEqual(['phase', 'progress', 'log', 'scrub', 'audit', 'done']);
  expect(lines.filter(({ simulated }) => simulated !== true)).toEqual([]);
  expect(lines.find(({ event }) => event === 'log')).toMatchObject({ text: 'with escapes' });
  expect(lines.at(-1)).toMatchObject({ ok: true, exitCode: 0, diskTouched: true });
});

test('a failing run ends with its own code', async () => {
  const { code, lines } = await install([
    { event: 'problem', id: 'disk-write', severity: 'error', what: 'input/output error', where: '/dev/nvme0n1', hint: 'replace the disk' },
    { event: 'done', exitCode: 6, result: 'failed', diskTouched: true, text: 'failed' },
  ]);
  expect(code).toBe(6);
  expect(lines.at(-1)).toMatchObject({ ok: false, exitCode: 6 });
});

test.each([
  ['no run', undefined, 'no install run along', 'engine'],
  ['no end', [{ event: 'log', text: 'x' }], 'one "done"', 'engine'],
  ['not a list', { event: 'done' }, 'array', 'engine'],
  ['an unknown exit code', [{ event: 'done', exitCode: 99, result: 'x', text: 'x' }], 'Invalid', 'engine.0.exitCode'],
  ['a wrong phase', [{ event: 'phase', phase: 'dinner' }, { event: 'done', exitCode: 0, result: 'x', text: 'x' }], 'Invalid', 'engine.0.phase'],
])('%s is said with its place, and nothing is installed', async (_, engine, what, where) => {
  const { code, lines } = await install(engine);
  expect(code).toBe(5);
  const problem = lines.find(({ event, severity }) => event === 'problem' && severity === 'error');
  expect(problem).toMatchObject({ where });
  expect(String(problem?.['what'])).toContain(what);
  expect(lines.at(-1)).toMatchObject({ event: 'done', ok: false, diskTouched: false });
});

test('a played run can be stopped', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1500);
  const { code } = await install([{ after: 600_000, event: 'done', exitCode: 0, result: 'installed', text: 'installed' }], controller.signal);
  expect(code).toBe(130);
});
