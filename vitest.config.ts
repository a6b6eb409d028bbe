import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/vm/**'],
    setupFiles: ['test/setup.ts'],
    // Much of the time goes into waiting for programs in terminals: one more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
    // Two cores and a virtual machine beside: a slow machine is not a failing test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
