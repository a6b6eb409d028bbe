/**
 * Where the top-level keys of a configuration begin and end, and which of them are plain through and through: read line
 * by line, without a parser. The same for the stages below `stages:`.
 */
import { readPlainKey, readPlainValue } from './plain-line.ts';

export interface Section {
  readonly key: string;
  /** Offset of the first character of its first line. */
  readonly start: number;
  /** Offset behind its last line, trailing blank and comment lines included. */
  end: number;
  /** Offset behind its last line that is neither blank nor comment. */
  contentEnd: number;
  /** It ends in a block scalar: what comes behind it may become part of that. */
  tail: { readonly header: string; readonly column: number } | undefined;
  /** Columns before the key. */
  readonly column: number;
  /** Every line was understood: the section stands for itself, whatever is around it. */
  plain: boolean;
  /** The keys below it, where they were asked for and are one block map. */
  inner: Section[];
}

interface Level {
  readonly indent: number;
  readonly kind: 'map' | 'list';
  readonly keys: Set<string>;
}

/** Levels of nesting; deeper ones are not plain. */
const deepest = 40;

const level = (indent: number, kind: Level['kind']): Level => ({ indent, kind, keys: new Set() });

/** Reads the lines of one document. */
class Reader {
  readonly #hasInner: (key: string) => boolean;
  readonly sections: Section[] = [];
  readonly #keys = new Set<string>();
  /** Keys below the last section. */
  #innerKeys = new Set<string>();
  #levels: Level[] = [level(0, 'map')];
  /** The last line ended in a key or a dash: something may stand below it. */
  #open = false;
  /** Parent's column of the block scalar that is being read, else -1; and its own column once that is known. */
  #scalarParent = -1;
  #scalarColumn = -1;
  /** `|-` */
  #scalarHeader = '';
  /** Lines deeper than this column are passed over: they belong to something that isn't plain. */
  #skipBelow = -1;

  constructor(hasInner: (key: string) => boolean) {
    this.#hasInner = hasInner;
  }

