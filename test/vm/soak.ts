/** What takes too long for every change: left out by `npm run test:vm`, which says so, and run by `npm run soak`. */
import { test } from 'vitest';

/** Does `npm run soak` run this? */
export const soak = process.env['SLIPWAY_SOAK'] === '1';

/** A test of `npm run soak` alone; its name says so. */
export const inSoak = test.runIf(soak);
