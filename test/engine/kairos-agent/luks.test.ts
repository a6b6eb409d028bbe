import { describe, expect, test } from 'vitest';
import { withOpenPartitions } from '../../../src/engine/kairos-agent/luks.ts';
import type { System } from '../../../src/system/port.ts';

/** A disk whose one partition is encrypted, and an agent that ends with `exitCode` and opens nothing. */
const opened = (exitCode: number): Promise<unknown> => {
  const result = { stdout: '', stderr: '', missing: false, timedOut: false, truncated: false };
  const system = {
    run: async (command: readonly string[]) => (command[0] === 'blkid' ? { ...result, exitCode: 0, stdout: 'crypto_LUKS\n' } : { ...result, exitCode }),
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
