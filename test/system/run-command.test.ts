/** Commands run to their end: limits, what is left of them, and what reaches them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { runToEnd } from '../../src/system/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shell = (script: string, options: Parameters<typeof runToEnd>[1] = {}) => runToEnd(['/bin/sh', '-c', script], options);
const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a command run to its end', () => {
  test('gives both streams and the exit code', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 3, missing: false, timedOut: false, truncated: false });
  });

  test('that is not installed is missing; one that cannot be executed has no exit code', async () => {
    expect(await runToEnd(['no-such-program-here'])).toMatchObject({ missing: true, exitCode: null });
    expect(await runToEnd(['/etc/passwd'])).toMatchObject({ missing: false, exitCode: null });
  });

  test('is given its input, and nothing else', async () => {
    expect((await runToEnd(['cat'], { input: 'a\nb' })).stdout).toBe('a\nb');
    expect((await runToEnd(['cat'])).stdout).toBe('');
    expect((await runToEnd(['true'], { input: 'x'.repeat(1 << 20) })).exitCode).toBe(0);
  });

  test('gets a short fixed environment (invariant 6)', async () => {
    process.env['SLIPWAY_TEST_SECRET'] = 'zebra-4711';
    const { stdout } = await runToEnd(['env'], { environment: { ONE: '1' } });
    delete process.env['SLIPWAY_TEST_SECRET'];
    expect(stdout.split('\n').map((line) => line.split('=')[0]).filter((name) => name !== '').toSorted()).toEqual(['HOME', 'LANG', 'LC_ALL', 'ONE', 'PATH']);
  });

  test('that hangs is ended with everything it started', async () => {
    const begin = performance.now();
    const result = await shell('sleep 300 & echo $!; wait', { timeout: 200 });
    expect(result).toMatchObject({ timedOut: true, exitCode: null });
    expect(performance.now() - begin).toBeLessThan(3000);
    await delay(50);
    expect(isAlive(result.stdout.trim())).toBe(false);
  });

  test('that will not end is ended all the same', async () => {
    const result = await shell('trap "" TERM; echo $$; while :; do sleep 0.1; done', { timeout: 200 });
    expect(result.timedOut).toBe(true);
    await delay(50);
    expect(isAlive(result.stdout.trim())).toBe(false);
  });

  test('that prints without end is cut', async () => {
    const result = await runToEnd(['yes'], { maxBytes: 1000 });
    expect(result.truncated).toBe(true);
    expect(result.stdout).toHaveLength(1000);
  });

  test('ends on abort, also before it began', async () => {
    const stop = new AbortController();
    const running = shell('sleep 300', { signal: stop.signal });
    stop.abort();
    expect(await running).toMatchObject({ exitCode: null, timedOut: false });
    expect(await shell('echo no', { signal: stop.signal })).toMatchObject({ stdout: '', exitCode: null });
  });
});

test('execa is loaded by who needs it, never at the start', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  expect(files.filter((name) => /^import (?!type).*from 'execa'/m.test(readFileSync(join('src', name), 'utf8')))).toEqual([]);
});
