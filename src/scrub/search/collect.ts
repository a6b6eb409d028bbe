/** Collects what a search finds, named by key path, with a cap on repeats. */
import type { AuditHit } from '../../model/audit.ts';
import type { PatternSet } from '../patterns.ts';
import { marks } from './marks.ts';
import { inSlices } from '../slices.ts';
import { matcherInSlices } from './matcher.ts';
import type { Matcher } from './matcher.ts';

/** Of one pattern in one place, at most this many hits are listed. */
const mostHits = 20;

export interface Collector {
  readonly matcher: Matcher;
  /** Reports pattern number `pattern` at `offset` bytes from the start of `place`; `inside` names what was unpacked to get there. */
  hit(pattern: number, place: string, offset: number, inside?: string): void;
  /** Something that could not be searched, in words. */
  note(text: string): void;
  readonly hits: readonly AuditHit[];
  readonly notes: readonly string[];
  /** How many matches there were, unlisted ones included. */
  readonly count: number;
  /** The needles that were found. Secret. */
  readonly found: ReadonlySet<string>;
}

/** @throws the signal's reason when it is aborted */
export const createCollector = async (set: PatternSet, signal?: AbortSignal): Promise<Collector> => {
  const matcher = await inSlices(matcherInSlices(set.patterns.bytes, marks), signal);
  const hits: AuditHit[] = [];
  const notes = new Set<string>();
  const found = new Set<string>();
  let total = 0;
  const counts = new Map<string, number>();
  return {
    matcher,
    hits,
    found,
    get count() {
      return total;
    },
    get notes() {
      return [...notes];
    },
    hit(number, place, offset, inside) {
      const pattern = set.patterns.at(number);
      if (pattern === undefined) return;
      total += 1;
      found.add(pattern.needle);
      const key = `${number} ${place}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count > mostHits) {
        notes.add(`${place}: more than ${mostHits} hits of one pattern; the first are listed`);
        return;
      }
      hits.push({ place, offset, encoding: pattern.encoding, from: pattern.from, ...(inside === undefined ? {} : { inside }) });
    },
    note(text) {
      notes.add(text);
    },
  };
};
