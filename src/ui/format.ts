/** Numbers and times as people read them. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes, base 1024, with one decimal: `15.9 GiB`. */
export const formatBytes = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const text = unit === 0 || value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
  return `${text} ${units[unit] ?? 'B'}`;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** A duration in ms as `0:07`, `12:30`, `1:02:03`. */
export const formatDuration = (duration: number): string => {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
};

/** `1 step`, `3 steps`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A fraction as whole percent, never 100 before it is. */
export const formatPercent = (fraction: number): string =>
  `${fraction >= 1 ? 100 : Math.min(99, Math.max(0, Math.floor(fraction * 100)))}%`;
