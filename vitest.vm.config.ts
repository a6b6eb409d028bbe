import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';
import { leftOut } from './test/vm/left-out.ts';
import { soak } from './test/vm/soak.ts';

/** What takes longest begins first, so that no processor waits for it at the end. */
const longest = ['journey-console', 'power-cut', 'journey-flags', 'journey-factory', 'recovery-node', 'agent-factory', 'recovery-live', 'recovery', 'iso'];

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(basename(moduleId, '.test.ts'));
      return at === -1 ? longest.length : at;
    };
    return Promise.resolve(files.toSorted((left, right) => place(left) - place(right)));
  }
}

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
    sequence: { sequencer: LongestFirst },
    maxWorkers: Number(process.env['SLIPWAY_MACHINES'] ?? 2),
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
