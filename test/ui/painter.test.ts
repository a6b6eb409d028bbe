/** What the painter leaves on a terminal is what the frame says, whatever was there before. */
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPainter, toAscii } from '../../src/ui/painter.ts';

const [columns, rows] = [20, 5];

const glyph = fc.constantFrom('a', 'b', ' ', ' ', '─', '\u001B[7mx\u001B[27m', '\u001B[1;31mred\u001B[22;39m', 'ß');
const frame = fc.array(fc.array(glyph, { maxLength: 25 }).map((glyphs) => glyphs.join('')), { maxLength: 7 }).map((lines) => lines.join('\n'));

const screenOf = (terminal: xterm.Terminal): readonly string[] =>
  Array.from({ length: rows }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '');

const expected = (text: string): readonly string[] =>
  Array.from({ length: rows }, (_, row) =>
    // eslint-disable-next-line no-control-regex
    (text.split('\n')[row] ?? '').replaceAll(/\u001B\[[\d;]*m/g, '').slice(0, row === rows - 1 ? columns - 1 : columns).trimEnd(),
  );

it('shows every frame, from any frame before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async (frames) => {
      const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
      const painter = createPainter({ write: (text, done) => terminal.write(text, done) }, { color: true, unicode: true }, { columns, rows });
      for (const each of frames) {
        painter.paint(each);
        await new Promise<void>((resolve) => terminal.write('', resolve));
      }
      expect(screenOf(terminal)).toEqual(expected(frames.at(-1) ?? ''));
    }),
    { numRuns: 300 },
  );
});

it('lets frames replace each other while the line is busy', () => {
  const written: string[] = [];
  const pending: (() => void)[] = [];
  const painter = createPainter(
    {
      write: (text, done) => {
        written.push(text);
        pending.push(done);
      },
    },
    { color: true, unicode: true },
    { columns, rows },
  );
  painter.paint('one');
  for (let count = 0; count < 100; count++) painter.paint(`frame ${count}`);
  expect(written).toHaveLength(1);
  pending.shift()?.();
  expect(written).toHaveLength(2);
  expect(written[1]).toContain('frame 99');
});

it('sends nothing for an equal frame', () => {
  const written: string[] = [];
  const painter = createPainter({ write: (text, done) => (written.push(text), done()) }, { color: true, unicode: true }, { columns, rows });
  painter.paint('same\nlines');
  painter.paint('same\nlines');
  expect(written).toHaveLength(1);
});

it('keeps to ASCII and without colour where that is all there is (invariant 11)', () => {
  let written = '';
  const painter = createPainter({ write: (text, done) => ((written += text), done()) }, { color: false, unicode: false }, { columns, rows });
  painter.paint('┌─┐ \u001B[31mred\u001B[39m \u001B[7mback\u001B[27m 語…');
  expect(written).toContain('+-+ red');
  expect(written).toContain('\u001B[0;7mback');
  expect(written).not.toMatch(/\u001B\[[\d;]*3\dm/);
  expect(toAscii('…')).toBe('~');
});

it('steps over what stays without switching its style off and on', () => {
  const written: string[] = [];
  const painter = createPainter({ write: (text, done) => (written.push(text), done()) }, { color: true, unicode: true }, { columns: 60, rows });
  painter.paint('\u001B[1mfirst name and the same words, one\u001B[22m plain');
  painter.paint('\u001B[1mother name and the same words, two\u001B[22m plain');
  expect(written[1]).toMatch(/^\u001B\[1H\u001B\[0;1mother?\u001B\[\d+Ctwo\u001B\[m$/);
});

it('tells when the terminal has taken what was painted, the last one only', () => {
  const pending: (() => void)[] = [];
  const painter = createPainter({ write: (_, done) => pending.push(done) }, { color: true, unicode: true }, { columns, rows });
  const told: string[] = [];
  painter.paint('one');
  painter.whenPainted(() => told.push('one'));
  painter.paint('two');
  painter.whenPainted(() => told.push('two'));
  pending.shift()?.();
  // The second frame is on its way.
  expect(told).toEqual([]);
  pending.shift()?.();
  expect(told).toEqual(['two']);
  // Nothing is under way: at once; and nothing is told twice.
  painter.whenPainted(() => told.push('again'));
  painter.paint('three');
  painter.whenPainted(null);
  pending.shift()?.();
  expect(told).toEqual(['two', 'again']);
});
