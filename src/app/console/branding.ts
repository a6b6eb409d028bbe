/**
 * The image's branding files (kairos.md 9): a text in place of the title, colours brought down to the 16 that every
 * console has, and whether more than the necessary is asked. Foreign text: whatever is in them, they only look.
 */
import { cleanText } from '../../model/foreign-text.ts';
import type { Branding } from '../../plan/input.ts';
import { parseYaml, rootData } from '../../sources/yaml.ts';
import type { System } from '../../system/port.ts';

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

/** The SGR code of the nearest of the 16; null for what is no colour, and for black, which would be read by nobody. */
export const colorCode = (value: string): string | null => {
  const text = value.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (/^\d{1,2}$/.test(text)) return Number(text) >= 1 && Number(text) <= 15 ? sgrOf(Number(text)) : null;
  const hex = /^#([0-9a-f]{6})$/i.exec(text)?.[1] ?? /^#([0-9a-f]{3})$/i.exec(text)?.[1]?.replaceAll(/./g, '$&$&');
  if (hex === undefined) return null;
  const wanted = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const distances = palette.map((color) => color.reduce((sum, part, index) => sum + (part - (wanted[index] ?? 0)) ** 2, 0));
  const nearest = distances.indexOf(Math.min(...distances));
  return nearest === 0 ? null : sgrOf(nearest);
};

/** `KEY=value` lines; the last one wins. */
export const readColors = (text: string): Pick<Branding, 'highlight' | 'accent'> => {
  const values = new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const match = /^\s*(?:export\s+)?(KAIROS_[A-Z0-9]+)\s*=\s*(.*?)\s*$/.exec(line);
      return match?.[1] === undefined ? [] : [[match[1], match[2] ?? ''] as const];
    }),
  );
  const color = (name: string): string | null => colorCode(values.get(name) ?? '');
  return { highlight: color('KAIROS_HIGHLIGHT'), accent: color('KAIROS_ACCENT') ?? color('KAIROS_BORDER') };
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
