/** The configuration to look at: what was read, what will be kept, and the difference. Secrets are blanked out. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, OverlayRow, Room, ViewProps } from '../src/app/console/screen.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { diffLines } from '../src/ui/diff.ts';
import { Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { breakText, listKeys } from './parts.tsx';
import { redactYaml } from './redact.ts';

interface ShownLine {
  readonly number: string;
  readonly text: string;
  readonly role: Role;
}

interface ShownText {
  readonly title: string;
  readonly lines: () => readonly ShownLine[];
}

/** Characters of a line that are shown: more than an SSH key has. */
const longest = 4000;

/** A line keeps its indentation; everything else in it is cleaned. */
export const cleanLine = (line: string): string => {
  const indent = /^[ \t]*/.exec(line)?.[0].replaceAll('\t', '  ').length ?? 0;
  return ' '.repeat(Math.min(indent, 60)) + cleanText(line, longest);
};

/** What can be looked at now; the last ones only once there is a plan. */
export const textsOf = (state: ConsoleState): readonly ShownText[] => {
  const sources = state.input?.sources;
  const kept = Object.entries(state.outcome?.planned?.material.keptFiles ?? {});
  const userData = (sources?.documents ?? []).filter(({ kind }) => kind === 'user-data');
  const read = (sources?.documents ?? []).map(({ name, kind, text }) => ({
    title: `${kind}: ${cleanText(name, 40)}`,
    lines: () =>
      redactYaml(text, kind === 'installer-data' ? 'everything' : 'secrets').flatMap((line, index) => {
        const wrong = (sources?.problems ?? []).filter(({ position }) => position?.line === index + 1 && position.file.endsWith(name));
        return [
          { number: String(index + 1), text: cleanLine(line), role: wrong.length > 0 ? ('danger' as const) : ('plain' as const) },
          ...wrong.map(({ what, hint, severity }) => ({ number: '', text: `^ ${cleanText(`${what}; ${hint}`, 300)}`, role: severity === 'error' ? ('danger' as const) : ('warning' as const) })),
        ];
      }),
  }));
  const plain = (text: string, redaction: 'secrets' | 'everything'): string => redactYaml(text, redaction).map(cleanLine).join('\n');
  return [
    ...read,
    ...kept.map(([name, text]) => ({
      title: `kept as ${cleanText(name, 40)}`,
      lines: () => redactYaml(text, 'secrets').map((line, index) => ({ number: String(index + 1), text: cleanLine(line), role: 'plain' as const })),
    })),
    ...(kept.length > 0 && userData.length > 0
      ? [
          {
            title: 'what changes from user-data to what is kept',
            lines: () =>
              diffLines(userData.map(({ text }) => plain(text, 'secrets')).join('\n'), kept.map(([, text]) => plain(text, 'secrets')).join('\n')).map(
                ({ kind, text }) => ({
                  number: { same: ' ', removed: '-', added: '+' }[kind],
                  text,
                  role: ({ same: 'plain', removed: 'danger', added: 'good' } as const)[kind],
                }),
              ),
          },
        ]
      : []),
  ];
};

/** Everything that can be looked at, for plain mode. */
export const plainTexts = (state: ConsoleState): string =>
  textsOf(state)
    .flatMap(({ title, lines }) => [`${title}:`, ...lines().map(({ number, text }) => `${number.padStart(4)}  ${text}`)])
    .join('\n') || 'there is no configuration to look at';

/** Where the kept configuration is among the texts, and the difference. */
export const keptIndex = (state: ConsoleState): number => Math.max(0, textsOf(state).findIndex(({ title }) => title.startsWith('kept')));
export const changesIndex = (state: ConsoleState): number => Math.max(0, textsOf(state).findIndex(({ title }) => title.startsWith('what changes')));

const indexOf = (state: ConsoleState): number => Math.max(0, Math.min(textsOf(state).length - 1, state.highlights['viewer-text'] ?? 0));
const topOf = (state: ConsoleState): number => state.highlights['viewer'] ?? 0;

/** Columns before the text. */
const gutter = 6;

/** A text as lines of the screen: a long one goes on below. */
const screenLines = (text: ShownText | undefined, columns: number): readonly ShownLine[] =>
  (text?.lines() ?? []).flatMap(({ number, text: line, role }) => breakText(line, columns - gutter).map((piece, index) => ({ number: index === 0 ? number : '', text: piece, role })));

const keys = (state: ConsoleState, room: Room): Keys => {
  const texts = textsOf(state);
  const index = indexOf(state);
  const length = screenLines(texts[index], room.columns).length;
  const height = Math.max(1, room.rows - 2);
  const show = (to: number): Keys[number]['action'] => ({
    type: 'many',
    actions: [
      { type: 'highlight', list: 'viewer-text', index: (to + texts.length) % Math.max(1, texts.length) },
      { type: 'highlight', list: 'viewer', index: 0 },
    ],
  });
  return [
    ...listKeys('viewer', Math.min(topOf(state), Math.max(0, length - height)), Math.max(1, length - height + 1), height),
    ...(texts.length > 1
      ? [
          { key: 'right', label: 'next text', help: 'the next text', action: show(index + 1) } as const,
          { key: 'nextField', label: '', action: show(index + 1) } as const,
          { key: 'left', label: '', help: 'the text before', action: show(index - 1) } as const,
        ]
      : []),
    { key: 'back', label: 'close', action: { type: 'overlay', overlay: null } },
    { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
    { key: 'redraw', label: '', action: { type: 'redraw' } },
  ];
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const texts = textsOf(state);
  const index = indexOf(state);
  const text = texts[index];
  if (text === undefined) return <Line role="muted">there is no configuration to look at</Line>;
  const lines = screenLines(text, columns);
  const height = Math.max(1, rows - 2);
  const top = Math.max(0, Math.min(topOf(state), lines.length - height));
  return (
    <Box flexDirection="column">
      <Line role="title">{`${text.title}  (${index + 1} of ${texts.length}, lines ${top + 1} to ${Math.min(lines.length, top + height)} of ${lines.length})`}</Line>
      {lines.slice(top, top + height).map((line, row) => (
        <Line key={top + row} role={line.role}>
          {line.number.padStart(gutter - 2) + '  ' + line.text}
        </Line>
      ))}
    </Box>
  );
};

export const viewer: OverlayRow = { title: 'Configuration', keys, view: View };
