import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { judgeAgent } from '../../../src/engine/kairos-agent/outcome.ts';
import { SlipwayError } from '../../../src/model/problem.ts';
import { isRoot, startStandIn } from './stand-in.ts';
import type { StandInRun } from './stand-in.ts';

/** Runs the script to its end and judges it. */
const verdict = async (script: string, options: Parameters<typeof startStandIn>[1] = {}): Promise<{ readonly verdict: string; readonly run: StandInRun }> => {
  const run = await startStandIn(script, options);
  try {
    const { transcript, exit } = await run.end;
    const outcome = judgeAgent(transcript, exit, { knowsEvents: true, uki: false });
    return { verdict: outcome.ok ? 'ok' : outcome.id, run };
  } finally {
    await run.dispose();
  }
};

/** Processes whose command line holds the text. */
const processesWith = (text: string): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });

/** An abort ends it within a bounded time, and with it what carries the mark. */
const expectStopped = async (run: StandInRun, mark: string): Promise<void> => {
  const reason = new Error('the operator said stop');
  const begin = performance.now();
  run.abort(reason);
  await expect(run.end).rejects.toBe(reason);
  expect(performance.now() - begin).toBeLessThan(15_000);
  expect(processesWith(mark)).toEqual([]);
};

const untilThere = async (path: string): Promise<void> => {
  for (let waited = 0; !existsSync(path); waited += 20) {
    if (waited > 10_000) throw new Error(`${path} did not appear`);
    await delay(20);
  }
};

const whole = 'echo "Running stage: kairos-install.pre"; gate prepare; step partition; step before-install; gate mark; step active; step bootloader; gate hold; step recovery; step passive; step after-install; step done';

