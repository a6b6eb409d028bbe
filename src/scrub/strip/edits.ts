/** From what goes to the edits of the text, and what they leave behind: moved anchors, cut comments, values kept for nobody. */
import type { Alias, Node } from 'yaml';
import type { MaterialItem } from '../../model/audit.ts';
import type { Problem } from '../../model/problem.ts';
import { collectProblems } from '../../sources/problem-collector.ts';
import type { ParsedYaml } from '../../sources/yaml-nodes.ts';
import { keyPathOf, keyPathsOf, startOf } from '../../sources/yaml-nodes.ts';
import type { CutContext, Edit, MapPair } from './cut.ts';
import { cutPairs, mergeEdits, tokenOf } from './cut.ts';
import { inline } from './inline.ts';
import { commentItem } from './material.ts';
import { lastNotAbove } from './ordered.ts';
import type { Selection } from './select.ts';
import { refuse } from './select.ts';
import { contentEnd, contentStart } from './tokens.ts';

/** Edits are sorted and do not overlap. */
const contains = (edits: readonly Edit[], offset: number): boolean => {
  const edit = edits[lastNotAbove(edits, offset, ({ start }) => start)];
  return edit !== undefined && offset < edit.end;
};

/** Kept aliases whose value is cut away: the value moves to the first of them, anchor included. */
const moveAnchors = (document: ParsedYaml, edits: readonly Edit[]): readonly Edit[] => {
  const moved = new Set<Node>();
  const found: Edit[] = [];
  const aliases: Alias[] = [...document.targets.keys()].toSorted((left, right) => startOf(left) - startOf(right));
  for (const alias of aliases) {
    const target = document.targets.get(alias);
    if (target === undefined || moved.has(target) || contains(edits, startOf(alias)) || !contains(edits, startOf(target))) continue;
    moved.add(target);
    const start = startOf(alias);
    found.push({ start, end: start + alias.source.length + 1, text: `&${alias.source} ${inline(document, target)}` });
  }
  return found;
};

/** Comments inside of what is cut are material too; each under the cut key that is nearest below or around it. */
export const cutComments = (context: CutContext, edits: readonly Edit[], taken: Selection['taken']): readonly MaterialItem[] => {
  const { document } = context;
  const owners = taken
    .map(({ keyPath, pair }) => ({ keyPath, start: pair.srcToken === undefined ? startOf(pair.key) : contentStart(tokenOf(pair)), end: pair.srcToken === undefined ? 0 : contentEnd(tokenOf(pair)) }))
    .toSorted((left, right) => left.start - right.start);
  // What comes in through an alias has no place of its own.
  const placed = owners.filter(({ start, end }) => end > start);
  return context.comments
    .filter((comment) => contains(edits, comment.offset))
    .map((comment) => {
      const around = placed[lastNotAbove(placed, comment.offset, ({ start }) => start)];
      const below = owners[lastNotAbove(owners, comment.offset, ({ start }) => start) + 1];
      const owner = around !== undefined && comment.offset < around.end ? around : (below ?? owners.at(-1));
      return commentItem(document, comment, owner?.keyPath ?? []);
    })
    .filter((item) => item.value !== '');
};

/** A value that only install-only parts use, kept because it hangs on a key of its own. */
export const keptHelpers = (document: ParsedYaml, edits: readonly Edit[]): readonly Problem[] => {
  const aliases = [...document.targets];
  const usedElsewhere = new Set(aliases.filter(([alias]) => !contains(edits, startOf(alias))).map(([, target]) => target));
  const kept = new Set<Node>();
  for (const [alias, target] of aliases) {
    if (!usedElsewhere.has(target) && contains(edits, startOf(alias)) && !contains(edits, startOf(target))) kept.add(target);
  }
  if (kept.size === 0) return [];
  const paths = keyPathsOf(document, kept);
  const found = collectProblems(document);
  for (const target of kept) {
    found.reportAt(target, paths.get(target) ?? [], 'install-only-value-kept', 'this value is used by install-only parts alone, but it stands in a kept key and is kept', 'write it where it is used', 'warning');
  }
  return found.all();
};

/** Takes the selected pairs out; the edits, or why it can't be done. */
export const editsFor = (context: CutContext, selection: Selection): readonly Edit[] | Problem => {
  const { document } = context;
  const edits: Edit[] = [...selection.replaced];
  for (const [map, gone] of selection.gone) {
    const cut = cutPairs(context, map, gone);
    if (cut === undefined) {
      // The map goes whole with its owner: then there is nothing to do here.
      if ((map.items as MapPair[]).every((pair) => gone.has(pair))) continue;
      return refuse(document, map, keyPathOf(document, map), 'this cannot be cut out byte for byte', 'write each key on a line of its own');
    }
    edits.push(...cut);
  }
  const merged = mergeEdits(edits);
  return mergeEdits([...merged, ...moveAnchors(document, merged)]);
};
