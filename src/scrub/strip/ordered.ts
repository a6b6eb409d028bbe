/** Looking something up in a list that is in order. */

/** Index of the last element that is not above `value`; -1 when all are. */
export const lastNotAbove = <T>(list: readonly T[], value: number, of: (item: T) => number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle] as T) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
