/** What the engine does on the live system before and while the agent runs, with a clock of the test's own. */
import { describe, expect, test } from 'vitest';
import { stallAfter, watchProgress } from '../../../src/engine/kairos-agent/byte-progress.ts';
import { checkLiveState, otherInstall, stopWebInstaller, takeLiveSystem, waitForDataSource } from '../../../src/engine/kairos-agent/live-state.ts';
import type { InstallEvent } from '../../../src/model/events.ts';
import type { System } from '../../../src/system/port.ts';

interface Fake {
  /** Text files by path; what is not there is absent. */
  readonly files?: Readonly<Record<string, string>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  readonly root?: boolean;
  /** Programs that are not installed. */
  readonly missing?: readonly string[];
  /** Told of each command before it ends. */
  readonly onRun?: (command: string, now: number, folders: Record<string, readonly string[]>) => void;
  /** Told of the time, ms, with every step of the clock. */
  readonly onTime?: (now: number, files: Record<string, string>) => void;
}

const makeSystem = ({ files = {}, folders: given = {}, root = true, missing = [], onRun, onTime }: Fake) => {
  const commands: string[] = [];
  const there: Record<string, string> = { ...files };
  const folders: Record<string, readonly string[]> = { ...given };
  let clock = 0;
  const system = {
    now: () => clock,
    isRoot: () => root,
    // A turn of the event loop, so that whoever waits beside this gets on.
    async sleep(ms: number, signal?: AbortSignal) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      clock += ms;
      onTime?.(clock, there);
    },
    readText: async (path: string) => there[path] ?? null,
    stat: async (path: string) => (there[path] === undefined ? null : { kind: 'file', size: 1, mode: 0o644 }),
    list: async (path: string) => folders[path] ?? null,
    run: async (command: readonly string[]) => {
      commands.push(command.join(' '));
      onRun?.(command.join(' '), clock, folders);
      const absent = missing.includes(command[0] ?? '');
      return { exitCode: absent ? null : 0, stdout: '', stderr: '', missing: absent, timedOut: false, truncated: false };
    },
  };
  return { system: system as unknown as System, commands, clock: () => clock, there };
};

const collect = () => {
  const events: InstallEvent[] = [];
  return { events, emit: (event: InstallEvent) => void events.push(event), texts: () => events.flatMap((event) => (event.event === 'log' ? [event.text] : [])) };
};

describe('user-data that is still being looked for', () => {
  const { signal } = new AbortController();

  test('is waited for, which is said once', async () => {
    const { system, clock } = makeSystem({
      files: { '/run/.userdata_load': '' },
      onTime: (now, files) => {
        if (now >= 10_000) delete files['/run/.userdata_load'];
      },
    });
    const { emit, texts } = collect();
    await waitForDataSource({ system, signal, emit });
    expect(clock()).toBe(10_000);
    expect(texts()).toEqual(['waiting for the live system to finish looking for user-data']);
  });

  test('is not waited for longer than the agent itself would', async () => {
    const { system, clock } = makeSystem({ files: { '/run/.userdata_load': '' } });
    const { emit, texts } = collect();
    await waitForDataSource({ system, signal, emit });
    expect(clock()).toBeGreaterThanOrEqual(300_000);
    expect(clock()).toBeLessThan(302_000);
    expect(texts().at(-1)).toContain('still there after 5 minutes');
  });

  test('does not keep an abort waiting', async () => {
    const controller = new AbortController();
    const reason = new Error('stop');
    const { system } = makeSystem({ files: { '/run/.userdata_load': '' }, onTime: (now) => void (now > 2000 && controller.abort(reason)) });
    await expect(waitForDataSource({ system, signal: controller.signal, emit: () => undefined })).rejects.toBe(reason);
  });
});

describe('the web installer, which could start a second install', () => {
  test('is stopped', async () => {
    const { system, commands } = makeSystem({});
    await stopWebInstaller(system);
    expect(commands).toEqual(['systemctl stop kairos-webui']);
  });

  test('also on a system with OpenRC', async () => {
    const { system, commands } = makeSystem({ missing: ['systemctl'] });
    await stopWebInstaller(system);
    expect(commands).toEqual(['systemctl stop kairos-webui', 'rc-service kairos-webui stop']);
  });
});

