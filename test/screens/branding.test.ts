/** Branding files of the image: text, colours, and no more questions than necessary. */
import { describe, expect, it } from 'vitest';
import { colorCode, paletteOf, readBranding, readColors, readText } from '../../src/app/console/branding.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { createPainter } from '../../src/ui/painter.ts';
import { keys, startPerson } from './helper.ts';

const folder = '/etc/kairos/branding';

describe('reading', () => {
  it('brings colours down to the 16 of a console', () => {
    expect([colorCode('#e56a44'), colorCode('9'), colorCode('#ffffff'), colorCode('#03153a'), colorCode('red; reboot'), colorCode('200')]).toEqual(['91', '91', '97', null, null, null]);
    expect(readColors('# ours\nKAIROS_HIGHLIGHT=#00ff00\nexport KAIROS_ACCENT="5"\nPATH=/evil\n')).toMatchObject({ highlight: '32', accent: '35' });
    expect(Object.values(readColors(''))).toEqual([null, null, null, null, null, null, null]);
  });

  it('reads background, text, lines and marks, and makes nothing invisible', () => {
    const file = "KAIROS_BG='#0000aa' # ours\nKAIROS_TEXT=\"#ffff55\"\nKAIROS_HIGHLIGHT=#5555ff\nKAIROS_BORDER=2\nBORDER_STYLE=double\nCHECK_MARK=✓\n";
    const colors = readColors(file);
    expect(colors).toMatchObject({ background: '44', foreground: '93', border: '32', line: '═', checkMark: '✓' });
    // The highlight is as blue as the background.
    expect(paletteOf({ ...colors, text: [], advancedDisabled: false })).toEqual({ '': '93;44', '1': '1;93', '7': '7;32', line: '32' });
    expect(paletteOf({ ...readColors('KAIROS_BG=1\n'), text: [], advancedDisabled: false })).toEqual({ '': '37;41', '1;31': '1;37' });
    expect(readColors('KAIROS_BG=#fff\nKAIROS_TEXT=#fff\n').background).toBeNull();
    expect(readColors('CHECK_MARK=\u001B[2J\n').checkMark).toBeNull();
  });

  it('takes text only as text, and not too much of it', () => {
    expect(readText('\n  Acme   Factory\u001B[2J\u0007\nLine 2\n\n')).toEqual(['  Acme   Factory', 'Line 2']);
    expect(readText('x\n'.repeat(100))).toHaveLength(6);
    expect(readText('y'.repeat(10_000))[0]?.length).toBeLessThanOrEqual(76);
  });

  it('reads the files of the image, the agent over them', async () => {
    const recording = {
      slipwayRecording: 1 as const,
      commands: {},
      files: { [`${folder}/interactive_install_text`]: 'Acme installer\n', [`${folder}/interactive_install_colors`]: 'KAIROS_HIGHLIGHT=#ff5555\n', [`${folder}/interactive_install_advanced_disabled`]: '' },
      links: {},
      directories: {},
    };
    const open = (files: Record<string, string>) => createRecordedSystem({ ...recording, files: { ...recording.files, ...files } });
    expect(await readBranding(open({}))).toMatchObject({ text: ['Acme installer'], highlight: '91', accent: null, advancedDisabled: true });
    expect((await readBranding(open({ '/etc/kairos/agent.yaml': 'branding:\n  interactive-install: From the agent\n' }))).text).toEqual(['From the agent']);
    expect((await readBranding(open({ '/etc/kairos/agent.yaml': 'branding: [' }))).text).toEqual(['Acme installer']);
  });
});

it('shows the text, and offers no details where the image says so', async () => {
  const person = await startPerson({ branding: { text: ['Acme installer', 'call 555'], highlight: '91', accent: '35', advancedDisabled: true } });
  await person.sees('This machine');
  expect(person.text()).toMatch(/ Acme installer\n call 555\n/);
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('Enter begins');
  expect(person.text()).not.toContain('details');
  await person.type('e');
  expect(person.lines().at(-1)).toContain(' REVIEW ');
  await person.leave();
});

it('draws the line above the keys in the colour of the image, through Ink', async () => {
  const person = await startPerson({ branding: { text: [], highlight: null, accent: null, border: '35', advancedDisabled: false } });
  await person.sees('This machine');
  const row = person.lines().findIndex((line) => line.startsWith('────'));
  const { active } = person.screen.terminal.buffer;
  expect(active.getLine(active.viewportY + row)?.getCell(10)?.getFgColor()).toBe(5);
  await person.leave();
});

it('colours headings and bars, and nothing without colours', () => {
  const paint = (color: boolean): string => {
    let sent = '';
    const painter = createPainter({ write: (text, done) => { sent += text; done(); } }, { color, unicode: true }, { columns: 20, rows: 2 });
    painter.setPalette({ '1': '1;91', '7': '7;35' });
    painter.paint('\u001B[1mhead\u001B[22m plain\n\u001B[7mbar\u001B[27m');
    return sent;
  };
  expect(paint(true)).toContain('\u001B[0;1;91mhead\u001B[m plain');
  expect(paint(true)).toContain('\u001B[0;7;35mbar');
  expect(paint(false)).toContain('\u001B[0;1mhead\u001B[m plain');
});

it('has one background under everything, also where lines are erased', () => {
  let sent = '';
  const painter = createPainter({ write: (text, done) => { sent += text; done(); } }, { color: true, unicode: true }, { columns: 20, rows: 2 });
  painter.setPalette({ '': '37;44' });
  painter.paint('\u001B[1mhead\u001B[22m plain\nlonger');
  expect(sent).toBe('\u001B[0;37;44m\u001B[H\u001B[2J\u001B[1H\u001B[0;37;44;1mhead\u001B[0;37;44m plain\u001B[2Hlonger');
  sent = '';
  painter.paint('\u001B[1mhead\u001B[22m plain\n');
  expect(sent).toBe('\u001B[2H\u001B[K');
});
