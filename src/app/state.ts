/**
 * Everything the console knows, in one value, and everything that can happen to it. Fields and lists on the
 * screen hold nothing themselves.
 */
import type { AuditReport } from '../model/audit.ts';
import type { InstallEvent, Phase } from '../model/events.ts';
import type { ExitCode } from '../model/exit-code.ts';
import type { Disk, Facts, Volume } from '../model/facts.ts';
import type { DiskTarget, InstallPlan } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Answers, SettingLayer, SettingLayers } from '../model/settings.ts';
import type { PlanInput, PlanOutcome } from '../plan/input.ts';
import { resolveLayers } from '../plan/resolve.ts';
import { emptyField } from '../ui/text-field.ts';
import type { TextFieldEdit, TextFieldState } from '../ui/text-field.ts';
import { emptyText } from '../ui/text-area.ts';
import type { TextAreaEdit, TextAreaLimits, TextAreaState } from '../ui/text-area.ts';
import { asOpen, questionOf, questionsIn } from './console/asked-later.ts';
import type { Question } from './console/asked-later.ts';
import { checkProblems } from './console/checks.ts';
import type { ConfigExtras, ExtraChanges } from './console/config-answers.ts';
import { onScreens } from './console/screen-words.ts';
import type { SessionAction, SessionCommand, SessionState } from './console/session.ts';
import { emptySession, restedSession } from './console/session.ts';
import type { GivenDocument } from '../sources/load-sources.ts';

export type FinishAction = 'reboot' | 'poweroff' | 'shell' | 'none';

/** A ready-made configuration that can be picked. */
export interface Preset {
  /** As in `preset:NAME`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
  /** ms since the run began */
  readonly at: number;
}

