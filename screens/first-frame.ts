/**
 * The frames that are on the terminal before Ink is loaded: the first of the installer and the first of the recovery menu, made of the
 * same pieces as those that follow, which therefore change nothing of them. Pure.
 */
import { frameTextOf } from '../src/app/console/frame-text.ts';
import { recoveryFrameText } from '../src/app/recovery/screen.ts';
import { initialRecoveryState } from '../src/app/recovery/state.ts';
import type { MenuOpened } from '../src/app/recovery/state.ts';
import { initialState } from '../src/app/state.ts';
import { frameLines } from '../src/ui/frame-lines.ts';
import { styled } from '../src/ui/style.ts';
import type { Size } from '../src/ui/terminal.ts';
import { noNodeText, statusBehaviour } from './recovery/status-first.ts';
import { firstLines, welcomeBehaviour } from './welcome-first.ts';

/** The installer's first frame, lines parted by line feeds. */
export const firstFrame = (version: string, simulated: boolean, { columns, rows }: Size): string => {
  const state = initialState({ version, now: 0, given: {}, presets: [], simulated, screen: welcomeBehaviour.id });
  const frame = frameTextOf({ rows: [welcomeBehaviour], overlays: {} }, state, columns, rows);
  return frameLines(frame, firstLines(state)).join('\n');
};

/** The recovery menu's first frame. */
export const firstRecoveryFrame = (version: string, { columns, rows }: Size, opened: MenuOpened = {}): string => {
  const state = initialRecoveryState(version, 0, opened);
  const frame = recoveryFrameText({ rows: [statusBehaviour], overlays: {} }, state, columns, rows);
  return frameLines(frame, [styled(noNodeText(state), 'title')]).join('\n');
};
