/** Progress of `slipway audit` in lines on standard error: what a person waits for, and a log does not drown in. */

/** ms between two lines at a terminal, and elsewhere */
const [forEyes, forLogs] = [2000, 10_000];

const size = (bytes: number): string => (bytes < 1024 ** 3 ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`);

/**
 * Gives a function for bytes done and, where known, bytes in all; it prints a line now and then: `37 % of 4.0 GiB, 512 MB/s`.
 * @param now ms since the epoch
 */
export const createAuditProgress = (print: (line: string) => void, now: () => number, isTerminal: boolean) => {
  const begin = now();
  let last = begin;
  return (what: string, bytes: number, total: number | null): void => {
    const time = now();
    if (time - last < (isTerminal ? forEyes : forLogs)) return;
    last = time;
    const rate = `${Math.round(bytes / 1e6 / ((time - begin) / 1000))} MB/s`;
    print(`${what}: ${total === null || total === 0 ? size(bytes) : `${Math.floor((100 * bytes) / total)} % of ${size(total)}`}, ${rate}, ${Math.round((time - begin) / 1000)} s`);
  };
};
