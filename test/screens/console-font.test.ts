/** A machine's own keyboard and screen: console fonts hold little more than code page 437. */
import { expect, it } from 'vitest';
import { takePictures } from '../../scripts/screens.ts';
import { screens } from '../../screens/index.ts';
import { createPainter } from '../../src/ui/painter.ts';
import { abilitiesOf } from '../../src/ui/terminal.ts';

/** Single lines, and the blocks that codes for cameras are made of. */
const inCodePage437 = /^[─│┌┐└┘├┤┬┴┼█▀▄]$/u;

const branding = { text: ['A Vendor'], highlight: null, accent: null, line: '━', checkMark: '✓', advancedDisabled: false };

it('draws every screen with what TERM=linux has (invariant 11)', { timeout: 60_000 }, async () => {
  const { pictures, beyondAscii } = await takePictures({ environment: { TERM: 'linux', LANG: 'C.UTF-8' }, branding });
  expect(pictures.length).toBeGreaterThan(screens.rows.length);
  expect([...beyondAscii].filter((glyph) => !inCodePage437.test(glyph))).toEqual([]);
  // It is no ASCII terminal either.
  expect(beyondAscii.has('─')).toBe(true);
  expect(beyondAscii.has('▀')).toBe(true);
});

it('leaves foreign text to the font', () => {
  let sent = '';
  const painter = createPainter({ write: (text, done) => ((sent += text), done()) }, abilitiesOf({ TERM: 'linux' }, false), { columns: 20, rows: 2 });
  painter.paint('Größe ✓ cut…');
  expect(sent).toContain('Größe x cut~');
});
