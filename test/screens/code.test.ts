/** QR codes: parts that make the whole, and fit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../screens/code.tsx';
import { screens } from '../../screens/index.ts';
import { initialState } from '../../src/app/state.ts';
import type { ConsoleState } from '../../src/app/state.ts';
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

describe('the keys of a code', () => {
  const room = { columns: 78, rows: 18 };
  const stateWith = (text: string, unicode: boolean, asText: boolean): ConsoleState => ({
    ...initialState({ version: '0', now: 0, given: {}, presets: [], unicode, screen: 'cluster' }),
    overlay: 'token',
    extras: { networkToken: text },
    highlights: asText ? { 'code-text': 1 } : {},
  });
  const labels = (state: ConsoleState): readonly string[] => screens.overlays.token.keys(state, room).map(({ label }) => label).filter((label) => label !== '');

  it('go from one to the next only where codes are shown', () => {
    expect(labels(stateWith('a'.repeat(300), true, false))).toEqual(['as text', 'next code', 'the one before', 'close', 'help']);
    expect(labels(stateWith('a'.repeat(300), true, true))).toEqual(['as code', 'close', 'help']);
  });

  it('offer no code where none can be shown', () => {
    expect(labels(stateWith('a'.repeat(300), false, false))).toEqual(['close', 'help']);
  });
});