export interface PhaseState {
  readonly phase: Phase;
  /** ms */
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** An install under way or ended. */
export interface Run {
  /** The plan that was confirmed. */
  readonly plan: InstallPlan;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly lastEventAt: number;
  readonly phases: readonly PhaseState[];
  readonly step: string;
  readonly fraction: number | null;
  readonly bytes: number;
  readonly total: number | null;
  readonly bytesPerSecond: number | null;
  /** How fast the medium is read. */
  readonly sourceBytesPerSecond: number | null;
  readonly log: readonly LogLine[];
  /** Lines that came before the ones kept. */
  readonly dropped: number;
  readonly problems: readonly Problem[];
  readonly scrubbed: readonly string[] | null;
  readonly audit: AuditReport | null;
  readonly receipts: readonly string[];
  /** The receipt in one line, as its QR code says it. */
  readonly receiptLine: string | null;
  readonly aborting: boolean;
  /** Nobody is asked any more: started by the countdown. */
  readonly unattended: boolean;
  readonly done: Extract<InstallEvent, { event: 'done' }> | null;
}

/** Where the text in the editor comes from. */
export interface EditedText {
  readonly name: string;
  readonly start: string;
}

export type Overlay = 'help' | 'quit' | 'abort' | 'log' | 'viewer' | 'save' | 'code' | 'editor' | 'files' | 'token' | 'pick' | 'power' | 'in-full';

export interface Ending {
  readonly exitCode: ExitCode;
  /** `recovery`: the menu that looks after an installed node comes next. */
  readonly finish: FinishAction | 'recovery';
}

export interface ConsoleState {
  readonly version: string;
  /** ms since the epoch, as of the last tick */
  readonly now: number;
  /** What flags and the kernel line say; never changed here. */
  readonly given: SettingLayers;
  /** What was answered on the console. */
  readonly answers: SettingLayer;
  readonly passwordHash: string | null;
  /** Answers that have no flag: they go into the kept configuration. */
  readonly extras: ConfigExtras;
  /** A configuration written or picked here; held in memory only. */
  readonly document: GivenDocument | null;
  /** It stands in for every user-data document. */
  readonly useDocument: boolean;
  /** What is known from outside besides the look: volumes' files, keys, the network, providers. */
  readonly session: SessionState;
  /** A screen that is not on the way, asked for by name, and where from. */
  readonly visit: { readonly screen: string; readonly from: string } | null;
  readonly presets: readonly Preset[];
  /** A recorded machine is played; nothing real is touched. */
  readonly simulated: boolean;
  /** More than ASCII can be shown. */
  readonly unicode: boolean;
  /** Every character takes its time on the line: what follows a highlighted row is short. */
  readonly slow: boolean;
  /** Reports can be written here. */
  readonly canSave: boolean;
  /** Grows with every look at the machine; an answer to an older look is thrown away. */
  readonly lookNumber: number;
  readonly looking: boolean;
  readonly lookText: string;
  readonly lookProblem: Problem | null;
  readonly input: PlanInput | null;
  /** What the watch told last since the look began, and when (ms since the epoch): a look ends long after it has seen the disks. */
  readonly told: { readonly facts: Facts; readonly at: number | null } | null;
  readonly outcome: PlanOutcome | null;
  readonly screen: string;
  /** The person wants to see the questions whose answers are usually right. */
  readonly customize: boolean;
  /** The screen the log, help or a question lies over is not left. */
  readonly overlay: Overlay | null;
  /** The highlighted row of each list by its id: it stays the same one when others come and go. */
  readonly marks: Readonly<Record<string, string>>;
  /** How far down each text is. */
  readonly highlights: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, TextFieldState>>;
  /** What the text in the editor began with; null until it was opened. */
  readonly editing: EditedText | null;
  /** Texts of several lines. */
  readonly texts: Readonly<Record<string, TextAreaState>>;
  /** Which of several fields of a screen has the focus. */
  readonly focus: Readonly<Record<string, number>>;
  readonly notice: string;
  /** A volume came or went since the last look. */
  readonly volumesChanged: boolean;
  /** ms since the epoch when the countdown ends; null: not counting */
  readonly countdownEnds: number | null;
  readonly countdownOver: boolean;
  readonly run: Run | null;
  /** When the screen changed by itself to how a run ended (ms since the epoch): keys that were meant for the screen before may still come. */
  readonly turnedAt: number | null;
  /** The plan that a screen has told whole since then (ms since the epoch); null while there is none, or another one by now. */
  readonly shown: { readonly hash: string; readonly screen: string; readonly at: number } | null;
  readonly ending: Ending | null;
}

export type Action =
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'looked'; readonly number: number; readonly input: PlanInput; readonly now: number }
  | { readonly type: 'look-failed'; readonly number: number; readonly problem: Problem }
  | { readonly type: 'look-text'; readonly number: number; readonly text: string }
  | { readonly type: 'planned'; readonly outcome: PlanOutcome; readonly now: number }
  | { readonly type: 'facts'; readonly facts: Facts; readonly at?: number }
  | { readonly type: 'hashed'; readonly hash: string }
  | { readonly type: 'events'; readonly events: readonly InstallEvent[]; readonly now: number }
  | { readonly type: 'answer'; readonly changes: AnswerChanges; readonly next?: boolean }
  | { readonly type: 'next' }
  | { readonly type: 'back' }
  | { readonly type: 'go'; readonly screen: string }
  | { readonly type: 'look' }
  | { readonly type: 'mark'; readonly list: string; readonly id: string }
  | { readonly type: 'highlight'; readonly list: string; readonly index: number }
  | { readonly type: 'edit'; readonly field: string; readonly edit: TextFieldEdit; readonly maxLength: number }
  /** The text in the editor is one of this from now on: what it holds beyond that is a draft. `text` puts another text there. */
  | { readonly type: 'begin-text'; readonly editing: EditedText; readonly text?: string }
  | { readonly type: 'edit-text'; readonly text: string; readonly edit: TextAreaEdit; readonly limits: TextAreaLimits }
  /** Answers without a flag; they change the plan. */
  | { readonly type: 'extras'; readonly changes: ExtraChanges }
  /** Use this configuration instead of what would be read; null goes back to that. Its text is kept. */
  | { readonly type: 'document'; readonly document: GivenDocument | null }
  /** To a screen that is not on the way otherwise. */
  | { readonly type: 'visit'; readonly screen: string }
  | SessionAction
  | { readonly type: 'focus'; readonly screen: string; readonly index: number }
  | { readonly type: 'overlay'; readonly overlay: Overlay | null }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'stop-countdown' }
  /** A frame that tells this plan whole is on the terminal. */
  | { readonly type: 'shown'; readonly hash: string; readonly now: number }
  /** A key came, and this is what it means; null: nothing. */
  | { readonly type: 'pressed'; readonly now: number; readonly action: Action | null }
  /** Consent to this very plan. `typed`: by a line written below it, which no key that is held down does. */
  | { readonly type: 'confirm'; readonly hash: string; readonly typed?: boolean }
  | { readonly type: 'retry'; readonly to: string }
  /** The install was set in motion; the state's own time is as old as the last tick. */
  | { readonly type: 'started'; readonly now: number }
  | { readonly type: 'abort' }
  | { readonly type: 'end'; readonly ending: Ending }
  /** One after the other, as one step. */
  | { readonly type: 'many'; readonly actions: readonly Action[] }
  /** Shows the screens that are skipped otherwise, from the first of them on. */
  | { readonly type: 'customize' }
  /** A password was typed twice, equal; the fields that held it are emptied at once. */
  | { readonly type: 'password'; readonly password: string; readonly fields: readonly string[] }
  /** None, after all; the fields that would hold one are emptied. */
  | { readonly type: 'no-password'; readonly fields: readonly string[] }
  /** Leave; an install under way is stopped first. */
  | { readonly type: 'quit' }
  | { readonly type: 'redraw' }
  | { readonly type: 'switch-color' }
  /** From screens to plain questions, or back. */
  | { readonly type: 'switch-plain' }
  /** Out to a shell; the console goes on when it ends. */
  | { readonly type: 'shell' }
  /** Write a report without secrets to a volume. */
  | { readonly type: 'save'; readonly volume: Volume; readonly report: string };

