/** Reducers and pure helpers of the widgets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { progressBar } from '../../src/ui/bar.ts';
import { diffLines } from '../../src/ui/diff.ts';
import { formatBytes, formatDuration, formatPercent } from '../../src/ui/format.ts';
import { listWindow, reduceList } from '../../src/ui/list.ts';
import { emptyField, reduceTextField, textFieldKey } from '../../src/ui/text-field.ts';
import { emptyText, placeOf, reduceTextArea, textAreaKey } from '../../src/ui/text-area.ts';
import type { TextAreaEdit } from '../../src/ui/text-area.ts';
import type { TextFieldEdit } from '../../src/ui/text-field.ts';
import { fit } from '../../src/ui/text.tsx';

describe('a text field', () => {
  const edits: fc.Arbitrary<TextFieldEdit> = fc.oneof(
    fc.record({ edit: fc.constant('insert' as const), text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) }),
    fc.constantFrom<TextFieldEdit>(...(['backspace', 'delete', 'left', 'right', 'home', 'end', 'clear', 'rub-word'] as const).map((edit) => ({ edit }))),
  );

  it('keeps its cursor inside and its length bounded, whatever is done', () => {
    fc.assert(
      fc.property(fc.array(edits), (all) => {
        const field = all.reduce((state, edit) => reduceTextField(state, edit, 20), emptyField);
        expect(field.value.length).toBeLessThanOrEqual(20);
        expect(field.cursor).toBeGreaterThanOrEqual(0);
        expect(field.cursor).toBeLessThanOrEqual(field.value.length);
      }),
    );
  });

  it('rubs out backwards and forwards', () => {
    const field = { value: 'node-7', cursor: 4 };
    expect(reduceTextField(field, { edit: 'backspace' }, 50)).toEqual({ value: 'nod-7', cursor: 3 });
    expect(reduceTextField(field, { edit: 'delete' }, 50)).toEqual({ value: 'node7', cursor: 4 });
    expect(reduceTextField({ value: 'two words', cursor: 9 }, { edit: 'rub-word' }, 50).value).toBe('two ');
    expect(textFieldKey({ key: 'enter', text: '' })).toBeNull();
  });
});

describe('a text of several lines', () => {
  const edits: fc.Arbitrary<TextAreaEdit> = fc.oneof(
    fc.record({ edit: fc.constant('insert' as const), text: fc.constantFrom('a', '\n', ' ', 'é', '👩‍🚀') }),
    fc.constantFrom<TextAreaEdit>(...(['backspace', 'delete', 'left', 'right', 'up', 'down', 'home', 'end', 'page-up', 'page-down', 'rub-word', 'cut-line'] as const).map((edit) => ({ edit }))),
  );

  it('keeps its cursor inside and in sight, between whole characters, whatever is done', () => {
    fc.assert(
      fc.property(fc.array(edits, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (all, height) => {
        const text = all.reduce((state, edit) => reduceTextArea(state, edit, { maxLength: 60, height }), emptyText);
        expect(text.value.length).toBeLessThanOrEqual(60);
        const { line } = placeOf(text);
        expect(line - text.top).toBeGreaterThanOrEqual(0);
        expect(line - text.top).toBeLessThan(height);
        const starts = Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text.value), ({ index }) => index);
        expect([...starts, text.value.length]).toContain(text.cursor);
      }),
    );
  });

  it('types, joins and cuts lines', () => {
    const limits = { maxLength: 100, height: 10 };
    const typed = [...'ab\ncd'].reduce((state, text) => reduceTextArea(state, { edit: 'insert', text }, limits), emptyText);
    expect(placeOf(typed)).toEqual({ line: 1, column: 2 });
    const joined = reduceTextArea(reduceTextArea(typed, { edit: 'home' }, limits), { edit: 'backspace' }, limits);
    expect(joined).toMatchObject({ value: 'abcd', cursor: 2 });
    expect(reduceTextArea(typed, { edit: 'cut-line' }, limits).value).toBe('ab\n');
    // Up and down keep to the column also through a short line.
    const lines = { ...emptyText, value: 'long line\nx\nlong line', cursor: 7 };
    const down = reduceTextArea(reduceTextArea(lines, { edit: 'down' }, limits), { edit: 'down' }, limits);
    expect(placeOf(down)).toEqual({ line: 2, column: 7 });
    expect(textAreaKey({ key: 'ctrl-x', text: '' })).toBeNull();
  });
});

describe('a list', () => {
  it('stays in range and always shows the highlighted row', () => {
    const moves = fc.constantFrom('up', 'down', 'page-up', 'page-down', 'first', 'last');
    fc.assert(
      fc.property(fc.nat(600), fc.array(moves as fc.Arbitrary<'up'>), fc.integer({ min: 1, max: 40 }), (count, all, height) => {
        const index = all.reduce((at, move) => reduceList(at, move, count, height), -1);
        if (all.length === 0 || count === 0) return;
        expect(index).toBeGreaterThanOrEqual(0);
        expect(index).toBeLessThan(count);
        const { start, end, above, below } = listWindow(count, index, height);
        expect(start <= index && index < end).toBe(true);
        expect(end - start).toBeLessThanOrEqual(height);
        expect(above + below + (end - start)).toBe(count);
      }),
    );
  });
});

describe('words and numbers', () => {
  it('writes sizes, times and shares', () => {
    expect([formatBytes(0), formatBytes(1536), formatBytes(16 * 1024 ** 3)]).toEqual(['0 B', '1.5 KiB', '16 GiB']);
    expect([formatDuration(7000), formatDuration(3_723_000)]).toEqual(['0:07', '1:02:03']);
    // 100 % is said only when it is true.
    expect([formatPercent(0.9999), formatPercent(1), formatPercent(-1)]).toEqual(['99%', '100%', '0%']);
  });

  it('marks what it cuts', () => {
    expect(fit('abcdef', 4)).toBe('abc…');
    expect(fit('ab', 4)).toBe('ab  ');
  });

  it('draws a bar of the asked width for any share', () => {
    fc.assert(fc.property(fc.option(fc.double({ min: -1, max: 2, noNaN: true })), fc.integer({ min: 2, max: 80 }), fc.nat(), (share, width, beat) => progressBar(share, width, beat).length === width));
  });
});

describe('a difference', () => {
  it('leads from one text to the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const side = (kind: 'removed' | 'added'): string => lines.filter((line) => line.kind === 'same' || line.kind === kind).map((line) => line.text).join('\n');
        expect(side('removed')).toBe(before);
        expect(side('added')).toBe(after);
      }),
    );
  });
});
