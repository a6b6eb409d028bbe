/** What takes too long for every change: left out by `npm run test:vm`, which says so, and run by `npm run soak`. */
import { test } from 'vitest';

/** Does `npm run soak` run this? */
export const soak = process.env['SLIPWAY_SOAK'] === '1';

/** A test of `npm run soak` alone. */
export const inSoak = soak ? test : (name: string, body: () => Promise<void>, timeout?: number): void => void test.skip(`${name} (npm run soak)`, body, timeout);