/** Answers to set; undefined takes an answer back. */
export type AnswerChanges = { readonly [Name in keyof SettingLayer]: SettingLayer[Name] | undefined };

/** What the reducer wants to have done. The store hands it to whoever can. */
export type Command =
  | { readonly do: 'look'; readonly number: number; readonly layers: SettingLayers; readonly instead: GivenDocument | null }
  | { readonly do: 'plan'; readonly input: PlanInput }
  | { readonly do: 'hash'; readonly password: string }
  | SessionCommand
  | { readonly do: 'install' }
  | { readonly do: 'abort' }
  | { readonly do: 'redraw' }
  | { readonly do: 'switch-color' }
  | { readonly do: 'switch-plain' }
  | { readonly do: 'shell' }
  | { readonly do: 'save'; readonly volume: Volume; readonly report: string };

export interface InitialOptions {
  readonly version: string;
  readonly now: number;
  readonly given: SettingLayers;
  readonly presets: readonly Preset[];
  readonly canSave?: boolean;
  readonly simulated?: boolean;
  readonly unicode?: boolean;
  readonly slow?: boolean;
  readonly screen: string;
}

export const initialState = (options: InitialOptions): ConsoleState => ({
  version: options.version,
  now: options.now,
  given: options.given,
  answers: options.given.console ?? {},
  passwordHash: null,
  extras: {},
  document: null,
  useDocument: false,
  session: emptySession,
  visit: null,
  presets: options.presets,
  canSave: options.canSave ?? false,
  simulated: options.simulated ?? false,
  unicode: options.unicode ?? false,
  slow: options.slow ?? false,
  lookNumber: 1,
  looking: true,
  lookText: '',
  lookProblem: null,
  input: null,
  told: null,
  outcome: null,
  screen: options.screen,
  customize: false,
  overlay: null,
  marks: {},
  highlights: {},
  fields: {},
  editing: null,
  texts: {},
  focus: {},
  notice: '',
  volumesChanged: false,
  countdownEnds: null,
  countdownOver: false,
  run: null,
  turnedAt: null,
  shown: null,
  ending: null,
});

/** The console goes on as it was left, with every answer. What was under way then is begun anew. */
export const resumedState = (left: ConsoleState, now: number): ConsoleState => ({
  ...left,
  now,
  looking: true,
  lookProblem: null,
  session: restedSession(left.session),
  overlay: null,
  notice: '',
  shown: null,
  ending: null,
});

// Selectors: what the screens ask of the state.

/** Every layer, the console's on top. After a look the layers read from files are among them. */
export const layersOf = (state: ConsoleState): SettingLayers => ({
  ...(state.input?.layers ?? state.given),
  console: state.answers,
});

