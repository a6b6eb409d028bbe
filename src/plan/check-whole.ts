/** What is missing in the configuration as a whole, or contradicts itself, once all documents and answers are merged. Pure. */
import type { Node } from 'yaml';
import { isSeq } from 'yaml';
import type { ReadDocument } from '../model/config-sources.ts';
import type { Problem, TextPosition } from '../model/problem.ts';
import { formatKeyPath, problemAt } from '../model/problem.ts';
import type { Answers } from '../model/settings.ts';
import { checkWholeTraps, placeholder } from '../sources/traps.ts';
import type { KeyPath, ParsedYaml } from '../sources/yaml-nodes.ts';
import { parseYaml } from '../sources/yaml.ts';
import { follow, positionOf, writtenPairs } from '../sources/yaml-nodes.ts';

type Data = Readonly<Record<string, unknown>>;

const valueAt = (data: unknown, keyPath: KeyPath): unknown => {
  let value = data;
  for (const key of keyPath) value = typeof value === 'object' && value !== null ? (value as Data)[key] : undefined;
  return value;
};

const holdsPlaceholder = (value: unknown): boolean =>
  typeof value === 'string' ? value.includes(placeholder) : typeof value === 'object' && value !== null && Object.values(value).some(holdsPlaceholder);

/**
 * A document leaves a value open, and an answer or a later document gives it. Of a list's items nobody can tell after a merge which is
 * which: there nothing may be open any more.
 */
export const isFilledIn = ({ id, position }: Problem, whole: Data): boolean => {
  if (id !== 'placeholder' || position === undefined) return false;
  const list = position.keyPath.findIndex((key) => typeof key === 'number');
  const value = valueAt(whole, list === -1 ? position.keyPath : position.keyPath.slice(0, list));
  return value !== undefined && !holdsPlaceholder(value);
};

/** How much of a path a document has, in keys. */
const depthIn = (document: ParsedYaml, keyPath: KeyPath): number => {
  let node: Node | null = document.root;
  for (const [depth, key] of keyPath.entries()) {
    const items: readonly unknown[] = isSeq(node) ? node.items : [];
    const next: unknown = typeof key === 'number' ? items[key] : writtenPairs(document, node).get(key)?.value;
    if (next === undefined) return depth;
    node = follow(document, next);
  }
  return keyPath.length;
};

/**
 * The place of a key path in the documents, as problems name it; null when none has it. `file`: in this document. `exact`: all of the
 * path, or nothing.
 */
export type FindPosition = (keyPath: KeyPath, options?: { readonly file?: string; readonly exact?: boolean }) => TextPosition | null;

/** Where there are no documents. */
export const findNothing: FindPosition = () => null;

/** Finds the document that a value came from: the last one that has it, else the last one that has most of its path. */
export const createFinder = (documents: readonly ReadDocument[]): FindPosition => {
  // Read once there is something to say: that is seldom, and reading takes a while.
  let parsed: readonly ParsedYaml[] | undefined;
  return (keyPath, { file, exact = false } = {}) => {
    parsed ??= documents.filter(({ answers }) => answers !== true).flatMap(({ name, text }) => parseYaml(text, name).document ?? []);
    let best: { readonly document: ParsedYaml; readonly depth: number } | null = null;
    for (const document of parsed) {
      const depth = file === undefined || document.file === file ? depthIn(document, keyPath) : 0;
      // Installer-data stands behind user-data, later documents behind earlier ones.
      if (depth > 0 && depth >= (best?.depth ?? 0)) best = { document, depth };
    }
    return best === null || (exact && best.depth < keyPath.length) ? null : positionOf(best.document, keyPath);
  };
};

/** A problem at a key path: where it was written, else the path itself. */
export const problemIn = (find: FindPosition, keyPath: KeyPath, problem: Omit<Problem, 'where' | 'position'>): Problem => {
  const position = find(keyPath);
  return position === null ? { ...problem, where: formatKeyPath(keyPath) } : problemAt(position, problem);
};

/** Checks everything that was merged, each problem at the place that its value came from. */
export const checkWhole = (find: FindPosition, whole: Data, answers: Answers): readonly Problem[] => {
  const problems: Problem[] = [];
  // Said above both documents, it decides.
  const finishIsAnswered = answers.finish !== undefined && ['console', 'flag', 'kernel-line'].includes(answers.finish.origin);
  checkWholeTraps(whole, (keyPath, id, what, hint, severity = 'error') => {
    if (id === 'reboot-and-poweroff' && finishIsAnswered) return;
    problems.push(problemIn(find, keyPath, { id, severity, what, hint }));
  });
  return problems;
};
