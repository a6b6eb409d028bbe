/**
 * A document's values with their spelling: merging and printing must not turn `0644` into `644` or `yes` into
 * `"yes"`, which some readers take for something else.
 */
import type { Scalar } from 'yaml';
import { isMap, isScalar, isSeq, stringify } from 'yaml';
import type { ParsedYaml } from './yaml.ts';
import { entriesOf, follow, scalarData } from './yaml.ts';

export type Spelled =
  | { readonly kind: 'text'; readonly text: string; /** as written without quotes, when it was */ readonly plain?: string }
  | { readonly kind: 'number' | 'truth' | 'null'; readonly plain: string }
  | { readonly kind: 'list'; readonly items: readonly Spelled[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Spelled> };

const nothing: Spelled = { kind: 'null', plain: 'null' };

const spellScalar = (scalar: Scalar): Spelled => {
  const source = scalar.source ?? '';
  const { value } = scalar;
  if (typeof value === 'string') {
    const plain = scalar.type === 'PLAIN' && !source.includes('\n') && source !== '' ? { plain: source } : {};
    return { kind: 'text', text: value, ...plain };
  }
  if (value === null) return nothing;
  return { kind: typeof scalarData(scalar) === 'boolean' ? 'truth' : 'number', plain: source === '' ? String(value) : source };
};

/** Aliases and merge keys are written out. */
export const spell = (document: ParsedYaml, node: unknown): Spelled => {
  const target = follow(document, node);
  if (isMap(target)) {
    return { kind: 'map', entries: new Map([...entriesOf(document, target)].map(([key, value]) => [key, spell(document, value)])) };
  }
  if (isSeq(target)) return { kind: 'list', items: target.items.map((item) => spell(document, item)) };
  return isScalar(target) ? spellScalar(target) : nothing;
};

export const spelledText = (text: string): Spelled => ({ kind: 'text', text });

/** For equality of scalars: what it is and what it says. */
export const sameScalar = (left: Spelled, right: Spelled): boolean => {
  if (left.kind === 'text' && right.kind === 'text') return left.text === right.text;
  if ('plain' in left && 'plain' in right) return left.kind === right.kind && left.plain === right.plain;
  return false;
};

const options = { lineWidth: 0, compat: 'yaml-1.1' as const };

/** Block-style YAML of a value; ends with a line feed. Plain scalars stand as they were written. */
export const printSpelled = (value: Spelled): string => {
  const plains: string[] = [];
  // A word that no document holds marks the place of a plain scalar until everything else is printed.
  let mark = 'SlipwayPlain';
  const taken = JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Map ? [...inner] : inner));
  while (taken.includes(mark)) mark += 'X';
  const plainOf = (plain: string): string => `${mark}${plains.push(plain) - 1}Z`;
  const convert = (inner: Spelled): unknown => {
    switch (inner.kind) {
      case 'map':
        return new Map([...inner.entries].map(([key, item]) => [key, convert(item)]));
      case 'list':
        return inner.items.map(convert);
      case 'text':
        return inner.plain === undefined ? inner.text : plainOf(inner.plain);
      case 'number':
      case 'truth':
      case 'null':
        return plainOf(inner.plain);
    }
  };
  return stringify(convert(value), options).replaceAll(new RegExp(`${mark}(\\d+)Z`, 'g'), (_match, index: string) => plains[Number(index)] ?? '');
};
