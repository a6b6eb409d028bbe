/** Strings that the pristine source holds too cannot be told from it: they are taken out of the search and counted. */
import type { System } from '../system/port.ts';
import { findInTree } from './audit.ts';
import { withoutPristine } from './patterns.ts';
import type { PatternSet } from './patterns.ts';

/** Searches the source's tree and returns the patterns that it does not hold. */
export const excludePristine = async (system: System, patterns: PatternSet, tree: string, signal: AbortSignal): Promise<PatternSet> =>
  withoutPristine(patterns, await findInTree(system, tree, patterns, signal));
