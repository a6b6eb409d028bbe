/** Gathers the problems of one document: a wrong one need not be told ten thousand times. Pure. */
import type { Node } from 'yaml';
import type { Problem, Severity, TextPosition } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';
import type { KeyPath, ParsedYaml } from './yaml-nodes.ts';
import { positionOf, startOf } from './yaml-nodes.ts';

/** Adds a problem at a key path. */
export type Report = (keyPath: KeyPath, id: string, what: string, hint: string, severity?: Severity) => void;

/** Of each severity, so that no heap of warnings hides an error. */
const mostOfOneKind = 100;

const plural: Readonly<Record<Severity, string>> = { error: 'errors', warning: 'warnings', info: 'notes' };

export interface ProblemCollector {
  /** What was told up to now. */
  readonly problems: readonly Problem[];
  readonly report: Report;
  /** The same at a value instead of its key. */
  reportAt(node: Node, ...rest: Parameters<Report>): void;
  /** Takes problems that somebody else found. */
  add(problems: readonly Problem[]): void;
  /** Everything; of what was too much, how many there are and where they begin. */
  all(): readonly Problem[];
}

/** A collector for the problems of this document. */
export const collectProblems = (document: ParsedYaml): ProblemCollector => {
  const problems: Problem[] = [];
  const told = new Map<Severity, number>();
  const left = new Map<Severity, { count: number; readonly first: () => TextPosition }>();
  const tell = (place: () => TextPosition, [, id, what, hint, severity = 'error']: Parameters<Report>): void => {
    const count = (told.get(severity) ?? 0) + 1;
    told.set(severity, count);
    if (count <= mostOfOneKind) {
      problems.push(problemAt(place(), { id, severity, what, hint }));
      return;
    }
    const more = left.get(severity) ?? { count: 0, first: place };
    more.count += 1;
    left.set(severity, more);
  };
  return {
    problems,
    report: (...said) => tell(() => positionOf(document, said[0]), said),
    reportAt: (node, ...said) => tell(() => document.at(startOf(node), said[0]), said),
    add: (found) => {
      for (const problem of found) problems.push(problem);
    },
    all: () => [
      ...problems,
      ...[...left].map(([severity, { count, first }]) =>
        problemAt(first(), { id: 'more-problems', severity, what: `${count} more ${plural[severity]} of this file are not listed; the first of them lies here`, hint: 'put right what is listed, then check the file again' }),
      ),
    ],
  };
};
