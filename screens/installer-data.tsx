/** What is for this install only: each stage, when it runs, and that nothing of it stays. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, Room, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import type { StageStep } from '../src/model/stages.ts';
import { plural } from '../src/ui/format.ts';
import { Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { listKeys } from './parts.tsx';

const id = 'installer-data';

/** When a stage runs, in words. */
const whenWords: readonly (readonly [RegExp, string])[] = [
  [/^before-install/, 'before anything is written to the disk'],
  [/^(?:kairos-(?:uki-)?install\.pre)/, 'before the install'],
  [/^after-install-chroot/, 'after the system is laid down, inside of it'],
  [/^after-install/, 'after the system is laid down'],
  [/^kairos-(?:uki-)?install\.after/, 'at the very end of the install'],
];

/** What a step does, by the names of its keys; values are never shown. */
const stepText = (step: StageStep): string => {
  const name = typeof step.value['name'] === 'string' ? `"${cleanText(step.value['name'], 50)}": ` : '';
  const parts = Object.entries(step.value)
    .filter(([key]) => key !== 'name' && key !== 'if')
    .map(([key, value]) => {
      const count = Array.isArray(value) ? value.length : typeof value === 'object' && value !== null ? Object.keys(value).length : 1;
      return `${cleanText(key, 30)} (${count})`;
    });
  return `step ${step.index + 1}: ${name}${parts.join(', ') || 'nothing'}${step.value['if'] === undefined ? '' : ', on a condition'}`;
};

interface ShownLine {
  readonly text: string;
  readonly role: Role;
}

const linesOf = (state: ConsoleState): readonly ShownLine[] => {
  const sources = state.input?.sources;
  if (sources === undefined) return [];
  const stages = [...new Set(sources.steps.map(({ stage }) => stage))];
  return [
    { text: `${plural(stages.length, 'install stage')}, run during this install, never written to the target:`, role: 'title' },
    ...stages.flatMap((stage): readonly ShownLine[] => {
      const steps = sources.steps.filter((step) => step.stage === stage);
      const when = whenWords.find(([pattern]) => pattern.test(stage))?.[1] ?? 'during the install';
      return [
        { text: `${cleanText(stage, 60)}: ${when} (from ${cleanText(steps[0]?.file ?? '', 60)})`, role: 'plain' },
        ...steps.map((step) => ({ text: `    ${stepText(step)}`, role: 'muted' as const })),
      ];
    }),
    { text: '', role: 'plain' },
    { text: `${plural(sources.removed.length, 'part')} that would stay behind otherwise, and will not:`, role: 'title' },
    ...sources.removed.map((path) => ({ text: `  ${cleanText(path, 200)}`, role: 'plain' as const })),
    { text: '', role: 'plain' },
    { text: 'After the install the target is read back and searched for all of it.', role: 'good' },
  ];
};

const keys = (state: ConsoleState, room: Room): Keys => {
  const beyond = Math.max(1, linesOf(state).length - room.rows + 2);
  return [
    ...listKeys(id, Math.min(state.highlights[id] ?? 0, beyond - 1), beyond, room.rows - 2),
    { key: 'accept', label: 'continue', action: { type: 'next' } },
  ];
};

const View = ({ state, rows }: ViewProps): ReactNode => {
  const lines = linesOf(state);
  const height = lines.length > rows ? rows - 1 : rows;
  const top = Math.max(0, Math.min(state.highlights[id] ?? 0, lines.length - height));
  return (
    <Box flexDirection="column">
      {lines.slice(top, top + height).map(({ text, role }, index) => (
        <Line key={top + index} role={role}>
          {text}
        </Line>
      ))}
      {lines.length > rows && <Line role="muted">{`(lines ${top + 1} to ${top + height} of ${lines.length})`}</Line>}
    </Box>
  );
};

export const installerData: ScreenRow = {
  id,
  title: 'Install-only',
  when: (state) => state.run === null && state.customize && (state.input?.sources.removed.length ?? 0) > 0,
  done: () => true,
  keys,
  help: ['Install-only material is used while installing and is gone afterwards: never written, removed where a tool copied it, and proven gone by reading the target back.'],
  view: View,
  ask: (state) => ({
    lines: linesOf(state).map(({ text }) => text),
    prompt: 'Enter continues',
    answer: (line) => (line === '' ? [{ type: 'next' }] : 'press Enter, or type back'),
  }),
};
