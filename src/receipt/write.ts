/** Puts receipts where they were asked for. One that cannot be written is a problem, never the end of a good install. */
import { formatProblem, SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { Receipt } from '../model/receipt.ts';
import { shownUrl } from '../model/shown-url.ts';
import type { System } from '../system/port.ts';
import { writeToVolume } from './data-volume.ts';
import type { ReceiptVolume } from './data-volume.ts';

const attempts = 3;

/** `slipway-receipt-<serial>-<time>.json`: one file a machine and run, so that none is overwritten. */
export const receiptFileName = (receipt: Receipt): string => {
  const machine = (receipt.machine.serial ?? receipt.machine.uuid ?? 'unknown').replace(/[^\w.-]+/g, '_').slice(0, 64);
  return `slipway-receipt-${machine}-${receipt.time.replace(/[:.]/g, '')}.json`;
};

const writeToDirectory = async (system: System, directory: string, receipt: Receipt, text: string): Promise<string> => {
  await system.makeDirectory(directory, 0o755);
  const path = `${directory.replace(/\/+$/, '')}/${receiptFileName(receipt)}`;
  await system.writeFile(path, text, { mode: 0o644, exclusive: true });
  return path;
};

const post = async (system: System, url: string, text: string, signal: AbortSignal): Promise<string> => {
  let last: SlipwayError | undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    try {
      const { status } = await system.fetch(url, { method: 'POST', body: text, timeout: 10_000, maxBytes: 64 * 1024, signal });
      if (status >= 200 && status < 300) return shownUrl(url);
      last = new SlipwayError({ id: 'receipt-refused', severity: 'warning', what: `the server answered ${status}`, where: shownUrl(url), hint: 'the receipt is on the disk of the live system too' });
      if (status < 500) break;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SlipwayError)) throw error;
      last = error;
    }
    if (attempt < attempts) await system.sleep(1000 * attempt, signal);
  }
  throw last ?? new Error('no attempt was made');
};

/** Writes `receipt` to every place (directory, http(s) URL, data volume); `signal` ends requests. Returns where it is, and what did not work; never throws. */
export const writeReceipts = async (
  system: System,
  places: readonly (string | ReceiptVolume)[],
  receipt: Receipt,
  signal: AbortSignal,
): Promise<{ readonly written: readonly string[]; readonly problems: readonly Problem[] }> => {
  const text = `${JSON.stringify(receipt, undefined, 2)}\n`;
  const written: string[] = [];
  const problems: Problem[] = [];
  for (const place of places) {
    try {
      if (typeof place !== 'string') written.push(await writeToVolume(system, place, receiptFileName(receipt), text));
      else if (/^https?:/.test(place)) written.push(await post(system, place, text, signal));
      else written.push(await writeToDirectory(system, place, receipt, text));
    } catch (error) {
      // Also when `signal` ended it: the install is good, and the other places get theirs.
      const what = error instanceof SlipwayError ? formatProblem(error.problem) : String(error);
      problems.push({ id: 'receipt-not-written', severity: 'warning', what: `the receipt could not be written: ${what}`, where: typeof place === 'string' ? shownUrl(place) : place.path, hint: 'it was installed all the same' });
    }
  }
  return { written, problems };
};
