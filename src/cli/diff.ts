/** A unified diff of two texts by lines, with the values of removed lines masked: they may be secret. */

type Row = readonly ['=' | '-' | '+', string];

/** Beyond this many cells the exact comparison would take too long; the two middles are then shown whole. */
const mostCells = 4_000_000;

const compareMiddle = (before: readonly string[], after: readonly string[]): readonly Row[] => {
  if (before.length * after.length > mostCells) {
    return [...before.map((line) => ['-', line] as const), ...after.map((line) => ['+', line] as const)];
  }
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] = before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const rows: Row[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      rows.push(['=', before[row] ?? '']);
      row += 1;
      column += 1;
    } else if (column >= after.length || (row < before.length && at(row + 1, column) >= at(row, column + 1))) {
      rows.push(['-', before[row] ?? '']);
      row += 1;
    } else {
      rows.push(['+', after[column] ?? '']);
      column += 1;
    }
  }
  return rows;
};

const compareLines = (before: readonly string[], after: readonly string[]): readonly Row[] => {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (line: string): Row => ['=', line];
  return [
    ...before.slice(0, head).map(same),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
};

/** Keeps indentation and a key, masks the rest. */
export const maskLine = (line: string): string => {
  const match = /^(\s*(?:- +)*)((?:[\w.-]+|"[\w.-]+"|'[\w.-]+') *:(?=\s|$))?(.*)$/.exec(line);
  const [, indent = '', key = '', rest = ''] = match ?? [];
  return `${indent}${key}${rest.trim() === '' ? '' : key === '' ? '***' : ' ***'}`;
};

const context = 3;

/** Empty when the two are equal. */
export const unifiedDiff = (name: string, before: string, after: string): string => {
  if (before === after) return '';
  const rows = compareLines(before.split('\n'), after.split('\n'));
  const shown = rows.map((_row, index) => rows.slice(Math.max(0, index - context), index + context + 1).some(([sign]) => sign !== '='));
  const lines = [`--- ${name}`, `+++ ${name} (kept)`];
  let oldLine = 1;
  let newLine = 1;
  for (let index = 0; index < rows.length; ) {
    if (shown[index] !== true) {
      oldLine += 1;
      newLine += 1;
      index += 1;
      continue;
    }
    let end = index;
    while (shown[end] === true) end += 1;
    const hunk = rows.slice(index, end);
    const oldCount = hunk.filter(([sign]) => sign !== '+').length;
    const newCount = hunk.filter(([sign]) => sign !== '-').length;
    lines.push(`@@ -${oldLine},${oldCount} +${newLine},${newCount} @@`);
    for (const [sign, line] of hunk) {
      const text = line.replace(/\r$/, '');
      lines.push(sign === '=' ? ` ${text}` : sign === '+' ? `+${text}` : `-${maskLine(text)}`);
    }
    oldLine += oldCount;
    newLine += newCount;
    index = end;
  }
  return lines.join('\n');
};
