/** Small words for messages. Pure. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes, base 1024: `15.9 GiB`. */
export const bytesInWords = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
};
