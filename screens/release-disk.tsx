/** The question whether what holds a disk is let go of: an action of its own, before anything is planned on that disk. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys } from '../src/app/console/screen.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import type { Disk } from '../src/model/facts.ts';
import { planRelease, releaseText } from '../src/plan/release.ts';
import { Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { Gap, wrapText } from './parts.tsx';

/** The focus of the disk screen while it is asked. */
export const releaseFocus = 2;

export const isAskingRelease = (state: ConsoleState): boolean => state.focus['disk'] === releaseFocus;

const leave: Action = { type: 'focus', screen: 'disk', index: 0 };

/** Asks; null where there is nothing that may be let go of. */
export const askRelease = (disk: Disk | undefined): Action | null =>
  disk === undefined || planRelease(disk) === null ? null : { type: 'focus', screen: 'disk', index: releaseFocus };

export const confirmRelease = (disk: Disk): Action => ({ type: 'many', actions: [leave, { type: 'ask', command: { do: 'release-disk', disk } }] });

/** What came of the last one; empty when there was none. */
export const releaseResult = ({ session: { released } }: ConsoleState): { readonly text: string; readonly role: Role } => {
  if (released === null) return { text: '', role: 'muted' };
  if (released.state === 'asking') return { text: 'unmounting ...', role: 'muted' };
  return released.state === 'there' ? { text: cleanText(released.value, 200), role: 'good' } : { text: cleanText(released.text, 200), role: 'danger' };
};

export const releaseKeys = (disk: Disk): Keys => [
  { key: 'yes', label: 'do it', help: 'unmount and switch off what is listed; nothing on the disk is changed by that', action: confirmRelease(disk) },
  { key: 'no', label: 'leave it', action: leave },
];

/** The question, a line each. */
export const releaseLines = (disk: Disk): readonly string[] => [
  `${cleanText(disk.path, 40)} is in use by this running system. To free it:`,
  ...(planRelease(disk) ?? []).map((use) => `  ${cleanText(releaseText(use), 120)}`),
  'Programs that use it keep it from being freed; nothing is forced. Nothing is erased by this.',
];

export const ReleaseQuestion = ({ disk, columns, rows }: { readonly disk: Disk; readonly columns: number; readonly rows: number }): ReactNode => (
  <Box flexDirection="column">
    <Line role="title">Free this disk?</Line>
    <Gap />
    {releaseLines(disk)
      .flatMap((line) => (line.startsWith(' ') ? [line] : wrapText(line, columns)))
      .slice(0, Math.max(1, rows - 2))
      .map((line, index) => (
        <Line key={index}>{line}</Line>
      ))}
  </Box>
);