  /** Takes one line, without its end. False: this is no document that can be divided. */
  line(content: string, start: number, end: number): boolean {
    const column = content.search(/[^ ]/);
    if (column === -1) return this.#blank(content, end);
    if (this.#scalarParent !== -1 && this.#inScalar(content, column, end)) return true;
    const comment = content[column] === '#';
    if (this.#skipBelow !== -1) {
      if (comment || column > this.#skipBelow) return this.#extend(end);
      // A list may stand in the same column as its key.
      const isList = content[column] === '-' && column === this.#skipBelow;
      if (isList || (this.#skipBelow === 0 && readPlainKey(content) === undefined)) return this.#extend(end);
      this.#skipBelow = -1;
    }
    if (comment) return true;
    if (column === 0) return this.#top(content, start, end);
    const section = this.sections.at(-1);
    if (section === undefined) return false;
    return this.#below(section, content, column, start, end);
  }

  #extend(end: number, tail?: Section['tail']): boolean {
    const section = this.sections.at(-1);
    if (section === undefined) return false;
    for (const part of [section, section.inner.at(-1)]) {
      if (part === undefined) continue;
      part.contentEnd = end;
      part.tail = tail;
    }
    return true;
  }

  #blank(content: string, end: number): boolean {
    // Blanks above the first line of a block scalar decide on its column.
    if (this.#scalarParent !== -1 && this.#scalarColumn === -1 && content !== '') this.#hard();
    return this.#skipBelow === -1 ? true : this.#extend(end);
  }

  #inScalar(content: string, column: number, end: number): boolean {
    if (this.#scalarColumn === -1 && column > this.#scalarParent && content[column] !== '\t') this.#scalarColumn = column;
    if (this.#scalarColumn !== -1 && column >= this.#scalarColumn) return this.#extend(end, { header: this.#scalarHeader, column: this.#scalarColumn });
    const isUnclear = column > this.#scalarParent || this.#scalarColumn === -1;
    this.#scalarParent = -1;
    this.#scalarColumn = -1;
    // Less deep than the text and deeper than its key, or no text at all: the parser shall say.
    if (isUnclear) this.#hard();
    return false;
  }

  /** From here on the innermost section isn't plain. */
  #hard(): void {
    const section = this.sections.at(-1);
    const inner = section?.inner.at(-1);
    this.#scalarParent = -1;
    this.#scalarColumn = -1;
    this.#open = false;
    if (section === undefined) return;
    if (inner === undefined) {
      section.plain = false;
      this.#levels = this.#levels.slice(0, 1);
      this.#skipBelow = 0;
    } else {
      inner.plain = false;
      this.#levels = this.#levels.slice(0, 2);
      this.#skipBelow = inner.column;
    }
  }

  #top(content: string, start: number, end: number): boolean {
    const found = readPlainKey(content);
    if (found === undefined) {
      const section = this.sections.at(-1);
      if (section === undefined || !content.startsWith('-')) return false;
      return this.#below(section, content, 0, start, end);
    }
    if (this.#keys.has(found.key)) return false;
    this.#keys.add(found.key);
    this.#levels = this.#levels.slice(0, 1);
    this.sections.push({ key: found.key, start, end, contentEnd: end, tail: undefined, column: 0, plain: true, inner: [] });
    this.#innerKeys = new Set();
    if (!this.#value(found.value, 0)) this.#hard();
    return true;
  }

  /** A line below a top-level key. */
  #below(section: Section, content: string, column: number, start: number, end: number): boolean {
    const isFirst = this.#open && this.#levels.length === 1;
    const opensInner = this.#hasInner(section.key) && ((isFirst && section.inner.length === 0) || section.inner[0]?.column === column);
    const found = opensInner ? readPlainKey(content.slice(column)) : undefined;
    if (found !== undefined) {
      if (this.#innerKeys.has(found.key)) return false;
      this.#innerKeys.add(found.key);
      section.inner.push({ key: found.key, start, end, contentEnd: end, tail: undefined, column, plain: true, inner: [] });
    } else if (opensInner && section.inner.length > 0 && content[column] !== '-') {
      // Something else among the stages: the parser shall read all of them.
      section.inner = [];
      section.contentEnd = end;
      this.#hard();
      return true;
    }
    this.#extend(end);
    if (content.includes('\t') || !this.#nested(content, column)) {
      // Less deep than the stages, deeper than their key.
      const inner = section.inner.at(-1);
      if (inner !== undefined && column < inner.column) section.inner = [];
      this.#hard();
    }
    return true;
  }

  #nested(content: string, column: number): boolean {
    const levels = this.#levels;
    const isDash = content[column] === '-' && (content[column + 1] === ' ' || content.length === column + 1);
    const wasOpen = this.#open;
    let popped = false;
    const pop = (): void => {
      levels.pop();
      popped = true;
    };
    while ((levels.at(-1)?.indent ?? 0) > column) pop();
    if (levels.at(-1)?.indent === column && levels.at(-1)?.kind === 'list' && !isDash) pop();
    const top = levels.at(-1);
    if (top === undefined || levels.length > deepest) return false;
    const mayOpen = wasOpen && !popped;
    const kind = isDash ? 'list' : 'map';
    if (top.indent === column && top.kind !== kind) {
      if (!isDash || !mayOpen) return false;
      levels.push(level(column, 'list'));
    } else if (top.indent !== column) {
      if (!mayOpen) return false;
      levels.push(level(column, kind));
    }
    this.#open = false;
    return isDash ? this.#item(content, column) : this.#pair(content.slice(column), column, column);
  }

  /** A dash and what stands behind it on its line. */
  #item(content: string, dash: number): boolean {
    let column = dash + 1;
    while (content[column] === ' ') column += 1;
    if (column === content.length || content[column] === '#') {
      this.#open = true;
      return true;
    }
    if (content[column] === '-' && (content[column + 1] === ' ' || content.length === column + 1)) {
      if (this.#levels.length > deepest) return false;
      this.#levels.push(level(column, 'list'));
      return this.#item(content, column);
    }
    const rest = content.slice(column);
    if (readPlainKey(rest) === undefined) return this.#value(rest, dash);
    this.#levels.push(level(column, 'map'));
    return this.#pair(rest, column, column);
  }

  #pair(content: string, column: number, parent: number): boolean {
    const found = readPlainKey(content);
    const map = this.#levels.at(-1);
    if (found === undefined || map === undefined || map.indent !== column || map.keys.has(found.key)) return false;
    map.keys.add(found.key);
    return this.#value(found.value, parent);
  }

  #value(value: string, parent: number): boolean {
    const kind = value.includes('\t') ? undefined : readPlainValue(value);
    this.#open = kind === 'none';
    if (kind === 'block-scalar') {
      this.#scalarParent = parent;
      this.#scalarHeader = value.slice(0, /^.[-+]/.test(value) ? 2 : 1);
    }
    return kind !== undefined;
  }
}

const close = (sections: readonly Section[], end: number): void => {
  for (const [index, section] of sections.entries()) {
    section.end = sections[index + 1]?.start ?? end;
    close(section.inner, section.end);
  }
};

/**
 * The top-level keys of a text, in order. `hasInner` names those whose keys are wanted, too. Undefined for a text that
 * isn't one block map in the first column with plain keys, each of them once.
 */
export const readSections = (text: string, hasInner: (key: string) => boolean): readonly Section[] | undefined => {
  if (/^(?:---|\.\.\.|%)/m.test(text) || /\r(?!\n)/.test(text)) return undefined;
  const reader = new Reader(hasInner);
  for (let start = text.startsWith('\uFEFF') ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline + 1;
    const last = newline === -1 ? text.length : text[newline - 1] === '\r' && newline > start ? newline - 1 : newline;
    if (!reader.line(text.slice(start, last), start, end)) return undefined;
    start = end;
  }
  close(reader.sections, text.length);
  return reader.sections;
};
