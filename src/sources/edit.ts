/** Small changes to a configuration's text that leave every other byte as it is. Each is checked by reading the result. */
import type { Node, Scalar, YAMLMap } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { CST } from 'yaml';
import type { MapPair } from '../scrub/strip/cut.ts';
import { applyEdits, cutContext, cutPairs, tokenOf } from '../scrub/strip/cut.ts';
import { contentEnd, contentStart } from '../scrub/strip/tokens.ts';
import { doubleQuoted, isPlainText } from './quote.ts';
import type { ParsedYaml } from './yaml-nodes.ts';
import { pairOf, startOf } from './yaml-nodes.ts';

/** A text as a YAML scalar on one line. */
export const quoteText = (text: string): string => (isPlainText(text) ? text : doubleQuoted(text));

const endOfLine = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

const isFlow = (node: { srcToken?: unknown }): boolean => (node.srcToken as CST.Token | undefined)?.type === 'flow-collection';

// lastIndexOf takes a negative position for 0.
const lineStart = (text: string, offset: number): number => (offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1);

const indent = (block: string, columns: number, newline: string): string =>
  block
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(columns) + line) + newline)
    .join('');

/** Behind the line on which `offset` lies; undefined when that line has no end. */
const afterLine = (text: string, offset: number): number | undefined => {
  if (text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end === -1 ? undefined : end + 1;
};

/** Ends in a block scalar: whatever is put behind it, its last line feed counts. */
const endsInBlockScalar = (text: string): boolean => /[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\n[^\n]*(?:\n[^\n]*)*$/.test(text);

/** Adds top-level keys, given as block-style YAML. Undefined when there is no place for them. */
export const addTopLevel = (document: ParsedYaml, block: string, flow: string): string | undefined => {
  const { text, root } = document;
  const newline = endOfLine(text);
  if (root === null) return `${text}${text === '' || text.endsWith('\n') ? '' : newline}${indent(block, 0, newline)}`;
  if (!isMap(root)) return undefined;
  const pairs = root.items as MapPair[];
  const [first] = pairs;
  const last = pairs.at(-1);
  if (isFlow(root)) {
    const open = startOf(root) + 1;
    return `${text.slice(0, open)}${flow}${first === undefined ? '' : ', '}${text.slice(open)}`;
  }
  if (first === undefined || last === undefined) return undefined;
  const start = contentStart(tokenOf(first));
  const column = start - lineStart(text, start);
  if (/\S/.test(text.slice(lineStart(text, start), start))) return undefined;
  const added = indent(block, column, newline);
  const place = afterLine(text, contentEnd(tokenOf(last)));
  if (place !== undefined) return text.slice(0, place) + added + text.slice(place);
  if (!endsInBlockScalar(text)) return `${text}${newline}${added}`;
  return text.slice(0, lineStart(text, start)) + added + text.slice(lineStart(text, start));
};

/** Puts a top-level key to a text value: in its place when it is a scalar there, else as a new key. */
export const setTopLevelText = (document: ParsedYaml, key: string, value: string): string | undefined => {
  const pair = pairOf(document, document.root, key);
  if (pair === undefined) return addTopLevel(document, `${key}: ${quoteText(value)}\n`, `${doubleQuoted(key)}: ${doubleQuoted(value)}`);
  return setScalar(document, pair.value, value);
};

/** Replaces a scalar, or an alias to one, by a text. Undefined when it is something else or has an anchor. */
export const setScalar = (document: ParsedYaml, node: Node | null, value: string): string | undefined => {
  if (node === null || isMap(node) || isSeq(node) || node.range === undefined || node.range === null) return undefined;
  if ((node as Scalar).anchor !== undefined || (node as Scalar).tag !== undefined) return undefined;
  const [start, end] = node.range;
  const blank = isScalar(node) && start === end && !/[ \t]/.test(document.text[start - 1] ?? '') ? ' ' : '';
  const newline = document.text[end - 1] === '\n' && end > start ? endOfLine(document.text) : '';
  return document.text.slice(0, start) + blank + (newline === '' ? quoteText(value) : doubleQuoted(value)) + newline + document.text.slice(end);
};

/** Takes a top-level key out with its lines and comments. Undefined when that can't be done byte-exactly. */
export const removeTopLevel = (document: ParsedYaml, key: string): string | undefined => {
  const pair = pairOf(document, document.root, key);
  if (pair === undefined) return document.text;
  const root = document.root as YAMLMap;
  const edits = cutPairs(cutContext(document), root, new Set([pair as MapPair]));
  return edits === undefined ? undefined : applyEdits(document.text, edits);
};

/** Adds an item, given as block-style YAML of a list, to a list in block style. Undefined for any other list. */
export const addToList = (document: ParsedYaml, list: Node | null, block: string): string | undefined => {
  if (!isSeq(list) || isFlow(list) || list.items.length === 0) return undefined;
  const token = (list as { srcToken?: CST.BlockSequence }).srcToken;
  if (token === undefined) return undefined;
  const { text } = document;
  const column = startOf(list as Node) - lineStart(text, startOf(list as Node));
  if (/\S/.test(text.slice(lineStart(text, startOf(list as Node)), startOf(list as Node)))) return undefined;
  const end = Math.max(...token.items.map((item) => contentEnd(item)));
  const newline = endOfLine(text);
  const place = afterLine(text, end);
  const added = indent(block, column, newline);
  if (place !== undefined) return text.slice(0, place) + added + text.slice(place);
  return endsInBlockScalar(text) ? undefined : `${text}${newline}${added}`;
};
