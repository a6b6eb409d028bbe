/** Which nodes: `key=value` words become a label selector. Pure. */
import type { Problem } from '../model/problem.ts';

export interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

const labelKey = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Nodes that the operator's labeler marked as Kairos ones, where nothing else is asked for. */
export const managedNodes: Selector = { matchLabels: { 'kairos.io/managed': 'true' } };

export const readSelector = (words: readonly string[]): { readonly selector: Selector; readonly problems: readonly Problem[] } => {
  if (words.length === 0) return { selector: managedNodes, problems: [] };
  const problems: Problem[] = [];
  const matchLabels: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = word.slice(0, equals);
    const value = word.slice(equals + 1);
    if (equals < 1 || !labelKey.test(key) || !labelValue.test(value)) {
      problems.push({ id: 'export-selector', severity: 'error', what: 'is no label', where: `--selector ${word}`, hint: 'write KEY=VALUE, for example kubernetes.io/hostname=node-1' });
    } else matchLabels[key] = value;
  }
  return { selector: { matchLabels }, problems };
};
