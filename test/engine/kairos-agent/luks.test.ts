import { describe, expect, test } from 'vitest';
import { withOpenPartitions } from '../../../src/engine/kairos-agent/luks.ts';
import type { RunOptions, System } from '../../../src/system/port.ts';

/** A disk whose one partition is encrypted, and an agent that ends with `exitCode` and opens nothing. */
const opened = (exitCode: number, onRun: (options: RunOptions | undefined) => void = () => undefined): Promise<unknown> => {
  const result = { stdout: '', stderr: '', missing: false, timedOut: false, truncated: false };
  const system = {
    run: async (command: readonly string[], options?: RunOptions) => {
      if (command[0] === 'blkid') return { ...result, exitCode: 0, stdout: 'crypto_LUKS\n' };
      if (command.includes('unlock-all')) onRun(options);
      return { ...result, exitCode };
    },
    stat: async () => null,
    list: async () => [],
    readText: async () => null,
    cleanup: { add: () => async () => undefined },
  } as unknown as System;
  const table = [{ number: 2, path: '/dev/vda2', name: 'persistent', start: 0, size: 1 }];
  return withOpenPartitions(system, { agent: '/usr/bin/kairos-agent', disk: 'vda', table, keptFile: '/run/kept.yaml', signal: new AbortController().signal }, async () => 'open');
};

describe('an encrypted partition that stays shut', () => {
  test.each([
    [127, 'agent-missing'],
    [126, 'agent-missing'],
    [1, 'unlock-failed'],
    [0, 'unlock-failed'],
  ])('after exit code %i of the agent is %s', async (exitCode, id) => {
    await expect(opened(exitCode)).rejects.toMatchObject({ problem: { id } });
  });
});

test('the agent that opens it is started with what keeps it from hanging where there is no journald', async () => {
  let environment: unknown;
  await expect(opened(1, (options) => (environment = options?.environment))).rejects.toMatchObject({ problem: { id: 'unlock-failed' } });
  expect(environment).toEqual({ GOGC: 'off', GOMEMLIMIT: '256MiB' });
});
