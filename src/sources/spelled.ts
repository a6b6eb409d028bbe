/**
 * A document's values with their spelling: merging and printing must not turn `0644` into `644` or `yes` into
 * `"yes"`, which some readers take for something else.
 */
import type { Scalar } from 'yaml';
import { isMap, isScalar, isSeq, stringify } from 'yaml';
import { doubleQuoted, isPlainText } from './quote.ts';
import type { ParsedYaml } from './yaml-nodes.ts';
import { parseYaml } from './yaml.ts';
import { entriesOf, follow, keyText, scalarData, toData, writtenPairs } from './yaml-nodes.ts';

export type Spelled =
  | { readonly kind: 'text'; readonly text: string; /** as written without quotes, when it was */ readonly plain?: string }
  | { readonly kind: 'number' | 'truth' | 'null'; readonly plain: string }
  | { readonly kind: 'list'; readonly items: readonly Spelled[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Spelled>; /** Keys that are no texts (`80:`), as written. */ readonly plainKeys?: ReadonlySet<string> };

const nothing: Spelled = { kind: 'null', plain: 'null' };

/** A map without keys. */
export const emptyMap: Spelled = { kind: 'map', entries: new Map() };

const coreTag = 'tag:yaml.org,2002:';
const tagsOfText = new Set(['!', `${coreTag}str`]);

/** `!!float 5`: the tag makes it what it is, so both are the spelling. */
const tagged = (scalar: Scalar, tag: string, source: string): string => {
  const shown = tag.startsWith(coreTag) ? `!!${tag.slice(coreTag.length)}` : `!<${tag}>`;
  return `${shown} ${scalar.type === 'PLAIN' && /^[\w.+-]+$/.test(source) ? source : doubleQuoted(source)}`;
};

/** What can stand behind a key or a dash for certain. */
const surelyInBlock = /^[\w/.+~$][\w/.+~$=@%,-]*$/;

/** Text without quotes that was fine within brackets may be something else outside of them: `--x:` is a key there. */
const standsInBlock = (plain: string): boolean => {
  if (surelyInBlock.test(plain)) return true;
  const root = parseYaml(`- ${plain}\n`, 'text').document?.root;
  const [item] = isSeq(root) && root.items.length === 1 ? root.items : [];
  return isScalar(item) && item.type === 'PLAIN' && item.source === plain;
};

/** What a scalar without quotes is; a number is read as YAML reads one. */
const plainData = (plain: string): unknown => {
  const { document } = parseYaml(`- ${plain}\n`, 'text');
  return document === undefined || !isSeq(document.root) ? plain : toData(document, document.root.items[0]);
};

/** A block of lines at the end of a text without a last line feed has none either; the library adds one. */
const asText = (document: ParsedYaml, scalar: Scalar, value: string): string => {
  const atEnd = (scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED') && scalar.range?.[1] === document.text.length;
  return atEnd && !document.text.endsWith('\n') ? value.replace(/\n$/, '') : value;
};

const spellScalar = (document: ParsedYaml, scalar: Scalar): Spelled => {
  const source = scalar.source ?? '';
  const { tag } = scalar;
  const value = typeof scalar.value === 'string' ? asText(document, scalar, scalar.value) : scalar.value;
  if (value === null) return nothing;
  const isTagged = tag !== undefined && !tagsOfText.has(tag);
  if (typeof value === 'string') {
    if (isTagged) return { kind: 'text', text: value, plain: tagged(scalar, tag, source) };
    const asWritten = tag === undefined && scalar.type === 'PLAIN' && !source.includes('\n') && source !== '' && standsInBlock(source);
    return asWritten ? { kind: 'text', text: value, plain: source } : { kind: 'text', text: value };
  }
  const kind = typeof scalarData(scalar) === 'boolean' ? 'truth' : 'number';
  return { kind, plain: isTagged ? tagged(scalar, tag, source) : source === '' ? String(value) : source };
};

/** Aliases and merge keys are written out. */
export const spell = (document: ParsedYaml, node: unknown): Spelled => {
  const target = follow(document, node);
  if (isMap(target)) {
    const plainKeys = new Set([...writtenPairs(document, target).values()].flatMap(({ key }) => (typeof key.value === 'string' ? [] : [keyText(key)])));
    const entries = new Map([...entriesOf(document, target)].map(([key, value]) => [key, spell(document, value)]));
    return plainKeys.size === 0 ? { kind: 'map', entries } : { kind: 'map', entries, plainKeys };
  }
  if (isSeq(target)) return { kind: 'list', items: target.items.map((item) => spell(document, item)) };
  return isScalar(target) ? spellScalar(document, target) : nothing;
};

export const spelledText = (text: string): Spelled => ({ kind: 'text', text });

/** For equality of scalars: what it is and what it says. Null for lists and maps, which are never the same. */
export const scalarIdentity = (value: Spelled): string | null => {
  if (value.kind === 'list' || value.kind === 'map') return null;
  return `${value.kind} ${value.kind === 'text' ? value.text : value.plain}`;
};

const sameScalar = (left: Spelled, right: Spelled): boolean => {
  const identity = scalarIdentity(left);
  return identity !== null && identity === scalarIdentity(right);
};

/** Without quotes a text may be a date or a number of another reader: then that spelling is part of what it says. */
const asRead = (text: Extract<Spelled, { kind: 'text' }>): string | undefined => (text.plain === undefined || isPlainText(text.plain) ? undefined : text.plain);

/** Whether two values say the same to every reader, keys in any order. */
export const sameMeaning = (left: Spelled, right: Spelled): boolean => {
  if (left.kind === 'map' && right.kind === 'map') {
    return left.entries.size === right.entries.size && [...left.entries].every(([key, value]) => {
      const other = right.entries.get(key);
      return other !== undefined && left.plainKeys?.has(key) === right.plainKeys?.has(key) && sameMeaning(value, other);
    });
  }
  if (left.kind === 'list' && right.kind === 'list') return left.items.length === right.items.length && left.items.every((item, index) => sameMeaning(item, right.items[index] ?? nothing));
  return sameScalar(left, right) && (left.kind !== 'text' || right.kind !== 'text' || asRead(left) === asRead(right));
};

/** As data, with the kinds that `toData` gives. */
export const dataOfSpelled = (value: Spelled): unknown => {
  switch (value.kind) {
    case 'map':
      return Object.fromEntries([...value.entries].map(([key, item]) => [key, dataOfSpelled(item)]));
    case 'list':
      return value.items.map(dataOfSpelled);
    case 'text':
      return value.plain === undefined ? value.text : plainData(value.plain);
    case 'number':
    case 'truth':
      return plainData(value.plain);
    case 'null':
      return null;
  }
};

const options = { lineWidth: 0, compat: 'yaml-1.1' as const };

/** A block of lines can hold it: nothing in it but line feeds that a reader takes for a break or refuses. */
// oxlint-disable-next-line no-control-regex
const fitsInLines = (text: string): boolean => text.includes('\n') && !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text);

/**
 * Block-style YAML of a value; ends with a line feed. Plain scalars stand as they were written. Undefined when what is printed
 * would be read as anything else than the value.
 */
export const printSpelled = (value: Spelled): string | undefined => {
  const parts: string[] = [];
  // A word that no document holds marks the place of a plain scalar until everything else is printed.
  let mark = 'SlipwayPlain';
  const taken = JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Map ? [...inner] : inner));
  while (taken.includes(mark)) mark += 'X';
  const asIs = (part: string): string => `${mark}${parts.push(part) - 1}Z`;
  const textOf = (text: string): string => (fitsInLines(text) || isPlainText(text) ? text : asIs(doubleQuoted(text)));
  const convert = (inner: Spelled): unknown => {
    switch (inner.kind) {
      case 'map':
        return new Map([...inner.entries].map(([key, item]) => [inner.plainKeys?.has(key) === true ? asIs(key) : isPlainText(key) ? key : asIs(doubleQuoted(key)), convert(item)]));
      case 'list':
        return inner.items.map(convert);
      case 'text':
        return inner.plain === undefined ? textOf(inner.text) : asIs(inner.plain);
      case 'number':
      case 'truth':
      case 'null':
        return asIs(inner.plain);
    }
  };
  const printed = stringify(convert(value), options).replaceAll(new RegExp(`${mark}(\\d+)Z`, 'g'), (_match, index: string) => parts[Number(index)] ?? '');
  const { document } = parseYaml(printed, 'merged');
  return document !== undefined && sameMeaning(spell(document, document.root), value) ? printed : undefined;
};
