/** The pristine source as far as it is at hand: what the target's strings are told from. */
import type { SourceFacts } from '../model/facts.ts';

/**
 * Path of the source's tree or image file. The source itself, never an image made from it: what got into that on the way
 * would count as pristine. Empty for `oci:` and `docker:`, which are pulled straight to the target.
 */
export const pristinePaths = (source: Pick<SourceFacts, 'kind' | 'uri'>): readonly string[] =>
  source.kind === 'oci' || source.kind === 'docker' ? [] : [source.uri.slice(source.uri.indexOf(':') + 1)];
