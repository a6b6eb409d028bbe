/** Kairos's merge rules on plain data, for what is read but not written: the `install:` maps. See `merge.ts`. */

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const mergeValue = (first: unknown, second: unknown): unknown => {
  if (isMap(first) && isMap(second)) return mergeData(first, second);
  if (Array.isArray(first) && Array.isArray(second)) {
    if (first.length === 0 || isMap(first[0])) return [...(first as unknown[]), ...(second as unknown[])];
    const there = new Set<unknown>(first);
    return [...(first as unknown[]), ...(second as unknown[]).filter((item) => !there.has(item))];
  }
  return second;
};

/** `second` over `first`. */
export const mergeData = (
  first: Readonly<Record<string, unknown>>,
  second: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries([
    ...Object.entries(first).map(([key, value]) => [key, Object.hasOwn(second, key) ? mergeValue(value, second[key]) : value] as const),
    ...Object.entries(second).filter(([key]) => !Object.hasOwn(first, key)),
  ]);
