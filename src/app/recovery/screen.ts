/** What a screen of the recovery menu is made of. The rows themselves are in `screens/recovery/`. */
import type { ReactNode } from 'react';
import type { Binding } from '../../ui/bindings.ts';
import type { KeyPress } from '../../ui/keys.ts';
import { findAction, footerHints } from '../../ui/bindings.ts';
import { roomIn } from '../../ui/frame-lines.ts';
import type { FrameText } from '../../ui/frame-lines.ts';
import { textAreaKey } from '../../ui/text-area.ts';
import { textFieldKey } from '../../ui/text-field.ts';
import { formatPercent } from '../../ui/format.ts';
import type { Room } from '../console/screen.ts';
import { isActionRunning, isActionStalled, subjectOf } from './state.ts';
import type { RecoveryOverlay, RecoveryScreenId, RecoveryState, RecoveryUiAction } from './state.ts';

export type RecoveryKeys = readonly Binding<RecoveryUiAction>[];

export interface RecoveryViewProps extends Room {
  readonly state: RecoveryState;
}

export interface RecoveryFocus {
  readonly field: string;
  readonly maxLength: number;
  /** A text of several lines; this many are in sight. */
  readonly lines?: number;
}

/** A screen without its picture. */
export interface RecoveryBehaviour {
  readonly title: string;
  readonly keys: (state: RecoveryState, room: Room) => RecoveryKeys;
  readonly focus?: (state: RecoveryState, room: Room) => RecoveryFocus | null;
}

export interface RecoveryDrawn extends RecoveryBehaviour {
  readonly view: (props: RecoveryViewProps) => ReactNode;
}

/** A question of plain mode; null while there is nothing to ask. */
export interface RecoveryQuestion {
  readonly lines: readonly string[];
  readonly prompt: string;
  /** What the answer means; a text says why it means nothing. */
  readonly answer: (line: string) => readonly RecoveryUiAction[] | string;
}

export interface RecoveryScreenRow extends RecoveryDrawn {
  readonly id: RecoveryScreenId;
  readonly help: readonly string[];
  readonly ask: (state: RecoveryState) => RecoveryQuestion | null;
}

export interface RecoveryScreens {
  readonly rows: readonly RecoveryScreenRow[];
  readonly overlays: Readonly<Record<RecoveryOverlay, RecoveryDrawn>>;
}

/** What the frame and the keys need of the screens. */
export interface RecoveryBehaviours {
  readonly rows: readonly (RecoveryBehaviour & { readonly id: RecoveryScreenId })[];
  readonly overlays: Readonly<Partial<Record<RecoveryOverlay, RecoveryBehaviour>>>;
}

export const recoveryRow = <Row extends { readonly id: RecoveryScreenId }>(screens: { readonly rows: readonly Row[] }, state: RecoveryState): Row => {
  const row = screens.rows.find(({ id }) => id === state.screen);
  if (row === undefined) throw new Error(`no screen ${state.screen}`);
  return row;
};

const behaviourOf = (screens: RecoveryBehaviours, state: RecoveryState): RecoveryBehaviour =>
  (state.overlay === null ? undefined : screens.overlays[state.overlay]) ?? recoveryRow(screens, state);

export const recoveryDrawn = (screens: RecoveryScreens, state: RecoveryState): RecoveryDrawn => (state.overlay === null ? recoveryRow(screens, state) : screens.overlays[state.overlay]);

const everywhere = (state: RecoveryState): RecoveryKeys => [
  ...(state.screen === 'status' && state.fromInstaller
    ? ([
        { key: 'back', label: 'installer', help: 'back to the installer, as it was left', action: { type: 'back' } },
        { key: 'quit', label: '', help: 'back to the installer', action: { type: 'back' } },
      ] as const)
    : state.screen === 'status' || state.screen === 'running'
      ? []
      : [{ key: 'back', label: 'back', help: 'one screen back', action: { type: 'back' } } as const]),
  { key: 'redraw', label: '', help: 'draw the screen anew', action: { type: 'redraw' } },
  { key: 'help', label: 'help', help: 'this page', action: { type: 'overlay', overlay: 'help' } },
  { key: 'quit', label: isActionRunning(state) ? '' : 'quit', help: isActionRunning(state) ? 'stop the action (asks first)' : 'leave (asks first)', action: { type: 'overlay', overlay: isActionRunning(state) ? 'abort' : 'quit' } },
];

