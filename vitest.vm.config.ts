import { defineConfig } from 'vitest/config';
import { leftOut } from './test/vm/left-out.ts';
import { soak } from './test/vm/soak.ts';

/**
 * Tests in virtual machines, in software emulation: minutes, not seconds. Two at a time, since a machine keeps one processor busy.
 * `SLIPWAY_SOAK=1` (npm run soak) runs what is left out otherwise.
 */
export default defineConfig({
  test: {
    include: ['test/vm/**/*.test.ts'],
    exclude: soak ? [] : leftOut.map(({ file }) => `test/vm/${file}`),
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/vm/prepare.ts'],
    maxWorkers: Number(process.env['SLIPWAY_MACHINES'] ?? 2),
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
