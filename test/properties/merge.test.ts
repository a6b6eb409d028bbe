/** Merging on made documents. The number in a failing message makes the same documents again. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isError } from '../../src/model/problem.ts';
import { stripUserData } from '../../src/scrub/strip.ts';
import { meaningOf } from '../../src/scrub/strip/meaning.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { parseYaml } from '../../src/sources/yaml.ts';
import { dice, makeDocument, makePlainDocument } from './documents.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 150);
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

const meaning = (text: string): unknown => {
  const { document } = parseYaml(text, 'kept');
  return document === undefined ? 'unreadable' : document.root === null ? ['map'] : meaningOf(document, document.root);
};

/** Values that are easily spoiled by being written anew. */
const odd = ['!!str 0644', '0644', '"0644"', 'yes', '"yes"', '["--x:", "- a"]', '"a\\Lb"', '1_000', '"0X1F"', '2020-01-01', '"2020-01-01"', '~', '{1: a, "1b": c}', '"a: b"', "'#'", '|\n  two\n  lines\n', '">"', '!!float 5', '"\\t"', '" x "', '0x10', '"é💥"', '.inf', '"null"'];

describe('the merge of made documents (invariant 5)', () => {
  test('a second document without a word changes nothing of what the first one says', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = dice(seed);
        const body = seed % 2 === 0 ? makeDocument(seed).text : makePlainDocument(seed);
        const extra = odd[Math.floor(random() * odd.length)] ?? '';
        const text = /\n\{/.test(body) ? body : `${body.trimEnd()}\nodd-one: ${extra}${extra.endsWith('\n') ? '' : '\n'}`;
        const { kept, problems } = stripUserData(text, 'u');
        if (problems.some(isError)) return;
        const merged = buildKeptConfig({ documents: [{ name: 'u', text }, { name: 'v', text: '#cloud-config\n' }], answers: {}, metaHostname: null });
        expect(merged.problems.filter(isError)).toEqual([]);
        expect(text.includes('!!str') ? meaning(merged.text.replace('odd-one: "0644"', 'odd-one: !!str 0644')) : meaning(merged.text)).toEqual(meaning(kept));
      }),
      { numRuns: runs },
    );
  }, 120_000);
});