/** All keys of what is on the screen; a screen's own win. */
export const recoveryKeys = (screens: RecoveryBehaviours, state: RecoveryState, room: Room): RecoveryKeys => {
  const own = behaviourOf(screens, state).keys(state, room);
  if (state.overlay !== null) return own;
  const taken = new Set(own.map(({ key }) => key));
  return [...own, ...everywhere(state).filter(({ key }) => !taken.has(key))];
};

export const recoveryFocus = (screens: RecoveryBehaviours, state: RecoveryState, room: Room): RecoveryFocus | null => behaviourOf(screens, state).focus?.(state, room) ?? null;

/** What a press means now, or null. */
export const routeRecovery = (screens: RecoveryBehaviours, state: RecoveryState, press: KeyPress, room: Room): RecoveryUiAction | null => {
  if (state.ending !== null) return null;
  const focused = recoveryFocus(screens, state, room);
  if (focused?.lines !== undefined) {
    const edit = textAreaKey(press);
    if (edit !== null) return { type: 'edit-text', edit, limits: { maxLength: focused.maxLength, height: focused.lines } };
  } else if (focused !== null) {
    const edit = textFieldKey(press);
    if (edit !== null) return { type: 'edit', field: focused.field, edit, maxLength: focused.maxLength };
  }
  return findAction(recoveryKeys(screens, state, room), press, focused !== null);
};

const capitals = (text: string): string => text.toUpperCase().replaceAll(/[^0-9A-Z.]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 24) || '-';

const verdict = (state: RecoveryState): string => {
  if (isActionRunning(state)) return state.run?.aborting === true ? 'STOPPING' : isActionStalled(state) ? 'STALLED' : 'RUNNING';
  if (state.screen === 'result') return state.run?.done?.ok === true ? 'DONE' : 'FAILED';
  if (state.looking) return 'LOOKING';
  return state.problem === null ? 'ASKING' : 'BLOCKED';
};

/** `SLIPWAY <unit> RECOVERY-<screen> <step> <percent> <verdict>`, plain capitals, as on the screens of the installer. */
export const recoveryStateLine = (state: RecoveryState): string => {
  const { run } = state;
  const unit = state.unit ?? subjectOf(state)?.unit ?? null;
  const node = capitals(unit ?? /serial (\S+)$/.exec(state.looked?.status.target.text ?? '')?.[1] ?? state.looked?.status.target.path.split('/').at(-1) ?? 'unknown');
  const step = run === null ? '-' : `${run.steps.length}/${Math.max(run.of, run.steps.length)}`;
  return `SLIPWAY ${node} RECOVERY-${state.screen.toUpperCase()} ${step} ${run === null || run.fraction === null ? '-' : formatPercent(run.fraction)} ${verdict(state)}`;
};

/** Everything in the frame but the view. */
export const recoveryFrameText = (screens: RecoveryBehaviours, state: RecoveryState, columns: number, rows: number): FrameText => {
  const drawn = behaviourOf(screens, state);
  const room = roomIn(columns, rows, state.notice);
  return {
    columns,
    rows,
    product: `Slipway ${state.version} recovery${state.simulated ? ' SIMULATED' : ''}`,
    title: state.overlay === null ? drawn.title : `${recoveryRow(screens, state).title}: ${drawn.title}`,
    step: '',
    way: '',
    hints: footerHints(recoveryKeys(screens, state, room), recoveryFocus(screens, state, room) !== null, columns),
    notice: state.notice,
    stateLine: recoveryStateLine(state),
  };
};
