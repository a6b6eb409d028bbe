import { defineConfig } from 'vitest/config';

/** Tests that start virtual machines: one after the other, in software emulation, so minutes and not seconds. */
export default defineConfig({
  test: {
    include: ['test/vm/boot.test.ts'],
    setupFiles: ['test/setup.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
