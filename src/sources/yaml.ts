/** Reading YAML with positions kept, and what is wrong with a text as YAML: each problem with its place. */
import type { Alias, CST, Document, Node, Scalar, YAMLMap } from 'yaml';
import { Composer, Lexer, LineCounter, Parser, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Problem, Severity, TextPosition } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';
import { checkText } from './decode.ts';
import { foreignBreak } from './line-breaks.ts';
import { keyPathNear } from './key-path-near.ts';
import { wordsFor } from './yaml-errors.ts';
import { emptyIndex, startOf, keyText, isMergeKey, keyPathOf, nodePairs } from './yaml-nodes.ts';
import type { KeyPath, ParsedYaml } from './yaml-nodes.ts';

/** Levels of nesting that are read. Kairos configurations have about ten. */
const maxDepth = 100;
/** Nodes that a document may have once every alias is written out. */
const maxExpandedNodes = 500_000;
/** Problems of one kind are shown up to this many; a broken file would drown the screen. */
const maxErrors = 20;

export interface YamlResult {
  readonly document?: ParsedYaml;
  readonly problems: readonly Problem[];
}

/**
 * The tokens of a text, or the offset at which it lies too deep. Stops there: the steps after this one are recursive,
 * and the library itself becomes slow on deep documents.
 */
const readTokens = (text: string, lines: LineCounter): readonly CST.Token[] | number => {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    // Nearly none of them ends a token of the document's own level: to spread what comes would make an array for each.
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The stack holds the document, too.
    if (parser.stack.length > maxDepth + 1) return parser.offset - lexeme.length;
  }
  tokens.push(...parser.end());
  return tokens;
};

interface Check {
  readonly document: ParsedYaml;
  readonly targets: Map<Alias, Node>;
  readonly anchors: Map<string, Node>;
  /** Anchored nodes that are being walked: an alias to one of them has no end. */
  readonly open: Set<Node>;
  /** Keys and indexes from the root to what is being walked. */
  readonly path: (string | number)[];
  /** Nodes below each anchored node, itself included, aliases written out. */
  readonly sizes: Map<Node, number>;
  readonly problems: Problem[];
}

const report = (
  check: Check,
  offset: number,
  id: string,
  what: string,
  hint: string,
  severity: Severity = 'error',
): void => {
  if (check.problems.length < maxErrors) {
    check.problems.push(problemAt(check.document.at(offset, [...check.path]), { id, severity, what, hint }));
  }
};

const unquotedTemplate = { what: 'a template that begins a value without quotes is read as a map, not as text', hint: 'put the whole value into quotes: "{{ … }}"' } as const;

/** Where on the line of an error a value begins with a template: `{{ .X }}-node` is a map and something behind it. */
const templateBefore = (text: string, offset: number): number | undefined => {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const found = /^(?:[^"'#]*?(?:: +|- +|[[,{] *))\{\{/.exec(text.slice(start, Math.min(offset + 2, start + 1000)));
  return found === null ? undefined : start + found[0].length - 2;
};

/** `{{ .X }}` without quotes: YAML reads a map in a map. */
const looksLikeTemplate = (check: Check, map: YAMLMap): boolean =>
  map.flow === true && check.document.text.startsWith('{{', startOf(map));

/** `[--x:, y]` */
const endsWithoutBlank = (check: Check, key: Scalar): boolean => key.type === 'PLAIN' && /^:[,[\]{}]/.test(check.document.text.slice(key.range?.[1], (key.range?.[1] ?? 0) + 2));

/** Does something one level deeper, at this key or index. */
const below = <T>(check: Check, step: string | number, work: () => T): T => {
  check.path.push(step);
  const result = work();
  check.path.pop();
  return result;
};

const walkMap = (check: Check, map: YAMLMap): number => {
  if (looksLikeTemplate(check, map)) {
    report(check, startOf(map), 'unquoted-template', unquotedTemplate.what, unquotedTemplate.hint);
    return 1;
  }
  let size = 1;
  const seen = new Map<string, number>();
  for (const pair of nodePairs(map)) {
    const key: unknown = pair.key;
    const offset = startOf(key as Node);
    if (!isScalar(key) || typeof key.value === 'object') {
      const what = isScalar(key) || key === null ? 'a key is empty' : 'a key is not plain text';
      report(check, offset === 0 ? startOf(map) : offset, 'key-not-text', what, 'put the key into quotes');
      continue;
    }
    const text = keyText(key);
    if (endsWithoutBlank(check, key)) {
      report(check, offset, 'colon-without-blank', 'a colon right before a comma or bracket belongs to the text for Kairos, and ends a key for other readers', 'put a blank behind the colon, or the text into quotes');
      continue;
    }
    const first = seen.get(text);
    seen.set(text, offset);
    if (key.anchor !== undefined) check.anchors.set(key.anchor, key);
    size += below(check, text, () => {
      if (first !== undefined) report(check, offset, 'duplicate-key', `this key is there twice; the first is on line ${check.document.place(first).line}`, 'keep one of them: Kairos refuses such a file');
      const inner = walk(check, pair.value);
      if (isMergeKey(key)) checkMerged(check, pair.value, offset);
      return inner;
    });
  }
  return size;
};

/** What stands behind `<<`. */
const checkMerged = (check: Check, value: unknown, offset: number): void => {
  const parts: readonly unknown[] = isSeq(value) ? value.items : [value];
  if (!parts.every((part) => isMap(isAlias(part) ? check.targets.get(part) : part))) {
    report(check, offset, 'merge-not-a-map', '<< takes a map or a list of maps', 'name an anchored map: <<: *name');
  }
};

/** Walks in document order; returns how many nodes there are once aliases are written out. */
const walk = (check: Check, node: Node | null): number => {
  if (node === null) return 1;
  if (isAlias(node)) {
    const target = check.anchors.get(node.source);
    if (target === undefined) {
      report(check, startOf(node), 'unknown-anchor', 'this alias names an anchor that is not there', 'define it above with &, or put the value into quotes');
      return 1;
    }
    if (check.open.has(target)) {
      report(check, startOf(node), 'endless-alias', 'this alias lies inside of what it stands for', 'write the value out');
      return 1;
    }
    check.targets.set(node, target);
    return check.sizes.get(target) ?? 1;
  }
  const { anchor } = node as { anchor?: string };
  if (anchor !== undefined) {
    check.anchors.set(anchor, node);
    check.open.add(node);
  }
  let size = 1;
  if (isMap(node)) {
    size = walkMap(check, node as YAMLMap);
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      size += below(check, index, () => walk(check, item as Node | null));
    });
  }
  if (anchor !== undefined) {
    check.open.delete(node);
    check.sizes.set(node, size);
  }
  return size;
};

