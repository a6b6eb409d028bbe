/**
 * Expected trouble is a value. A problem says what happened, to which thing and what to do;
 * it never holds a secret, a stack trace or blame.
 */

import { shownKeyPath } from './shown-key.ts';

/** `error` stops the run, `warning` is shown and the run goes on, `info` is worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** A place in a text that somebody wrote. Lines and columns count from 1. */
export interface TextPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The keys from the root of the document, list indexes as numbers. */
  readonly keyPath: readonly (string | number)[];
}

export interface Problem {
  /** A stable kebab-case name, for scripts and tests: `target-too-small`. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: what is wrong. */
  readonly what: string;
  /** The thing it is wrong with: a device, a file with its line, a flag. */
  readonly where: string;
  /** What to do about it. */
  readonly hint: string;
  readonly position?: TextPosition;
}

/** Shows a key path as people write it: `stages.boot[0].commands`. Keys with dots are quoted, those that are no names are not repeated. */
export const formatKeyPath = (keyPath: readonly (string | number)[]): string =>
  shownKeyPath(keyPath)
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const word = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
      return index === 0 ? word : `.${word}`;
    })
    .join('');

/** Makes a problem that lies at a place in a text; `where` is filled in as `file:line:column key.path`. */
export const problemAt = (
  position: TextPosition,
  problem: Omit<Problem, 'where' | 'position'>,
): Problem => {
  const path = formatKeyPath(position.keyPath);
  const place = `${position.file}:${position.line}:${position.column}`;
  return { ...problem, where: path === '' ? place : `${place} ${path}`, position: { ...position, keyPath: shownKeyPath(position.keyPath) } };
};

/** One line for logs and plain output. */
export const formatProblem = (problem: Problem): string => {
  const head = problem.where === '' ? problem.what : `${problem.where}: ${problem.what}`;
  return problem.hint === '' ? head : `${head}; ${problem.hint}`;
};

export const isError = (problem: Problem): boolean => problem.severity === 'error';

/**
 * The one error type for trouble that could not be foreseen as a value. Thrown by `system` and
 * `engine` only, caught once by the command.
 */
export class SlipwayError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(formatProblem(problem), options);
    this.name = 'SlipwayError';
    this.problem = problem;
  }
}
