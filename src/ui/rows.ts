/** Rows of a screen, shared out among its parts, so that what does not fit is said and nothing is laid over something else. */

/** Rows that a part needs at least and would like to have. */
export type RowWish = readonly [least: number, wanted: number];

/** Shares out rows: in order, every part first gets its least, then what it wants more. Never more than there are. */
export const shareRows = (rows: number, wishes: readonly RowWish[]): readonly number[] => {
  let left = Math.max(0, rows);
  const take = (wanted: number): number => {
    const taken = Math.max(0, Math.min(left, wanted));
    left -= taken;
    return taken;
  };
  const least = wishes.map(([few, wanted]) => take(Math.min(few, wanted)));
  return least.map((had, index) => had + take((wishes[index]?.[1] ?? 0) - had));
};

/** What of some lines is shown in `rows` rows: all of them, or the first ones with a row left for a sign. */
export const cutTo = <Row>(lines: readonly Row[], rows: number): { readonly shown: readonly Row[]; readonly hidden: number } => {
  const shown = lines.length <= rows ? lines : lines.slice(0, Math.max(0, rows - 1));
  return { shown, hidden: lines.length - shown.length };
};