const isEmptyDocument = (document: Document): boolean =>
  document.contents === null || (isScalar(document.contents) && document.contents.source === '' && document.contents.tag === undefined);

/**
 * Reads one YAML document. With an error there is no `document`; warnings come beside one. Never throws.
 * Checked: size, encoding, control characters, nesting, duplicate keys, aliases that grow or never end,
 * templates without quotes, line breaks that Kairos reads otherwise, more than one document.
 */
export const parseYaml = (text: string, file: string): YamlResult => {
  const unreadable = checkText(text, file);
  if (unreadable.length > 0) return { problems: unreadable };

  const lines = new LineCounter();
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const at = (offset: number, keyPath: KeyPath): TextPosition => ({ file, ...place(offset), keyPath });
  const problemHere = (offset: number, id: string, what: string, hint: string): Problem =>
    problemAt(at(offset, keyPathNear(text, offset)), { id, severity: 'error', what, hint });

  const tokens = readTokens(text, lines);
  if (typeof tokens === 'number') {
    return { problems: [problemHere(tokens, 'too-deep', `more than ${maxDepth} levels of nesting`, 'is a bracket not closed?')] };
  }
  const foreign = foreignBreak(text, tokens);
  if (foreign !== undefined) {
    const code = text.charCodeAt(foreign).toString(16).padStart(4, '0').toUpperCase();
    const what = code === '000D' ? 'a carriage return without a line feed' : `the character U+${code}`;
    return { problems: [problemHere(foreign, 'foreign-line-break', `${what} stands here: Kairos takes it for the end of the line, other readers do not`, 'end lines with a line feed; in a text write it as an escape in double quotes (\\r, \\N, \\L, \\P)')] };
  }
  const composer = new Composer({ keepSourceTokens: true, prettyErrors: false, uniqueKeys: false, merge: false, logLevel: 'silent' });
  const documents = [...composer.compose(tokens, true, text.length)];
  const errors = documents.flatMap((document) => document.errors).slice(0, maxErrors);
  if (errors.length > 0) {
    const told = new Set<number>();
    return {
      problems: errors.flatMap((error) => {
        const template = templateBefore(text, Math.min(error.pos[0], text.length));
        if (template !== undefined && told.has(template)) return [];
        if (template !== undefined) told.add(template);
        if (template !== undefined) return problemHere(template, 'unquoted-template', unquotedTemplate.what, unquotedTemplate.hint);
        const { what, hint } = wordsFor(error.code);
        return problemHere(Math.min(error.pos[0], text.length), 'yaml-syntax', what, hint);
      }),
    };
  }
  const [first, ...others] = documents;
  const second = others.find((document) => !isEmptyDocument(document));
  if (second !== undefined) {
    const offset = startOf(second.contents as Node | null);
    return {
      problems: [
        problemHere(offset, 'several-documents', 'a second YAML document; Kairos reads only the first', 'put it into a file of its own, or merge the two'),
      ],
    };
  }

  const targets = new Map<Alias, Node>();
  const root = first === undefined || isEmptyDocument(first) ? null : (first.contents as Node);
  const document: ParsedYaml = { file, text, root, tokens, targets, index: emptyIndex(), place, at };
  const check: Check = { document, targets, anchors: new Map(), open: new Set(), path: [], sizes: new Map(), problems: [] };
  const size = walk(check, root);
  if (check.problems.length === 0 && size > maxExpandedNodes) {
    const [biggest] = [...check.sizes].toSorted(([, left], [, right]) => right - left);
    check.path.push(...(biggest === undefined ? [] : keyPathOf(document, biggest[0])));
    report(check, startOf(biggest?.[0] ?? root), 'alias-bomb', 'the aliases of this file grow to more than 500,000 values', 'write the values out');
  }
  return check.problems.length > 0 ? { problems: check.problems } : { document, problems: [] };
};
