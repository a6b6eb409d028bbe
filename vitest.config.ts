import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/vm/**'],
    setupFiles: ['test/setup.ts'],
    // Two cores and a virtual machine beside: a slow machine is not a failing test.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
