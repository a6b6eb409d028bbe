/**
 * Strings that the pristine source holds too cannot be told from it on the target: they are taken out of the search and
 * counted. The source is searched as the target is, with the same patterns: an image file raw (blocks that were not
 * worth compressing stand there in clear) and unpacked, a tree file by file.
 */
import { outsideTheSystem } from '../model/source-tree.ts';
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { createCollector } from './search/collect.ts';
import { walkTree } from './search/tree.ts';
import { withoutPristine } from './patterns.ts';
import type { PatternSet } from './patterns.ts';

export interface PristineOptions {
  /** bytes of the source that were read so far; also called while something is unpacked */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Which needles a pristine source contains, in any form. `path` is a root tree, or an image file of it: squashfs, tar,
 * a file system, packed or not. Of a tree, what is no part of a system (`/proc`, `/run`, …) does not count: on a live
 * system the material itself may lie there.
 * @throws SlipwayError when there is nothing at `path`; the signal's reason when it is aborted
 */
export const findInPristine = async (system: System, path: string, patterns: PatternSet, options: PristineOptions = {}): Promise<ReadonlySet<string>> => {
  const real = await system.realPath(path);
  if (real === null) throw new SlipwayError({ id: 'pristine-missing', severity: 'error', what: 'the pristine source is not there', where: path, hint: 'name the tree or the image file that was installed' });
  const collector = await createCollector(patterns, options.signal);
  await walkTree(system, real, collector, { ...options, skip: new Set(outsideTheSystem) });
  return new Set(collector.found);
};

/** First lines of scripts that every system image with a shell holds. */
const inEveryImage: ReadonlySet<string> = new Set(['#!/bin/sh', '#!/bin/bash', '#!/usr/bin/env bash']);

/**
 * Returns the patterns that none of the sources holds, the others counted as not searchable. Where no source is at hand
 * (kairos-agent pulls `oci:` images itself, straight to the target), what every image is known to hold counts for it.
 * @throws as {@link findInPristine}
 */
export const excludePristine = async (system: System, patterns: PatternSet, sources: readonly string[], options: PristineOptions = {}): Promise<PatternSet> => {
  let left = sources.length === 0 ? withoutPristine(patterns, inEveryImage) : patterns;
  for (const path of sources) {
    if (left.patterns.length > 0) left = withoutPristine(left, await findInPristine(system, path, left, options));
  }
  return left;
};