describe('the live system is taken', () => {
  const { signal } = new AbortController();
  const live: Fake = {
    folders: { '/run/cos': ['live_mode'], '/proc': ['1'] },
    files: { '/proc/cmdline': 'root=live:CDLABEL=COS_LIVE', '/proc/77/cmdline': '/usr/bin/kairos-agent\0manual-install\0/x', '/run/.userdata_load': '' },
  };

  test('the web installer is stopped before user-data is waited for', async () => {
    let stoppedAt = -1;
    const { system, commands, clock } = makeSystem({
      ...live,
      onRun: (_, now) => (stoppedAt = now),
      onTime: (now, files) => {
        if (now >= 5000) delete files['/run/.userdata_load'];
      },
    });
    await expect(takeLiveSystem({ system, signal, emit: () => undefined })).resolves.toMatchObject({ firmware: 'bios' });
    expect(commands).toEqual(['systemctl stop kairos-webui']);
    expect([stoppedAt, clock()]).toEqual([0, 5000]);
  });

  test('what it started up to its end is found, before any wait', async () => {
    const { system, clock } = makeSystem({ ...live, onRun: (_command, _now, folders) => (folders['/proc'] = ['1', '77']) });
    await expect(takeLiveSystem({ system, signal, emit: () => undefined })).rejects.toMatchObject({ problem: { id: 'agent-busy' } });
    expect(clock()).toBe(0);
  });

  test('nothing is stopped where another install runs already', async () => {
    const { system, commands } = makeSystem({ ...live, folders: { ...live.folders, '/proc': ['77'] } });
    await expect(takeLiveSystem({ system, signal, emit: () => undefined })).rejects.toMatchObject({ problem: { id: 'agent-busy' } });
    expect(commands).toEqual([]);
  });
});

describe('the agent is not started', () => {
  const live = { '/run/cos': ['live_mode'] };

  test('twice', async () => {
    const { system } = makeSystem({ folders: { ...live, '/proc': ['1', '77', 'self'] }, files: { '/proc/77/cmdline': '/usr/bin/kairos-agent\0install\0', '/proc/cmdline': 'root=live:CDLABEL=COS_LIVE' } });
    expect(await otherInstall(system)).toBe('77');
    await expect(checkLiveState(system)).rejects.toMatchObject({ problem: { id: 'agent-busy' } });
  });

  test.each<[string, Fake, string]>([
    ['without root', { root: false, folders: live }, 'not-root'],
    ['on an installed system', { folders: { '/run/cos': ['active_mode'] }, files: { '/proc/cmdline': 'root=LABEL=COS_ACTIVE' } }, 'not-live'],
    ['on an installed Trusted Boot system', { folders: { '/run/cos': ['active_mode', 'uki_boot_mode'] }, files: { '/proc/cmdline': 'rd.immucore.uki' } }, 'not-live'],
    ['in recovery', { folders: { '/run/cos': ['recovery_mode'] }, files: { '/proc/cmdline': 'recovery-mode' } }, 'not-live'],
  ])('%s', async (_, fake, id) => {
    const { system } = makeSystem({ ...fake, folders: { '/proc': [], ...fake.folders } });
    await expect(checkLiveState(system)).rejects.toMatchObject({ problem: { id } });
  });

  test('and its parent, which started this very installer, is no second install', async () => {
    const { system } = makeSystem({ folders: { ...live, '/proc': ['900'] }, files: { '/proc/900/cmdline': '/usr/bin/kairos-agent\0interactive-install\0--shell\0', '/proc/cmdline': 'install-mode-interactive' } });
    await expect(checkLiveState(system)).resolves.toMatchObject({ uki: false, firmware: 'bios' });
  });
});

describe('an agent that does nothing any more', () => {
  /** `sectors` are what the kernel has written to the disk at a time. */
  const watched = async (sectors: (now: number) => number, until: number, lineAt?: number): Promise<ReturnType<typeof collect>> => {
    const seen = collect();
    let finish = (): void => undefined;
    const reached = new Promise<void>((resolve) => (finish = resolve));
    let line = (): void => undefined;
    const { system } = makeSystem({
      files: { '/sys/block/vda/stat': `0 0 0 0 0 0 ${sectors(0)} 0 0 0 0` },
      onTime: (now, files) => {
        files['/sys/block/vda/stat'] = `0 0 0 0 0 0 ${sectors(now)} 0 0 0 0`;
        if (now === lineAt) line();
        if (now >= until) finish();
      },
    });
    const watch = watchProgress(system, 'vda', 4 * 1024 ** 2, seen.emit, () => 'writing the active system');
    line = () => watch.line();
    await reached;
    await watch.stop();
    return seen;
  };

  test('is said to be stalled, once a minute, with what it is at', async () => {
    const { texts } = await watched(() => 100, 2 * stallAfter + 5000);
    expect(texts()).toEqual([expect.stringMatching(/^stalled: .* for 60 s \(writing the active system\)$/), expect.stringMatching(/^stalled: .* for 120 s/)]);
  });

  test('is not called stalled while it writes, or speaks', async () => {
    expect((await watched((now) => now, 3 * stallAfter)).texts()).toEqual([]);
    expect((await watched(() => 0, stallAfter + 20_000, 30_000)).texts()).toEqual([]);
  });

  test('progress is in bytes of the disk, and an estimate is never whole', async () => {
    const { events } = await watched((now) => now * 100, 5000);
    const fractions = events.flatMap((event) => (event.event === 'progress' ? [event.fraction ?? -1] : []));
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBe(0.99);
    expect(events.find((event) => event.event === 'progress')).toMatchObject({ bytes: 0, total: 4 * 1024 ** 2 });
    // More than was expected is not said to be so much of less.
    expect(events.findLast((event) => event.event === 'progress')).toMatchObject({ bytes: 4500 * 100 * 512, total: null });
  });
});
