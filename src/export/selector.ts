/** Which nodes: `key=value` words become a label selector. Pure. */
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import { isSubdomain } from './values.ts';

export interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

/** One label and whether the nodes have it or not, beside what a selection asks for already. */
export interface NarrowedSelector {
  matchLabels: Record<string, string>;
  matchExpressions: { key: string; operator: 'In' | 'NotIn'; values: string[] }[];
}

const labelName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

const isLabelKey = (key: string): boolean => {
  const slash = key.indexOf('/');
  return slash === -1 ? labelName.test(key) : isSubdomain(key.slice(0, slash)) && labelName.test(key.slice(slash + 1));
};

/** Nodes that the operator's labeler marked as Kairos ones, where nothing else is asked for. */
export const managedNodes: Selector = { matchLabels: { 'kairos.io/managed': 'true' } };

/** The words of `flag` as one selector: a node has all of these labels. No words: all nodes that are managed. */
export const readSelector = (words: readonly string[], flag = '--selector'): { readonly selector: Selector; readonly problems: readonly Problem[] } => {
  if (words.length === 0) return { selector: managedNodes, problems: [] };
  const problems: Problem[] = [];
  const labels = new Map<string, string>();
  const wrong = (what: string, word: string, hint: string): void => void problems.push({ id: 'export-selector', severity: 'error', what, where: `${flag} ${cleanText(word)}`, hint });
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = word.slice(0, equals);
    const value = word.slice(equals + 1);
    const before = labels.get(key);
    if (equals < 1 || !isLabelKey(key) || !labelValue.test(value)) wrong('is no label', word, 'write KEY=VALUE, for example kubernetes.io/hostname=node-1');
    else if (before !== undefined && before !== value) wrong(`a node cannot have it and ${key}=${before}`, word, 'all labels that are given must be on a node: give the nodes one in common (kubectl label node NAME KEY=VALUE)');
    else labels.set(key, value);
  }
  return { selector: { matchLabels: Object.fromEntries(labels) }, problems };
};

/** As `kubectl -l` takes it. */
export const selectorText = ({ matchLabels }: Selector): string => Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`).join(',');

/** Why a canary of one label cannot be a part of the selection; empty when it can. */
export const checkCanary = (selection: Selector, canary: Selector): readonly Problem[] =>
  Object.entries(canary.matchLabels).flatMap(([key, value]) => {
    const selected = selection.matchLabels[key];
    if (selected === undefined) return [];
    const what = selected === value ? `every node that is selected has ${key}=${selected}: nothing is left for after the canary` : `no node that is selected has it: they have ${key}=${selected}`;
    return [{ id: 'export-selector', severity: 'error' as const, what, where: `--canary ${key}=${value}`, hint: `choose a label that some of the selected nodes have and others have not (${selectorText(selection)} is selected)` }];
  });

/** The selected nodes that have the canary's label (`In`), or those that have it not (`NotIn`). Never a node outside the selection. */
export const narrow = (selection: Selector, canary: Selector, operator: 'In' | 'NotIn'): NarrowedSelector => ({
  matchLabels: { ...selection.matchLabels },
  matchExpressions: Object.entries(canary.matchLabels).map(([key, value]) => ({ key, operator, values: [value] })),
});
