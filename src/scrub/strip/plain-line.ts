/**
 * The plain part of YAML, one line at a time: what most configurations are made of, and what can be read a hundred times
 * faster than by a complete parser. Whatever is not certain here is not plain; a complete parser then reads it.
 */

/** What stands behind a key or a dash. */
export type PlainValue = 'none' | 'block-scalar' | 'scalar';

// The alternatives of each pattern begin with different characters, so none of them can take more than linear time.
const comment = '(?: +#.*)?';
const plainScalar = new RegExp(`^(?:[A-Za-z0-9_./+~$(]|-(?=[A-Za-z0-9]))(?:[^\\s:]|:(?=\\S)| +(?=[^\\s#]))*${comment} *$`);
const doubleQuoted = new RegExp(`^"(?:[^"\\\\\\t]|\\\\["\\\\/abefnrtv0])*"${comment} *$`);
const singleQuoted = new RegExp(`^'(?:[^'\\t]|'')*'${comment} *$`);
const blockScalar = new RegExp(`^[|>][-+]?${comment} *$`);
const nothing = /^(?:#.*)?$/;
const endOfFlow = new RegExp(`^${comment} *$`);

const flowScalar = /"(?:[^"\\\t]|\\["\\/nt])*"|'(?:[^'\t]|'')*'|[A-Za-z0-9_./+~$](?:[^\s,[\]{}:#]|:(?=[^\s,[\]{}])| +(?=[^\s,[\]{}:#]))*/y;
const flowKey = /([A-Za-z0-9_./-]+): +/y;
const key = /^([A-Za-z0-9_./][A-Za-z0-9_./-]{0,500}):(?= |$) */;
const nullWords = new Set(['null', 'Null', 'NULL']);

/** Levels of brackets; deeper ones are not plain. */
const deepestFlow = 8;

const skipBlanks = (text: string, from: number): number => {
  let at = from;
  while (text[at] === ' ') at += 1;
  return at;
};

const match = (pattern: RegExp, text: string, from: number): RegExpExecArray | null => {
  pattern.lastIndex = from;
  return pattern.exec(text);
};

/** Reads `[…]`, `{…}` or a scalar in brackets; gives the offset behind it, or -1. */
const readFlow = (text: string, from: number, depth: number): number => {
  const open = text[from];
  if (open !== '[' && open !== '{') return match(flowScalar, text, from) === null ? -1 : flowScalar.lastIndex;
  if (depth > deepestFlow) return -1;
  const close = open === '[' ? ']' : '}';
  const keys = new Set<string>();
  let at = skipBlanks(text, from + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    if (open === '{') {
      const word = match(flowKey, text, at)?.[1];
      if (word === undefined || keys.has(word) || nullWords.has(word)) return -1;
      keys.add(word);
      at = flowKey.lastIndex;
    }
    const end = readFlow(text, at, depth + 1);
    if (end === -1) return -1;
    at = skipBlanks(text, end);
    if (text[at] === close) return at + 1;
    if (text[at] !== ',' || text[at + 1] !== ' ') return -1;
    at = skipBlanks(text, at + 1);
  }
};

/** What a value on one line is; undefined when that isn't plain. */
export const readPlainValue = (value: string): PlainValue | undefined => {
  if (nothing.test(value)) return 'none';
  const first = value[0];
  if (first === '|' || first === '>') return blockScalar.test(value) ? 'block-scalar' : undefined;
  if (first === '"') return doubleQuoted.test(value) ? 'scalar' : undefined;
  if (first === "'") return singleQuoted.test(value) ? 'scalar' : undefined;
  if (first === '[' || first === '{') {
    const end = readFlow(value, 0, 0);
    return end !== -1 && endOfFlow.test(value.slice(end)) ? 'scalar' : undefined;
  }
  return plainScalar.test(value) ? 'scalar' : undefined;
};

/** The key at the start of a line's content and what stands behind it; undefined when there is none that is plain. */
export const readPlainKey = (content: string): { readonly key: string; readonly value: string } | undefined => {
  const found = key.exec(content);
  const word = found?.[1];
  return found === null || word === undefined || nullWords.has(word) ? undefined : { key: word, value: content.slice(found[0].length) };
};
