/** What a screen is made of. The rows themselves are in `screens/`. */
import type { ReactNode } from 'react';
import type { Binding } from '../../ui/bindings.ts';
import type { FlowRow } from '../reduce/flow.ts';
import type { Role } from '../../ui/style.ts';
import type { Action, ConsoleState, Overlay } from '../state.ts';

/** Columns and rows that a view has. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

export interface ViewProps extends Room {
  readonly state: ConsoleState;
  /** The same with the highlights where keys last rested: what is told about a highlighted row follows when the moving is over. */
  readonly settled: ConsoleState;
}

/** A line of text in one role. */
export interface TextLine {
  readonly text: string;
  readonly role: Role;
}

/** The field that takes what is typed. */
export interface FocusedField {
  readonly field: string;
  readonly maxLength: number;
  /** What a pasted line end becomes; without it, it is dropped. */
  readonly separator?: string;
  /** What the key that empties the field does besides. */
  readonly emptied?: Action;
  /** A text of several lines; this many are in sight. */
  readonly lines?: number;
}

export type Keys = readonly Binding<Action>[];

/** A screen without its picture. */
export interface Behaviour {
  readonly title: string;
  readonly keys: (state: ConsoleState, room: Room) => Keys;
  readonly focus?: (state: ConsoleState, room: Room) => FocusedField | null;
}

interface Drawn extends Behaviour {
  readonly view: (props: ViewProps) => ReactNode;
}

/** A question of plain mode: printed as lines, answered with one line. */
export interface PlainQuestion {
  readonly lines: readonly string[];
  readonly prompt: string;
  /** Not echoed. */
  readonly secret?: boolean;
  /** Several lines are one answer; this line, alone, ends it. Blanks at their beginnings are kept. */
  readonly until?: string;
  /** What the answer means; a text says why it means nothing. */
  readonly answer: (line: string) => readonly Action[] | string;
}

export interface ScreenRow extends FlowRow, Drawn {
  /** What this screen is for, in a few sentences, for the help page. */
  readonly help: readonly string[];
  /** Everything that the view cuts where it has no room, whole; problems, which every screen can have, come by themselves. */
  readonly inFull?: (state: ConsoleState, columns: number) => readonly TextLine[];
  /** The hash of the plan that the view tells whole, for consent to it; null while it tells none. */
  readonly shows?: (state: ConsoleState) => string | null;
  /** The same screen as a question and answer; none while there is nothing to ask. */
  readonly ask?: (state: ConsoleState) => PlainQuestion | null;
}

/** Help, log and questions that lie over a screen. */
export type OverlayRow = Drawn;

export interface Screens {
  readonly rows: readonly ScreenRow[];
  readonly overlays: Readonly<Record<Overlay, OverlayRow>>;
}

export interface BehaviourRow extends FlowRow, Behaviour {}

/** What the frame and the keys need of the screens. */
export interface Behaviours {
  readonly rows: readonly BehaviourRow[];
  readonly overlays: Readonly<Partial<Record<Overlay, Behaviour>>>;
}

/** The screen that is open, below any overlay. */
export const currentRow = <Row extends FlowRow>(screens: { readonly rows: readonly Row[] }, state: ConsoleState): Row => {
  const row = screens.rows.find(({ id }) => id === state.screen) ?? screens.rows[0];
  if (row === undefined) throw new Error('the table of screens is empty');
  return row;
};

/** What is listened to now: the overlay, else the screen. */
export const behaviourOf = (screens: Behaviours, state: ConsoleState): Behaviour =>
  (state.overlay === null ? undefined : screens.overlays[state.overlay]) ?? currentRow(screens, state);

/** The hash of the plan that is told by what is drawn now, with nothing over it. */
export const planOnScreen = (screens: Screens, state: ConsoleState): string | null => (state.overlay === null ? (currentRow(screens, state).shows?.(state) ?? null) : null);

/** What is drawn now. */
export const drawnRow = (screens: Screens, state: ConsoleState): Drawn =>
  state.overlay === null ? currentRow(screens, state) : screens.overlays[state.overlay];
