/** "Did you mean": the nearest known word. */

/** Edits (insert, delete, replace, swap of neighbours) between two words; stops caring beyond `limit`. */
const distance = (left: string, right: string, limit: number): number => {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + (same ? 0 : 1));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, (before[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    if (Math.min(...current) > limit && Math.min(...previous) > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
};

const bare = (text: string): string => text.toLowerCase().replaceAll(/[-_.]/g, '');

/** Separators that two spellings of one word may differ by. */
const mostSeparators = 4;

/** The known word nearest to `word`, or undefined when none is near. `-`, `_`, `.` and case count little. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > 60) return undefined;
  const lower = word.toLowerCase();
  const wordBare = bare(word);
  const limit = Math.max(1, Math.floor(word.length / 4));
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const difference = Math.abs(candidate.length - word.length);
    // A document may hold tens of thousands of unknown keys: most candidates are told apart by their length.
    if (difference > Math.max(limit, mostSeparators)) continue;
    const edits = difference <= mostSeparators && bare(candidate) === wordBare ? 0 : difference > limit ? limit + 1 : distance(lower, candidate.toLowerCase(), limit);
    if (edits <= limit && (best === undefined || edits < best.distance)) best = { word: candidate, distance: edits };
  }
  return best?.word;
};

/** A hint that ends in "did you mean …" when a known word is near, else the given one. */
export const didYouMean = (word: string, known: Iterable<string>, otherwise: string): string => {
  const near = nearest(word, known);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
};
