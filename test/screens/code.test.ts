/** QR codes: parts that make the whole, and fit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../screens/code.tsx';
import { qrRows } from '../../src/receipt/qr.ts';
import { keys, startPerson } from './helper.ts';

describe('a text in parts', () => {
  it('is whole again when they are read in order, and the code of each fits', () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 1, maxLength: 900 }), fc.integer({ min: 1, max: 100 }), (text, modules) => {
        const parts = partsOf(text, modules);
        if (parts === null) return;
        expect(parts.join('')).toBe(text);
        for (const part of parts) expect(qrRows(part, 1)[0]?.length).toBeLessThanOrEqual(modules);
      }),
    );
  });

  it('is one where there is room for it, and none where no code is small enough', () => {
    expect(partsOf('A'.repeat(40), 35)).toHaveLength(1);
    expect(partsOf('a'.repeat(520), 79)).toHaveLength(1);
    expect(partsOf('a'.repeat(520), 34)).toHaveLength(10);
    expect(partsOf('a', 22)).toBeNull();
  });
});

it('shows the receipt as a code at 80x24 after an install', async () => {
  const person = await startPerson();
  for (const [wanted, key] of [['This machine', keys.enter], ['Where does', keys.enter], ['Which disk?', keys.enter], ['Enter begins', keys.enter], ['What next?', 'x']] as const) {
    await person.sees(wanted);
    await person.type(key);
  }
  await person.sees('▀');
  const shown = person.lines().slice(2, 20).map((line) => line.slice(1)).filter((line) => /[▀▄█]/.test(line));
  expect(shown).toEqual(qrRows('SLIPWAY:1:SAMPLE:ABAB:CDCD:20260203T040506Z:OK', 1).map((line) => line.trimEnd()));
  await person.leave();
});
