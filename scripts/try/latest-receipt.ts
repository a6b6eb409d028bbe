import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The part of a receipt that is shown. */
interface Receipt {
  scrub?: { removed?: string[] };
  audit?: { patterns: number; bytesRead: number; hits: number; notSearchable: number } | null;
}

export interface ReceiptSummary {
  file: string;
  /** Key paths of what was taken out; never values. */
  removed: string[];
  /** What the audit found, in one line. */
  proof: string;
}

function proofOf({ audit }: Receipt): string {
  if (!audit) return 'none: no audit was asked for';
  const read = `${(audit.bytesRead / 2 ** 20).toFixed(0)} MiB read back`;
  return `${audit.patterns} search patterns of install-only values, ${read}, ${audit.hits} found, ${audit.notSearchable} values not searchable`;
}

/**
 * The newest receipt in `folder` that was written since `begin` (milliseconds), or undefined.
 *
 * @throws Error when it cannot be read
 */
export function latestReceipt(folder: string, begin: number): ReceiptSummary | undefined {
  const file = readdirSync(folder)
    .filter((name) => name.startsWith('slipway-receipt-') && name.endsWith('.json'))
    .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
    .filter(({ time }) => time >= begin)
    .sort((a, b) => b.time - a.time)[0]?.path;
  if (file === undefined) return undefined;
  const receipt = JSON.parse(readFileSync(file, 'utf8')) as Receipt;
  return { file, removed: receipt.scrub?.removed ?? [], proof: proofOf(receipt) };
}
