/** Plugins that fail are told in the console, and end nothing. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { performSession } from '../../src/app/console/perform-session.ts';
import { sessionEffects } from '../../src/app/console/session-effects.ts';
import type { Action } from '../../src/app/state.ts';
import type { System } from '../../src/system/port.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { fakeEffects } from './fake-effects.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-trouble-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, script] of Object.entries({ 'agent-provider-bad': 'exit 3', 'tui-check-hangs': 'sleep 60', 'tui-check-loud': 'echo hello' })) {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}
const real = createRealSystem();
const system: System = { ...real, environment: (name) => (name === 'PATH' ? folder : real.environment(name)), run: (command, options) => real.run(command, { ...options, timeout: 1500 }) };
const effects = { ...fakeEffects({}), ...sessionEffects(system) };

const actionsOf = (command: Parameters<typeof performSession>[1], until: (actions: readonly Action[]) => boolean): Promise<readonly Action[]> =>
  new Promise((resolve) => {
    const actions: Action[] = [];
    performSession(
      effects,
      command,
      (action) => {
        actions.push(action);
        if (until(actions)) resolve(actions);
      },
      new AbortController().signal,
    );
  });

test('a provider that fails', async () => {
  const actions = await actionsOf({ do: 'ask-providers' }, (all) => all.length > 0);
  expect(actions).toEqual([{ type: 'notice', text: expect.stringMatching(/agent-provider-bad .*ended with exit code 3; the install goes on/) as string }]);
});

test('checks that hang or talk nonsense: told, and the page goes on without them', async () => {
  const actions = await actionsOf({ do: 'ask-checks', config: '' }, (all) => all.some(({ type }) => type === 'checks-known'));
  const notices = actions.flatMap((action) => (action.type === 'notice' ? [action.text] : []));
  expect(notices.some((text) => /tui-check-hangs .*did not answer within/.test(text))).toBe(true);
  expect(notices.some((text) => /tui-check-loud .*did not answer with one JSON object/.test(text))).toBe(true);
  expect(actions.at(-1)).toEqual({ type: 'checks-known', result: { state: 'there', value: [] } });
});
