/** What changed between two texts, line by line. */

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Texts with more changed lines than this are shown as removed and added whole. */
const largest = 3000;

/** The longest common subsequence decides; equal heads and tails are set aside first. */
export const diffLines = (before: string, after: string): readonly DiffLine[] => {
  const old = before.split('\n');
  const now = after.split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  const left = old.slice(head, old.length - tail);
  const right = now.slice(head, now.length - tail);
  return [...old.slice(0, head).map(same), ...middle(left, right), ...old.slice(old.length - tail).map(same)];
};

const middle = (left: readonly string[], right: readonly string[]): readonly DiffLine[] => {
  const removed = left.map((text): DiffLine => ({ kind: 'removed', text }));
  const added = right.map((text): DiffLine => ({ kind: 'added', text }));
  if (left.length === 0 || right.length === 0 || left.length * right.length > largest * largest) return [...removed, ...added];
  const width = right.length + 1;
  // lengths[i * width + j]: longest common subsequence of left from i and right from j
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        left[i] === right[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      lines.push({ kind: 'same', text: left[i] ?? '' });
      i++;
      j++;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) lines.push(removed[i++] as DiffLine);
    else lines.push(added[j++] as DiffLine);
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)];
};
