/** Rows shared out among the parts of a screen. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutTo, shareRows } from '../../src/ui/rows.ts';

it('gives every part its least before any gets more', () => {
  expect(shareRows(10, [[1, 1], [2, 6], [3, 9]])).toEqual([1, 6, 3]);
  expect(shareRows(5, [[1, 1], [2, 6], [3, 9]])).toEqual([1, 2, 2]);
  expect(shareRows(0, [[1, 1], [2, 6]])).toEqual([0, 0]);
  expect(shareRows(9, [[3, 1], [0, 4]])).toEqual([1, 4]);
});

it('never gives more rows than there are', () => {
  const wish = fc.tuple(fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(fc.integer({ min: -3, max: 60 }), fc.array(wish, { maxLength: 8 }), (rows, wishes) => {
      const shares = shareRows(rows, wishes);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(Math.max(0, rows));
      for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(wishes[index]?.[1] ?? 0);
    }),
  );
});

it('leaves a row for the sign where something is cut', () => {
  expect(cutTo(['a', 'b'], 2)).toEqual({ shown: ['a', 'b'], hidden: 0 });
  expect(cutTo(['a', 'b', 'c'], 2)).toEqual({ shown: ['a'], hidden: 2 });
  expect(cutTo(['a', 'b'], 0)).toEqual({ shown: [], hidden: 2 });
});
