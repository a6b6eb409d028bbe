/**
 * A receipt's short form as a QR code for the last screen: enough to find the whole receipt again, and small enough for 80x24. Pure.
 */
import { encode } from 'uqr';
import type { Receipt } from '../model/receipt.ts';

/** Capitals, digits and `-./:` only: those take half the room in a QR code. */
const word = (text: string, limit: number): string => text.toUpperCase().replaceAll(/[^0-9A-Z.-]+/g, '-').slice(0, limit);

/**
 * `SLIPWAY:1:<machine>:<plan>:<configuration>:<time>:<result>`: the machine's serial or UUID (at most 36 characters), the first 16 hex
 * digits of the plan hash and of the kept configuration's SHA-256, the time in UTC, and OK or UNPROVEN.
 */
export const receiptLine = (receipt: Receipt): string =>
  [
    'SLIPWAY:1',
    word(receipt.machine.serial ?? receipt.machine.uuid ?? 'UNKNOWN', 36),
    word(receipt.planHash.slice(0, 16), 16),
    word(receipt.keptConfig[0]?.sha256.slice(0, 16) ?? 'NONE', 16),
    receipt.time.replaceAll(/[-:]|\.\d+/g, ''),
    receipt.result === 'installed' ? 'OK' : 'UNPROVEN',
  ].join(':');

/**
 * Rows of half blocks, two modules high each; dark on light whatever the terminal's colours, so every blank is drawn. `border` is the light
 * frame around the code in modules: readers want some, a screen of 24 rows has little.
 */
export const qrRows = (text: string, border = 2): readonly string[] => {
  const { data, size } = encode(text, { ecc: 'L', border });
  const dark = (row: number, column: number): boolean => data[row]?.[column] ?? false;
  const rows: string[] = [];
  for (let row = 0; row < size; row += 2) {
    let line = '';
    for (let column = 0; column < size; column += 1) {
      // Terminals are dark: a light module is drawn, a dark one is left out.
      const upper = !dark(row, column);
      const lower = row + 1 < size && !dark(row + 1, column);
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
    }
    rows.push(line);
  }
  return rows;
};
