import { expect, test } from 'vitest';
import { agentEnvironment } from '../../../src/engine/kairos-agent/agent-environment.ts';
import type { System } from '../../../src/system/port.ts';

const systemWith = (journal: boolean): Pick<System, 'stat'> => ({
  stat: (path) => Promise.resolve(journal && path === '/run/systemd/journal/socket' ? ({} as Awaited<ReturnType<System['stat']>>) : null),
});

test('without journald the agent collects no garbage below 256 MiB; with it nothing is set that its hooks would inherit', async () => {
  expect(await agentEnvironment(systemWith(false))).toEqual({ GOGC: 'off', GOMEMLIMIT: '256MiB' });
  expect(await agentEnvironment(systemWith(true))).toEqual({});
});
