/** The cut on thousands of made documents. The number in a failing message makes the same document again. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { isError } from '../../src/model/problem.ts';
import { stripUserData, stripWholeUserData } from '../../src/scrub/strip.ts';
import { makeDocument, makePlainDocument } from './documents.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 400);
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

const property = (name: string, check: (seed: number) => void): void => {
  test(name, () => fc.assert(fc.property(seeds, check), { numRuns: runs }), 120_000);
};

const data = (text: string): Record<string, unknown> => (parseDocument(text, { merge: true }).toJS() ?? {}) as Record<string, unknown>;

const isSubsequence = (part: string, whole: string): boolean => {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
};

describe('the cut of made documents (invariants 3 and 5)', () => {
  property('nothing install-only is kept, everything else is', (seed) => {
    const { text, keep, gone } = makeDocument(seed);
    const { kept, problems } = stripUserData(text, 'user-data');
    expect(problems.filter(isError)).toEqual([]);
    expect(gone.filter((word) => kept.includes(word))).toEqual([]);
    expect(keep.filter((word) => !kept.includes(word))).toEqual([]);
  });

  property('everything that goes is material, nothing that stays is', (seed) => {
    const { text, keep, gone } = makeDocument(seed);
    const { items } = stripUserData(text, 'user-data');
    const all = items.map((item) => item.value).join('\n');
    expect(gone.filter((word) => !all.includes(word))).toEqual([]);
    expect(keep.filter((word) => all.includes(word))).toEqual([]);
  });

  property('what is kept is the input with parts left out, byte for byte', (seed) => {
    const { text } = makeDocument(seed);
    expect(isSubsequence(stripUserData(text, 'user-data').kept, text)).toBe(true);
  });

  property('kept keys keep their values and kinds', (seed) => {
    const { text } = makeDocument(seed);
    const before = data(text);
    const after = data(stripUserData(text, 'user-data').kept);
    for (const [key, value] of Object.entries(before)) {
      if (['install', 'stages', 'config_url', 'env', 'debug', 'strict', 'cloud-init-paths', 'slipway'].includes(key)) continue;
      expect(after[key]).toEqual(value);
    }
    expect((after['install'] as { nousers?: unknown } | undefined)?.nousers).toEqual((before['install'] as { nousers?: unknown } | undefined)?.nousers);
    expect(Object.keys(before).filter((key) => key in after).toSorted()).toEqual(Object.keys(after).toSorted());
  });

  property('a second cut changes nothing', (seed) => {
    const { kept } = stripUserData(makeDocument(seed).text, 'user-data');
    const again = stripUserData(kept, 'user-data');
    expect(again.kept).toBe(kept);
    expect(again.removed).toEqual([]);
  });

  property('the short way says in everything what the complete parser says', (seed) => {
    const text = seed % 2 === 0 ? makeDocument(seed).text : makePlainDocument(seed);
    for (const document of [text, text.replaceAll('\n', '\r\n'), text.replace(/\n$/, ''), `\uFEFF${text}`]) {
      expect(stripUserData(document, 'user-data')).toEqual(stripWholeUserData(document, 'user-data'));
    }
  });

  property('a document with nothing install-only is kept to the last byte', (seed) => {
    const { kept } = stripUserData(makeDocument(seed).text, 'user-data');
    const text = `${kept}${kept.endsWith('\n') ? '' : '\n'}# end\n`;
    expect(stripUserData(text, 'user-data').kept).toBe(text);
  });
});
