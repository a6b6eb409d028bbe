/** The key path around a place in a text that no parser gets through: by indentation alone. */
import { fixedVocabulary } from './vocabulary.ts';
import type { KeyPath } from './yaml-nodes.ts';

const keyLine = /^( *)((?:- +)*)([A-Za-z0-9_][\w.-]{0,99}):(?:\s|$)/;
const blockScalar = /:\s+[|>][-+0-9]*\s*(?:#.*)?$|^\s*(?:- +)*[|>][-+0-9]*\s*$/;

interface Level {
  readonly column: number;
  readonly key: string;
}

/**
 * Keys above and at `offset`, outermost first. List indexes are left out: they cannot be counted for certain. So are keys that Kairos
 * does not know, and what lies below them: in a broken text anything may look like a key, a secret too.
 */
export const keyPathNear = (text: string, offset: number): KeyPath => {
  const levels: Level[] = [];
  /** Lines deeper than this are text. */
  let scalarColumn = -1;
  for (let start = 0; start <= Math.min(offset, text.length); ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + 300));
    const column = line.search(/\S/);
    start = end + 1;
    if (column === -1 || line[column] === '#') continue;
    if (scalarColumn !== -1 && column > scalarColumn) continue;
    scalarColumn = blockScalar.test(line) ? column : -1;
    while ((levels.at(-1)?.column ?? -1) > column || (levels.at(-1)?.column === column && line[column] !== '-')) levels.pop();
    const found = keyLine.exec(line);
    if (found === null) continue;
    const [, indent = '', dashes = '', key = ''] = found;
    const own = indent.length + dashes.length;
    while ((levels.at(-1)?.column ?? -1) >= own) levels.pop();
    levels.push({ column: own, key });
  }
  const unknown = levels.findIndex(({ key }) => !fixedVocabulary.has(key));
  return levels.slice(0, unknown === -1 ? levels.length : unknown).map(({ key }) => key);
};
