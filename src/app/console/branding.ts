/**
 * The image's branding files (kairos.md 9): a text in place of the title, colours brought down to the 16 that every
 * console has, and whether more than the necessary is asked. Foreign text: whatever is in them, they only look.
 */
import { cleanText } from '../../model/foreign-text.ts';
import type { Branding } from '../../plan/input.ts';
import { parseYaml } from '../../sources/yaml.ts';
import { rootData } from '../../sources/yaml-nodes.ts';
import type { System } from '../../system/port.ts';
import type { Palette } from '../../ui/painter.ts';

const folder = '/etc/kairos/branding';
const maxBytes = 64 * 1024;
const mostLines = 6;
const longestLine = 76;

/** Blanks stay: a banner may be drawn with characters. */
const cleanLine = (line: string): string =>
  line
    .slice(0, longestLine * 4)
    .replaceAll('\t', '    ')
    .split(/( +)/)
    .map((part) => (part.startsWith(' ') ? part : cleanText(part)))
    .join('')
    .slice(0, longestLine)
    .trimEnd();

export const readText = (text: string): readonly string[] => {
  const lines = text.split(/\r?\n/).map(cleanLine);
  const first = lines.findIndex((line) => line !== '');
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== '') + 1).slice(0, mostLines);
};

/** The 16 colours as the Linux console shows them. */
const palette: readonly (readonly [number, number, number])[] = [
  [0, 0, 0], [170, 0, 0], [0, 170, 0], [170, 85, 0], [0, 0, 170], [170, 0, 170], [0, 170, 170], [170, 170, 170],
  [85, 85, 85], [255, 85, 85], [85, 255, 85], [255, 255, 85], [85, 85, 255], [255, 85, 255], [85, 255, 255], [255, 255, 255],
];

const sgrOf = (index: number): string => String(index < 8 ? 30 + index : 82 + index);

/** Which of the 16 is nearest to what is written, or null for what is no colour. */
const indexOf = (value: string): number | null => {
  if (/^\d{1,2}$/.test(value)) return Number(value) <= 15 ? Number(value) : null;
  const hex = /^#([0-9a-f]{6})$/i.exec(value)?.[1] ?? /^#([0-9a-f]{3})$/i.exec(value)?.[1]?.replaceAll(/./g, '$&$&');
  if (hex === undefined) return null;
  const wanted = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const distances = palette.map((color) => color.reduce((sum, part, index) => sum + (part - (wanted[index] ?? 0)) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
};

/** The SGR code of the nearest of the 16; null for what is no colour, and for black, which would be read by nobody. */
export const colorCode = (value: string): string | null => {
  const index = indexOf(value.trim());
  return index === null || index === 0 ? null : sgrOf(index);
};

/** dotenv: `KEY=value`, with `export` before it or not, the value quoted or not, a comment behind it or not; the last one wins. */
const readPairs = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))(?:\s+#.*)?\s*$/.exec(line);
      return match?.[1] === undefined ? [] : [[match[1], match[2] ?? match[3] ?? match[4] ?? ''] as const];
    }),
  );

/** Values of `BORDER_STYLE`, as the line that they come to. */
const lines: Readonly<Record<string, string>> = { normal: '─', rounded: '─', double: '═', thick: '━', ascii: '-', off: ' ', none: ' ', disabled: ' ', false: ' ' };

export const readColors = (text: string): Omit<Branding, 'text' | 'advancedDisabled'> => {
  const values = readPairs(text);
  const value = (name: string): string => (values.get(name) ?? '').trim();
  const color = (name: string): string | null => colorCode(value(name));
  const [background, foreground] = [indexOf(value('KAIROS_BG')), indexOf(value('KAIROS_TEXT'))];
  // Backgrounds have the eight dark ones only. Text on its own colour would be read by nobody.
  const ground = background === null || background % 8 === 0 || background % 8 === (foreground ?? 7) % 8 ? null : background % 8;
  return {
    highlight: color('KAIROS_HIGHLIGHT'),
    accent: color('KAIROS_ACCENT') ?? color('KAIROS_HIGHLIGHT2') ?? color('KAIROS_BORDER'),
    background: ground === null ? null : String(40 + ground),
    foreground: color('KAIROS_TEXT'),
    border: color('KAIROS_BORDER'),
    line: lines[value('BORDER_STYLE').toLowerCase()] ?? null,
    checkMark: cleanText(Array.from(value('CHECK_MARK'))[0] ?? '', 1).trim() || null,
  };
};

/** Roles that have a colour of their own, as `src/ui/style.ts` writes them. */
const colored: readonly string[] = ['36', '1;31', '33', '32'];

/** What the painter needs to know. A colour that would not be seen on the background gives way to that of text. */
export const paletteOf = ({ highlight, accent, background = null, foreground = null, border = null }: Branding): Palette => {
  const text = foreground ?? '37';
  const hidden = (code: string): boolean => background !== null && code.split(';').some((part) => /^[39]\d$/.test(part) && Number(part) % 10 === Number(background) % 10);
  const seen = (code: string): string => (hidden(code) ? code.replace(/(?<=^|;)[39]\d(?=;|$)/g, text) : code);
  return {
    ...(background === null && foreground === null ? {} : { '': [text, ...(background === null ? [] : [background])].join(';') }),
    ...Object.fromEntries(colored.filter(hidden).map((code) => [code, seen(code)])),
    ...(highlight === null ? {} : { '1': seen(`1;${highlight}`) }),
    ...(accent === null ? {} : { '7': `7;${accent}` }),
    ...(border === null ? {} : { line: seen(border) }),
  };
};

/** `branding.interactive-install` of the agent's own configuration comes first. */
const agentText = (text: string): string | null => {
  const { document } = parseYaml(text, 'agent.yaml');
  const { branding } = document === undefined ? { branding: undefined } : (rootData(document) as { branding?: unknown });
  const value = typeof branding === 'object' && branding !== null ? (branding as Readonly<Record<string, unknown>>)['interactive-install'] : undefined;
  return typeof value === 'string' ? value : null;
};

export const readBranding = async (system: System): Promise<Branding> => {
  const [agent, text, colors, disabled] = await Promise.all([
    system.readText('/etc/kairos/agent.yaml', maxBytes),
    system.readText(`${folder}/interactive_install_text`, maxBytes),
    system.readText(`${folder}/interactive_install_colors`, maxBytes),
    system.stat(`${folder}/interactive_install_advanced_disabled`),
  ]);
  return {
    text: readText((agent === null ? null : agentText(agent)) ?? text ?? ''),
    ...readColors(colors ?? ''),
    advancedDisabled: disabled !== null,
  };
};
