import { expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';

test('a flag that is missing is a usage error, also where the command finds that out by itself', async () => {
  expect(await runCli(['audit', '/nothing-is-here'])).toBe(2);
  expect(await runCli(['audit', '/nothing-is-here', '--secrets-file', '/nothing-is-here'])).toBe(3);
});
