import { readFileSync } from 'node:fs';
import { encode } from 'uqr';
import { expect, test } from 'vitest';
import type { Receipt } from '../../src/model/receipt.ts';
import { qrRows, receiptLine } from '../../src/receipt/qr.ts';
import { receiptSchemaText } from '../../src/receipt/schema.ts';

test('the published schema is that of the program (renew it with: npm run schemas)',  () => {
  expect(readFileSync('docs/schema/receipt.schema.json', 'utf8')).toBe(receiptSchemaText());
  const schema = JSON.parse(readFileSync('docs/schema/receipt.schema.json', 'utf8')) as { required: string[]; additionalProperties: boolean };
  expect(schema.additionalProperties).toBe(false);
  expect(schema.required).toContain('planHash');
  expect(schema.required).not.toContain('signature');
});

const receipt = {
  time: '2026-02-03T04:05:06.789Z',
  planHash: 'ab'.repeat(32),
  keptConfig: [{ name: '90_custom.yaml', sha256: 'cd'.repeat(32) }],
  machine: { serial: 'S4XN/F0M :7', uuid: null },
  result: 'installed',
} as unknown as Receipt;

test('the short form', () => {
  expect(receiptLine(receipt)).toBe('SLIPWAY:1:S4XN-F0M-7:ABABABABABABABAB:CDCDCDCDCDCDCDCD:20260203T040506Z:OK');
});

test('its code fits a screen of 80x24 even for the longest serial number, and says what the encoder says', () => {
  const long = { ...receipt, machine: { ...receipt.machine, serial: null, uuid: '4c4c4544-0042-3510-8052-b4c04f564d31' }, result: 'installed-unproven' } as unknown as Receipt;
  for (const rows of [qrRows(receiptLine(receipt), 1), qrRows(receiptLine(long), 1)]) {
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length).toBeLessThanOrEqual(20);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(40);
  }
  const { data, size } = encode('SLIPWAY', { ecc: 'L', border: 2 });
  const rows = qrRows('SLIPWAY');
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const light = (row % 2 === 0 ? '█▀' : '█▄').includes(rows[row >> 1]?.[column] ?? '');
      expect(light).toBe(data[row]?.[column] !== true);
    }
  }
});