describe.skipIf(!isRoot)('a run of the agent (needs root: it makes a mount namespace)', () => {
  test('goes through its gates and steps to the end', async () => {
    const { verdict: said, run } = await verdict(whole);
    expect(said).toBe('ok');
    expect(run.trail).toEqual(['prepare', 'mark', 'hold']);
    const steps = run.events.flatMap((event) => (event.event === 'phase' ? [event.step] : []));
    expect(steps[0]).toBe('running kairos-install.pre');
    expect(steps).toContain('writing the active system');
    expect(steps.at(-1)).toBe('the agent is done');
    expect(run.events.some((event) => event.event === 'progress' && event.phase === 'engine')).toBe(true);
  });

  test.each([
    ['is killed', 'gate prepare; step partition; kill -9 $$', 'agent-killed'],
    ['is not executable', '', 'agent-missing'],
    ['goes away half-way', 'gate prepare; step partition; step active; rm "$0"; exit 1', 'agent-missing'],
    ['goes away half-way and is killed over it', 'gate prepare; step partition; rm "$0"; kill -7 $$', 'agent-missing'],
    ['goes away and comes to its end', 'gate prepare; step partition; gate mark; step active; gate hold; rm "$0"; step done', 'ok'],
    ['prints garbage and ends well', 'head -c 4096 /dev/urandom; echo; head -c 4096 /dev/zero; echo', 'agent-garbage'],
    ['prints a line of 2 MB and goes on', `head -c 2097152 /dev/zero | tr '\\0' x; echo; ${whole}`, 'ok'],
    ['prints 2 MB without an end and dies', 'head -c 2097152 /dev/zero | tr "\\0" x; exit 1', 'agent-refused'],
    ['ends well without done', 'gate prepare; step partition; step before-install; step active', 'agent-no-done'],
    ['reports an error and ends well', 'gate prepare; step partition; fail "disk on fire"', 'agent-error-exit-0'],
    ['has a hook that ends its text without a line', `${whole.replace('step done', 'printf "hook ready"; step done')}`, 'ok'],
    ['reports an error', 'gate prepare; step partition; fail "disk on fire"; exit 1', 'agent-error'],
    ['does nothing', ':', 'agent-did-nothing'],
    ['refuses', "echo \"No users found in any stage\"; exit 1", 'agent-refused'],
  ])('that %s', async (what, script, expected) => {
    const { verdict: said } = await verdict(script, what === 'is not executable' ? { command: ['/nonexistent/kairos-agent', 'manual-install'] } : {});
    expect(said).toBe(expected);
  });

  test('an agent that partitions without waiting is stopped, and the disk counts as touched', async () => {
    const run = await startStandIn('step partition; sleep 60');
    await expect(run.end).rejects.toMatchObject({ problem: { id: 'agent-gate-missed' } });
    expect(run.trail).toEqual(['write']);
    await run.dispose();
  });

  test('what a gate finds stops the agent before it writes', async () => {
    const problem = new SlipwayError({ id: 'target-changed', severity: 'error', what: 'another disk', where: '/dev/x', hint: '' });
    const run = await startStandIn(`gate prepare; step partition; : > ${'$0'}.went-on`, { handlers: { prepare: () => Promise.reject(problem) } });
    await expect(run.end).rejects.toBe(problem);
    await delay(200);
    expect(readdirSync(run.folder)).toEqual(['kairos-agent']);
    expect(run.trail).toEqual(['prepare']);
    await run.dispose();
  });

  test('an abort ends everything that it started, also what left its session, and its mounts go with it', async () => {
    const mark = `slipway-stray-${process.pid}`;
    // A daemon of its own session that minds no polite signal.
    const run = await startStandIn(
      `mkdir -p "$TMPDIR/mounted"; mount -t tmpfs tmpfs "$TMPDIR/mounted"; : > "$TMPDIR/mounted/inside"
       setsid sh -c 'trap "" TERM; while :; do sleep 1; done' ${mark} &
       gate prepare; step partition; : > "$TMPDIR/ready"; sleep 600`,
    );
    await untilThere(join(run.folder, 'ready'));
    expect(processesWith(mark)).not.toEqual([]);
    expect(existsSync(join(run.folder, 'mounted/inside'))).toBe(false);
    await expectStopped(run, mark);
    expect(processesWith(run.folder)).toEqual([]);
    await run.dispose();
  });

  // `ip netns exec`, bwrap and unshare in a stage do this: the namespace alone would not find it.
  const inItsOwn = (mark: string, output: string): string => `setsid unshare --mount sh -c 'trap "" TERM; while :; do sleep 1; done' ${mark} ${output} &`;

  test('what leaves session and namespace is ended as well, at a good end and by an abort', async () => {
    const mark = `slipway-other-namespace-${process.pid}`;
    const good = await verdict(`${inItsOwn(mark, '>/dev/null 2>&1')} ${whole}`);
    expect(good.verdict).toBe('ok');
    expect(processesWith(mark)).toEqual([]);
    expect(good.run.events).toContainEqual(expect.objectContaining({ event: 'log', level: 'warn', text: expect.stringContaining('left processes') }));

    const run = await startStandIn(`${inItsOwn(mark, '')} gate prepare; step partition; : > "$TMPDIR/ready"; sleep 600`);
    await untilThere(join(run.folder, 'ready'));
    await expectStopped(run, mark);
    await run.dispose();
  });

  test('nobody else is ended: the number of a namespace that is gone is given to the next one', async () => {
    // Long enough looked for after its end, while others make namespaces of their own.
    const others = Array.from({ length: 60 }, () => spawn('unshare', ['--mount', 'sleep', '4'], { stdio: 'ignore' }));
    const ends = others.map((child) => new Promise<string | number | null>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code))));
    const more: ReturnType<typeof spawn>[] = [];
    const run = await startStandIn(':', { unkillable: ['4999999'] });
    const spawning = setInterval(() => void more.push(spawn('unshare', ['--mount', 'sleep', '1'], { stdio: 'ignore' })), 20);
    await run.end;
    clearInterval(spawning);
    const later = more.map((child) => new Promise<string | number | null>((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', (code, signal) => resolve(signal ?? code)) : resolve(child.signalCode ?? child.exitCode))));
    expect(new Set(await Promise.all([...ends, ...later]))).toEqual(new Set([0]));
    await run.dispose();
  }, 60_000);

  test('without control groups, output that stays open is not waited for', async () => {
    const mark = `slipway-ungrouped-${process.pid}`;
    const run = await startStandIn(`${inItsOwn(mark, '')} gate prepare; step partition; : > "$TMPDIR/ready"; sleep 600`, { ungrouped: true });
    await untilThere(join(run.folder, 'ready'));
    const reason = new Error('the operator said stop');
    run.abort(reason);
    await expect(run.end).rejects.toBe(reason);
    for (const pid of processesWith(mark)) process.kill(Number(pid), 'SIGKILL');
    await run.dispose();
  });

  test('processes that do not end are told, and take nothing from what the agent said', async () => {
    const { verdict: said, run } = await verdict('gate prepare; step partition; fail "I/O error"; exit 1', { unkillable: ['4999999'] });
    expect(said).toBe('agent-error');
    expect(run.stuck).toEqual(['processes that kairos-agent started would not end: 4999999']);
    expect((await run.end).stuck).toBe(run.stuck[0]);
  }, 60_000);

  test('an abort before it begins is an abort, and it does not begin', async () => {
    const reason = new Error('too late');
    const run = await startStandIn('echo begun; sleep 60', { aborted: reason });
    await expect(run.end).rejects.toBe(reason);
    expect(run.events.filter((event) => event.event === 'log')).toEqual([]);
    await run.dispose();
  });

  test('what it leaves running after a good end is ended too', async () => {
    const mark = `slipway-left-${process.pid}`;
    const { verdict: said, run } = await verdict(`setsid sh -c 'while :; do sleep 1; done' ${mark} & ${whole}`);
    expect(said).toBe('ok');
    expect(processesWith(mark)).toEqual([]);
    expect(run.events).toContainEqual(expect.objectContaining({ event: 'log', level: 'warn', text: expect.stringContaining('left processes') }));
  });

  test('it runs in a session of its own, sees the masked kernel line and an empty log folder, and gets env by no file on the target', async () => {
    const run = await startStandIn(
      `cat /proc/cmdline; ls -A /var/log; echo "PROGRESS=$KAIROS_AGENT_PROGRESS"; echo "COLLECTS=$GOGC"; echo "MINE=$MINE"; readlink /proc/self/ns/mnt > "$TMPDIR/ns"; cut -d' ' -f6 /proc/$$/stat > "$TMPDIR/session"; echo secret > /var/log/leak; exit 1`,
      { kernelLine: 'root=live:x masked\n', environment: "export MINE='it works'\n" },
    );
    await run.end;
    const said = run.events.flatMap((event) => (event.event === 'log' ? [event.text] : []));
    expect(said).toEqual(expect.arrayContaining(['root=live:x masked', 'kairos', 'PROGRESS=1', `COLLECTS=${existsSync('/run/systemd/journal/socket') ? '' : 'off'}`, 'MINE=it works']));
    expect(readFileSync(join(run.folder, 'ns'), 'utf8').trim()).not.toBe(readlinkSync('/proc/self/ns/mnt'));
    const ours = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /, '').split(' ')[3];
    expect(readFileSync(join(run.folder, 'session'), 'utf8').trim()).not.toBe(ours);
    expect(existsSync('/var/log/leak')).toBe(false);
    await run.dispose();
  });

  test('the stage directory goes with the clean-up', async () => {
    const before = readdirSync('/dev').filter((name) => name.startsWith('slipway-'));
    const run = await startStandIn(whole);
    await run.end;
    await run.dispose();
    expect(readdirSync('/dev').filter((name) => name.startsWith('slipway-'))).toEqual(before);
  });
});
