import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { footerHints, helpLines } from '../../src/ui/bindings.ts';
import { footer } from '../../src/ui/frame-lines.ts';
import { keyTable, means, shownKey, splitKeys, splitText } from '../../src/ui/keys.ts';
import type { InkKey, KeyName } from '../../src/ui/keys.ts';

const noKey: InkKey = {
  upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageDown: false, pageUp: false, home: false, end: false,
  return: false, escape: false, ctrl: false, shift: false, tab: false, backspace: false, delete: false, meta: false,
};

describe('splitting', () => {
  it('makes single presses of what came in one read', () => {
    expect(splitKeys('yes\r', noKey).map(({ key, text }) => text || key)).toEqual(['y', 'e', 's', 'enter']);
    expect(splitText('a\r\nb\n')).toHaveLength(4);
  });

  it('keeps graphemes whole', () => {
    expect(splitText('é👩‍🚀x').map(({ text }) => text)).toEqual(['é', '👩‍🚀', 'x']);
  });

  it('names control characters and drops the rest', () => {
    expect(splitText('\u0003\u0000\u009B\u001B').map(({ key }) => key)).toEqual(['ctrl-c', 'escape']);
  });

  it('never gives a press that could paint a terminal', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => splitText(text).every((press) => !/[\u0000-\u001F\u007F-\u009F]/.test(press.text[0] ?? ''))));
  });
});

describe('the key table', () => {
  it('takes letters as text while a field has the focus', () => {
    expect(means({ key: 'text', text: 'q' }, 'quit', false)).toBe(true);
    expect(means({ key: 'text', text: 'q' }, 'quit', true)).toBe(false);
    expect(means({ key: 'ctrl-c', text: '' }, 'quit', true)).toBe(true);
  });

  it('needs no function key', () => {
    for (const { presses } of Object.values(keyTable)) for (const press of presses) expect(press).not.toMatch(/^f\d/);
  });

  it('writes a key as it works in a field', () => {
    expect(shownKey('help', false)).toBe('?');
    expect(shownKey('help', true)).toBe('Ctrl-G');
  });

  it('fits the footer, and never gives up the way on, the way back and help', () => {
    const bindings = (Object.keys(keyTable) as KeyName[]).map((key) => ({ key, label: 'something', action: null }));
    for (const width of [40, 60, 78, 80]) {
      const hints = footerHints(bindings, false, width);
      expect(footer(hints).replaceAll(/\u001B\[\d*m/g, '').length).toBeLessThanOrEqual(Math.max(44, width));
      const shown = hints.map(({ key }) => key);
      expect(shown).toEqual(expect.arrayContaining([shownKey('accept', false), shownKey('back', false), shownKey('help', false)]));
    }
    expect(footerHints(bindings, false, 100).map(({ key }) => key)).toContain(shownKey('quit', false));
    expect(helpLines(bindings, true).length).toBeLessThan(bindings.length);
  });
});
