/**
 * A short text in place of a long one: whatever is plain and stays for certain is replaced by one line. The cut is made on
 * the short text with the complete parser and carried back. A section that is plain stands for itself: it begins with its
 * key in its map's column and no line of it can reach into the next one, so what is around it reads the same without it.
 * That the parser divides the short text as the sections say is checked each time.
 */
import { isMap } from 'yaml';
import { checkText } from '../../sources/decode.ts';
import { isHeaderLine } from '../../sources/header.ts';
import { hasForeignBreaks } from '../../sources/line-breaks.ts';
import type { ParsedYaml } from '../../sources/yaml-nodes.ts';
import { parseYaml } from '../../sources/yaml.ts';
import { pairOf, startOf } from '../../sources/yaml-nodes.ts';
import { isInstallOnlyStage, isInstallOnlyTopLevel } from './install-only.ts';
import { lastNotAbove } from './ordered.ts';
import type { Section } from './sections.ts';
import { readSections } from './sections.ts';

/** A document to be cut, and the text that the cut is meant for. */
export interface Shortened {
  /** Of the short text; its places are those of the long one. */
  readonly document: ParsedYaml;
  readonly text: string;
  /** The offset in the long text; undefined for one within a line that stands for others. */
  back(offset: number): number | undefined;
}

/** A document that is cut as it is. */
export const unshortened = (document: ParsedYaml): Shortened => ({ document, text: document.text, back: (offset) => offset });

interface Piece {
  /** Offset in the short text. */
  readonly from: number;
  /** Offset in the long one. */
  readonly to: number;
  readonly verbatim: boolean;
}

const mayGo = (section: Section): boolean => section.plain && section.inner.length === 0;

const staysAtTop = (section: Section): boolean => mayGo(section) && section.key !== 'install' && section.key !== 'stages' && !isInstallOnlyTopLevel(section.key);

const staysAsStage = (section: Section): boolean => mayGo(section) && !isInstallOnlyStage(section.key);

class Builder {
  readonly #text: string;
  readonly #parts: string[] = [];
  readonly pieces: Piece[] = [];
  #length = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#length;
  }

  get result(): string {
    return this.#parts.join('');
  }

  #push(part: string, to: number, verbatim: boolean): void {
    this.pieces.push({ from: this.#length, to, verbatim });
    this.#parts.push(part);
    this.#length += part.length;
  }

  verbatim(start: number, end: number): void {
    if (end > start) this.#push(this.#text.slice(start, end), start, true);
  }

  /** One line for a run of sections, or a block scalar where they end in one; the blank and comment lines behind them stay. */
  standIn(first: Section, last: Section): void {
    const content = this.#text.slice(Math.max(first.start, last.contentEnd - 2), last.contentEnd);
    const newline = content.endsWith('\r\n') ? '\r\n' : content.endsWith('\n') ? '\n' : '';
    const value = last.tail === undefined ? 'x' : `${last.tail.header}\n${' '.repeat(last.tail.column)}x`;
    this.#push(`${' '.repeat(first.column)}${first.key}: ${value}${newline}`, first.start, false);
    this.verbatim(last.contentEnd, last.end);
  }
}

/** Writes sections, runs of those that stay as one line each. Gives the places of the keys in the short text. */
const write = (builder: Builder, sections: readonly Section[], stays: (section: Section) => boolean): readonly number[] => {
  const places: number[] = [];
  for (let index = 0; index < sections.length; index += 1) {
    const first = sections[index] as Section;
    places.push(builder.length + first.column);
    if (!stays(first)) {
      builder.verbatim(first.start, first.end);
      continue;
    }
    while (index + 1 < sections.length && stays(sections[index + 1] as Section)) index += 1;
    builder.standIn(first, sections[index] as Section);
  }
  return places;
};

const samePlaces = (map: unknown, places: readonly number[]): boolean =>
  isMap(map) && map.flow !== true && map.items.length === places.length && map.items.every((pair, index) => startOf(pair.key as Parameters<typeof startOf>[0]) === places[index]);

const lineStarts = (text: string): readonly number[] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
};

/** A header that isn't on one of the first lines is a comment like any other, and would move up. */
const hasLateHeader = (text: string): boolean => /\n#/.test(text) && text.split('\n').some((line, index) => index > 0 && line.startsWith('#') && isHeaderLine(line));

/** The short text of a user-data, parsed. Undefined when it has to be read whole, also for everything that is wrong with it. */
export const shorten = (text: string, file: string): Shortened | undefined => {
  const sections = readSections(text, (key) => key === 'stages');
  if (sections === undefined || sections.length === 0 || checkText(text, file).length > 0 || hasForeignBreaks(text) || hasLateHeader(text)) return undefined;
  const builder = new Builder(text);
  builder.verbatim(0, sections[0]?.start ?? 0);
  const places: number[] = [];
  let stages: readonly number[] | undefined;
  for (let index = 0; index < sections.length; index += 1) {
    const section = sections[index] as Section;
    if (section.plain && section.inner.length > 0) {
      places.push(builder.length);
      builder.verbatim(section.start, section.inner[0]?.start ?? section.start);
      stages = write(builder, section.inner, staysAsStage);
      continue;
    }
    let next = index;
    while (next < sections.length && (sections[next] as Section).inner.length === 0) next += 1;
    const run = sections.slice(index, Math.max(next, index + 1));
    places.push(...write(builder, run, staysAtTop));
    index += run.length - 1;
  }
  const { document, problems } = parseYaml(builder.result, file);
  if (document === undefined || problems.length > 0) return undefined;
  if (!samePlaces(document.root, places)) return undefined;
  if (stages !== undefined && !samePlaces(pairOf(document, document.root, 'stages')?.value, stages)) return undefined;

  const { pieces } = builder;
  const back = (offset: number): number | undefined => {
    const piece = pieces[lastNotAbove(pieces, offset, (item) => item.from)];
    if (piece === undefined) return undefined;
    return piece.verbatim || offset === piece.from ? piece.to + offset - piece.from : undefined;
  };
  let starts: readonly number[] | undefined;
  const place = (offset: number): { readonly line: number; readonly column: number } => {
    starts ??= lineStarts(text);
    const at = back(offset) ?? 0;
    const line = lastNotAbove(starts, at, (start) => start);
    return { line: line + 1, column: at - (starts[line] ?? 0) + 1 };
  };
  return { document: { ...document, place, at: (offset, keyPath) => ({ file, ...place(offset), keyPath }) }, text, back };
};
