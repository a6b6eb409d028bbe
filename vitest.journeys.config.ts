import { defineConfig } from 'vitest/config';

/** Whole journeys in virtual machines: many minutes in software emulation. */
export default defineConfig({
  test: {
    include: ['test/vm/**/*.test.ts'],
    exclude: ['test/vm/boot.test.ts'],
    setupFiles: ['test/setup.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
