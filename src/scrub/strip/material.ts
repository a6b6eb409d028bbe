/** What is to be searched for: every value, every key that is no fixed word, every comment of what was cut. */
import type { Node, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { MaterialItem } from '../../model/audit.ts';
import { fixedVocabulary } from '../../sources/vocabulary.ts';
import type { KeyPath, ParsedYaml } from '../../sources/yaml-nodes.ts';
import { follow, isMergeKey, keyText, nodePairs } from '../../sources/yaml-nodes.ts';
import { isSearchedInstallKey } from './install-only.ts';
import { decodedBinary, decodedContent } from './decoded.ts';
import type { Decoded } from './decoded.ts';
import type { Comment } from './tokens.ts';

/** A scalar's lines as they stand in the file, where that is not its value: folded, escaped or doubled quotes. */
const rawForm = (document: ParsedYaml, scalar: Scalar): string | undefined => {
  if (scalar.range === null || scalar.range === undefined) return undefined;
  const raw = document.text.slice(scalar.range[0], scalar.range[1]);
  // On one line and without escapes it stands as it is.
  if (!/[\n'"\\]/.test(raw)) return undefined;
  const lines = raw.split(/\r?\n/).map((line) => line.trim());
  if (scalar.type === 'BLOCK_FOLDED') return lines.slice(1).join('\n').trim();
  if (scalar.type === 'QUOTE_DOUBLE' && /[\\\n]/.test(raw)) return lines.join('\n').slice(1, -1);
  if (scalar.type === 'QUOTE_SINGLE' && /''|\n/.test(raw.slice(1, -1))) return lines.join('\n').slice(1, -1);
  if (scalar.type === 'PLAIN' && raw.includes('\n')) return lines.join('\n');
  return undefined;
};

/** Collects the material under a node. Aliases count with what they stand for: the value is used there. */
export const collectMaterial = (
  document: ParsedYaml,
  node: unknown,
  keyPath: KeyPath,
  searched: boolean,
  items: MaterialItem[],
): void => {
  const add = (value: string): void => {
    if (value !== '') items.push({ file: document.file, keyPath, value, searched });
  };
  // The step writes this, not what stands in the configuration.
  const addDecoded = (path: KeyPath, { text, unreadable }: Decoded): void => {
    if (text !== '' || unreadable !== undefined) items.push({ file: document.file, keyPath: path, value: text, searched, ...(unreadable === undefined ? {} : { unreadable }) });
  };
  if (isAlias(node)) {
    collectMaterial(document, document.targets.get(node) ?? null, keyPath, searched, items);
  } else if (isMap(node)) {
    for (const pair of node.items) {
      const key = keyText(pair.key);
      const path = [...keyPath, key];
      if (!fixedVocabulary.has(key) && key !== '' && key !== '<<') items.push({ file: document.file, keyPath: path, value: key, searched });
      collectMaterial(document, pair.value as Node | null, path, searched, items);
    }
    const decoded = decodedContent(node);
    if (decoded !== null) addDecoded([...keyPath, 'content'], decoded);
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) collectMaterial(document, item, [...keyPath, index], searched, items);
  } else if (isScalar(node)) {
    const { value } = node;
    const text = typeof value === 'string' ? value : value === null ? '' : (node.source ?? String(value));
    add(text);
    const raw = rawForm(document, node);
    if (raw !== undefined && raw !== text) add(raw);
    const decoded = decodedBinary(node);
    if (decoded !== null) addDecoded(keyPath, decoded);
  }
};

/** Material of a key that goes, its name included where that is no fixed word. */
export const collectPair = (document: ParsedYaml, pair: { readonly key: unknown; readonly value: Node | null }, keyPath: KeyPath, searched: boolean, items: MaterialItem[]): void => {
  const name = String(keyPath.at(-1) ?? '');
  if (keyPath.length > 1 && typeof keyPath.at(-1) === 'string' && name !== '' && name !== '<<' && !fixedVocabulary.has(name)) items.push({ file: document.file, keyPath, value: name, searched });
  collectMaterial(document, pair.value, keyPath, searched, items);
};

/**
 * Material of an `install:` map, as it is written: also what a merge key brings and something else hides. Whether a value is searched for
 * depends on its key.
 */
export const collectInstall = (document: ParsedYaml, node: unknown, items: MaterialItem[]): void => {
  const target = follow(document, node);
  if (isSeq(target)) for (const item of target.items) collectInstall(document, item, items);
  if (!isMap(target)) {
    if (!isSeq(target)) collectMaterial(document, target, ['install'], true, items);
    return;
  }
  for (const pair of nodePairs(target as YAMLMap)) {
    const key = keyText(pair.key);
    if (isMergeKey(pair.key)) collectInstall(document, pair.value, items);
    else collectPair(document, pair, ['install', key], isSearchedInstallKey(key), items);
  }
};

/** Material of a comment: its text without the `#`. */
export const commentItem = (document: ParsedYaml, comment: Comment, keyPath: KeyPath): MaterialItem => ({
  file: document.file,
  keyPath,
  value: comment.source.replace(/^#+\s*/, '').trimEnd(),
  searched: true,
});