export const answersOf = (state: ConsoleState): Answers => resolveLayers(layersOf(state));

export const fieldOf = (state: ConsoleState, field: string): TextFieldState => state.fields[field] ?? emptyField;

export const textOf = (state: ConsoleState, text: string): TextAreaState => state.texts[text] ?? emptyText;

export const planOf = (state: ConsoleState): InstallPlan | null => state.outcome?.planned?.plan ?? null;

/** What was not answered yet is not wrong before it was asked; these are told where it is, and on the review. */
const askedOn: Readonly<Record<string, readonly string[]>> = {
  'device-missing': ['review'],
  'no-admin-user': ['identity', 'review'],
  'user-without-login': ['identity', 'review'],
};

/** The screens that this problem is told on. */
const toldOn = (problem: Problem, screen: string): readonly string[] => {
  const question = questionOf(problem);
  return question === null ? (askedOn[problem.id] ?? [screen]) : [question.screen, 'review'];
};

/** What the configuration leaves open and a screen asks for, answered or not. */
export const askedQuestions = (state: ConsoleState): readonly Question[] => questionsIn(state.input?.sources.problems ?? []);

/** Those of them that are not answered. */
export const openQuestions = (state: ConsoleState): readonly Question[] => questionsIn(state.outcome?.problems ?? state.input?.sources.problems ?? []);

/** Everything that is known to be wrong, most serious first. */
export const problemsOf = (state: ConsoleState): readonly Problem[] => {
  const planned = (state.outcome?.problems ?? []).filter((problem) => toldOn(problem, state.screen).includes(state.screen)).map((problem) => onScreens(asOpen(problem, state.screen)));
  // What the image's own checks still want is in the way of the install, not of the other answers.
  const open = state.screen === 'review' ? checkProblems(state.session.checks) : [];
  const all = [...(state.lookProblem === null ? [] : [state.lookProblem]), ...open, ...planned];
  const rank = { error: 0, warning: 1, info: 2 };
  return all.toSorted((left, right) => rank[left.severity] - rank[right.severity]);
};

/** Disks with those that can be used first; the order within a verdict is the machine's. */
export const disksOf = (state: ConsoleState): readonly Disk[] => {
  const rank = { eligible: 0, caution: 1, refused: 2 };
  return (state.input?.facts.disks ?? []).toSorted((left, right) => rank[left.verdict] - rank[right.verdict]);
};

/** Disks that lose something: the target when data is on it, and every disk that is wiped. */
export const losers = (plan: InstallPlan): readonly DiskTarget[] => [
  ...(plan.lost.length > plan.wipes.length ? [plan.target] : []),
  ...plan.wipes.map(({ target }) => target),
];

const lastOf = (target: DiskTarget): string => (target.kind === 'device' ? (target.identity.serial ?? target.path) : target.path).trim().slice(-4);

/** What has to be typed before data is destroyed, a word for each disk that loses some; null when Enter is enough. */
export const consentWord = (plan: InstallPlan): string | null => {
  const words = losers(plan).map(lastOf);
  return words.length === 0 ? null : words.join(' ');
};

export const hasConsent = (state: ConsoleState, plan: InstallPlan): boolean => {
  const word = consentWord(plan);
  return word === null || fieldOf(state, 'consent').value.trim().replace(/\s+/g, ' ').toLowerCase() === word.replace(/\s+/g, ' ').toLowerCase();
};

/** Overlays that are read, whatever the screen below comes to: the end of a run does not tear them away. */
export const staysOpen = (overlay: Overlay | null): boolean => overlay === 'log' || overlay === 'help' || overlay === 'in-full';

export const isRunning = (state: ConsoleState): boolean => state.run !== null && state.run.done === null;

/** ms without a sign of life after which a step is called stalled */
export const stallAfter = 30_000;

export const isStalled = (state: ConsoleState): boolean =>
  isRunning(state) && state.run !== null && state.now - state.run.lastEventAt > stallAfter;

/** Time passes on the screen only while something is under way; otherwise an idle console sends nothing. */
export const needsTick = (state: ConsoleState): boolean => isRunning(state) || state.countdownEnds !== null;
