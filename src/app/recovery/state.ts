/** Everything the recovery menu knows, in one value, and everything that can happen to it. Pure. */
import type { ExitCode } from '../../model/exit-code.ts';
import type { Problem } from '../../model/problem.ts';
import { withWord } from '../../recovery/actions.ts';
import type { ActionId, RecoveryAction } from '../../recovery/actions.ts';
import type { RecoveryEvent } from '../../recovery/events.ts';
import type { NodeCandidate } from '../../recovery/find-node.ts';
import type { NodeStatus } from '../../recovery/status.ts';
import { emptyField, reduceTextField, tooLongText } from '../../ui/text-field.ts';
import type { TextFieldEdit, TextFieldState } from '../../ui/text-field.ts';
import { emptyText, reduceTextArea } from '../../ui/text-area.ts';
import type { TextAreaEdit, TextAreaLimits, TextAreaState } from '../../ui/text-area.ts';
import { inputOf, optionsFrom, shownAnswers } from './inputs.ts';
import type { ActionInput, AnsweredOptions, Asker, AttachedVolume } from './inputs.ts';

export type RecoveryScreenId = 'status' | 'actions' | 'ask' | 'running' | 'result';
export type RecoveryOverlay = 'help' | 'quit' | 'abort';

export interface Looked {
  readonly status: NodeStatus;
  readonly actions: readonly RecoveryAction[];
  /** What is typed before data is lost. */
  readonly consentWord: string;
  /** Where logs can go. */
  readonly volumes: readonly AttachedVolume[];
  /** How this machine is told from the others in the rack; left out for an image file. */
  readonly unit?: string | undefined;
}

/** The configuration in the editor. */
export interface EditedConfig {
  /** The file's name on COS_OEM. */
  readonly name: string;
  /** As it is there. */
  readonly original: string;
  readonly text: TextAreaState;
  /** What was found wrong with `of`; a newer text is being checked. */
  readonly problems: readonly Problem[];
  readonly of: string | null;
}

export interface LogRow {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

export interface ActionRunState {
  readonly action: ActionId;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly lastEventAt: number;
  readonly steps: readonly string[];
  readonly of: number;
  readonly fraction: number | null;
  readonly log: readonly LogRow[];
  readonly problems: readonly Problem[];
  readonly aborting: boolean;
  readonly done: Extract<RecoveryEvent, { event: 'done' }> | null;
}

export interface RecoveryEnding {
  readonly exitCode: ExitCode;
  readonly shell: boolean;
  /** Back to the installer that the menu was opened from. */
  readonly toInstaller?: boolean;
}

/** What is known before the node is looked at. */
export interface MenuOpened {
  /** Whether there is an editor: plain mode has lines only. */
  readonly hasEditor?: boolean;
  /** How this machine is told from the others in the rack. */
  readonly unit?: string | undefined;
  /** A recorded machine is played; nothing real is touched. */
  readonly simulated?: boolean;
  /** From the installer, which waits as it was left. */
  readonly fromInstaller?: boolean;
}

export interface RecoveryState {
  readonly version: string;
  readonly unit: string | null;
  readonly simulated: boolean;
  readonly fromInstaller: boolean;
  /** ms since the epoch, as of the last tick */
  readonly now: number;
  readonly looking: boolean;
  readonly looked: Looked | null;
  /** In place of a node that was not found: what can be done with the machine. */
  readonly machine: Looked | null;
  /** There is no node, or it cannot be looked at. */
  readonly problem: Problem | null;
  /** Disks to choose among, where more than one holds a node. */
  readonly candidates: readonly NodeCandidate[];
  /** The one that was chosen. */
  readonly device: string | null;
  readonly screen: RecoveryScreenId;
  readonly overlay: RecoveryOverlay | null;
  readonly chosen: ActionId | null;
  /** Row of the list on the current screen, by its name. */
  readonly highlights: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, TextFieldState>>;
  /** On `ask`: what was answered so far. */
  readonly answers: readonly string[];
  readonly edited: EditedConfig | null;
  /** Whether there is an editor: plain mode has lines only. */
  readonly hasEditor: boolean;
  readonly run: ActionRunState | null;
  readonly notice: string;
  readonly ending: RecoveryEnding | null;
}

export type RecoveryUiAction =
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'look' }
  | { readonly type: 'looked'; readonly looked: Looked }
  | { readonly type: 'look-failed'; readonly problem: Problem; readonly candidates: readonly NodeCandidate[]; readonly machine?: Looked | null }
  /** One of several disks. */
  | { readonly type: 'pick'; readonly device: string }
  | { readonly type: 'go'; readonly screen: RecoveryScreenId }
  | { readonly type: 'highlight'; readonly list: string; readonly index: number }
  | { readonly type: 'edit'; readonly field: string; readonly edit: TextFieldEdit; readonly maxLength: number }
  | { readonly type: 'edit-text'; readonly edit: TextAreaEdit; readonly limits: TextAreaLimits }
  | { readonly type: 'config-read'; readonly config: { readonly name: string; readonly text: string } }
  | { readonly type: 'config-checked'; readonly text: string; readonly problems: readonly Problem[] }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'choose'; readonly action: ActionId }
  | { readonly type: 'answer'; readonly answer: string }
  | { readonly type: 'start' }
  | { readonly type: 'events'; readonly events: readonly RecoveryEvent[]; readonly now: number }
  | { readonly type: 'abort' }
  | { readonly type: 'back' }
  | { readonly type: 'overlay'; readonly overlay: RecoveryOverlay | null }
  | { readonly type: 'redraw' }
  /** Out of the menu: to the installer that it was opened from, else to the end of the program. */
  | { readonly type: 'leave' }
  | { readonly type: 'quit' };

export type RecoveryCommand =
  | { readonly do: 'look'; readonly device?: string }
  | { readonly do: 'read-config' }
  | { readonly do: 'check-config'; readonly text: string; readonly name: string }
  | ({ readonly do: 'run'; readonly action: ActionId } & AnsweredOptions)
  | { readonly do: 'abort' }
  | { readonly do: 'redraw' };

export interface RecoveryStep {
  readonly state: RecoveryState;
  readonly commands: readonly RecoveryCommand[];
}

/** Lines that are kept of an action's output. */
const mostLines = 500;

export const initialRecoveryState = (version: string, now: number, { hasEditor = true, unit, simulated = false, fromInstaller = false }: MenuOpened = {}): RecoveryState => ({
  version, unit: unit ?? null, simulated, fromInstaller, now, looking: true, looked: null, machine: null, problem: null, candidates: [], device: null, screen: 'status', overlay: null, chosen: null, highlights: {}, fields: {}, answers: [], edited: null, hasEditor, run: null, notice: '', ending: null,
});

// What the screens ask of the state.

/** What actions act on: the node, or the machine where there is none. */
export const subjectOf = (state: RecoveryState): Looked | null => state.looked ?? state.machine;

/** The action that was chosen, as it is with the answers so far. */
export const chosenAction = (state: RecoveryState): RecoveryAction | null => {
  const subject = subjectOf(state);
  const action = subject?.actions.find(({ id }) => id === state.chosen);
  return action === undefined || subject === null ? null : withWord(action, subject.status, state.answers[0]);
};

/** The actions of the menu: all but the look at the node, which is a screen of its own; what can be done comes first. */
export const menuOf = (state: RecoveryState): readonly RecoveryAction[] =>
  (subjectOf(state)?.actions ?? []).filter(({ id }) => id !== 'status').toSorted((left, right) => Number(left.refusal !== null) - Number(right.refusal !== null));

const askerOf = (state: RecoveryState, action: RecoveryAction, looked: Looked): Asker => ({ status: looked.status, byAgent: action.by === 'kairos-agent', volumes: looked.volumes, hasEditor: state.hasEditor });

/** The question that is to be answered now; null: none, or no further one. */
export const inputOfChosen = (state: RecoveryState): ActionInput | null => {
  const [action, subject] = [chosenAction(state), subjectOf(state)];
  return action === null || subject === null ? null : inputOf(action.id, askerOf(state, action, subject), state.answers);
};

/** What was answered, as far as it may be shown. */
export const answersShown = (state: RecoveryState): string => {
  const [action, subject] = [chosenAction(state), subjectOf(state)];
  return action === null || subject === null ? '' : shownAnswers(action.id, askerOf(state, action, subject), state.answers);
};

export const recoveryField = (state: RecoveryState, field: string): TextFieldState => state.fields[field] ?? emptyField;

export const isActionRunning = (state: RecoveryState): boolean => state.run !== null && state.run.done === null;

/** ms without a sign of life after which a step is called stalled */
export const recoveryStallAfter = 30_000;

export const isActionStalled = (state: RecoveryState): boolean => isActionRunning(state) && state.run !== null && state.now - state.run.lastEventAt > recoveryStallAfter;

/** Every question was answered, or there is none. */
export const isAnswered = (state: RecoveryState): boolean => inputOfChosen(state) === null;

/** The word that has to be typed now; null: none. */
export const wantedWord = (state: RecoveryState): string | null => (chosenAction(state)?.consent === 'type' && isAnswered(state) ? (subjectOf(state)?.consentWord ?? '') : null);

// The reducer.

const only = (state: RecoveryState): RecoveryStep => ({ state, commands: [] });

const begin = (state: RecoveryState): RecoveryStep => {
  const action = chosenAction(state);
  if (action === null || action.refusal !== null || !isAnswered(state) || isActionRunning(state)) return only(state);
  // What is known of the node is about to change: nothing begins on an old look.
  if (state.looking) return only({ ...state, notice: 'the node is being looked at; a moment, please' });
  const word = wantedWord(state);
  if (word !== null && recoveryField(state, 'consent').value.trim().toLowerCase() !== word.toLowerCase()) return only({ ...state, notice: 'that is not what was asked for; nothing was done' });
  const run: ActionRunState = { action: action.id, startedAt: state.now, endedAt: null, lastEventAt: state.now, steps: [], of: 0, fraction: null, log: [], problems: [], aborting: false, done: null };
  return {
    // Secrets among the answers, and the text of the configuration, go with this step.
    state: { ...state, screen: 'running', run, notice: '', fields: {}, answers: [], edited: null },
    commands: [{ do: 'run', action: action.id, ...optionsFrom(action.id, state.answers, state.edited?.name ?? '') }],
  };
};

/** Makes the question that is due ready to be answered. */
const withQuestion = (state: RecoveryState): RecoveryStep => {
  const input = inputOfChosen(state);
  const fields: RecoveryState['fields'] = input?.kind === 'text' ? { answer: { value: input.initial, cursor: input.initial.length } } : {};
  const asked: RecoveryState = { ...state, fields, highlights: { ...state.highlights, choice: 0 }, notice: '' };
  return { state: asked, commands: input?.kind === 'editor' && state.edited === null ? [{ do: 'read-config' }] : [] };
};

const choose = (state: RecoveryState, id: ActionId): RecoveryStep => {
  const chosen: RecoveryState = { ...state, chosen: id, answers: [], edited: null, fields: {}, notice: '' };
  const action = chosenAction(chosen);
  if (action === null) return only(state);
  if (action.refusal !== null) return only({ ...state, notice: `${action.refusal.reason}: ${action.refusal.way}` });
  // The program would end with it, and with it the installer and its answers.
  if (id === 'shell' && state.fromInstaller) return only({ ...state, notice: 'Esc leads back to the installer: ! opens a shell there that comes back' });
  if (id === 'shell') return only({ ...state, ending: { exitCode: 0, shell: true } });
  const asked = withQuestion({ ...chosen, screen: 'ask' });
  return isAnswered(asked.state) && action.consent === 'none' ? begin(asked.state) : asked;
};

const answer = (state: RecoveryState, text: string): RecoveryStep => {
  const input = inputOfChosen(state);
  if (input === null) return only(state);
  const given = input.kind === 'editor' || (input.kind === 'text' && input.masked === true) ? text : text.trim();
  if (input.kind === 'text' && given === '' && input.optional !== true) return only({ ...state, notice: 'there is nothing typed yet' });
  if (input.kind === 'choice' && !input.choices.some(({ word }) => word === given)) return only(state);
  const answered = withQuestion({ ...state, answers: [...state.answers, given] });
  return chosenAction(state)?.consent === 'none' && isAnswered(answered.state) ? begin(answered.state) : answered;
};

const editText = (state: RecoveryState, edit: TextAreaEdit, limits: TextAreaLimits): RecoveryStep => {
  const { edited } = state;
  if (edited === null) return only(state);
  const text = reduceTextArea(edited.text, edit, limits);
  const isFull = edit.edit === 'insert' && text.value === edited.text.value;
  return { state: { ...state, notice: isFull ? tooLongText(limits.maxLength) : '', edited: { ...edited, text } }, commands: text.value === edited.text.value ? [] : [{ do: 'check-config', text: text.value, name: edited.name }] };
};

const withEvent = (run: ActionRunState, event: RecoveryEvent, now: number): ActionRunState => {
  const alive = { ...run, lastEventAt: now };
  switch (event.event) {
    case 'step':
      return { ...alive, steps: [...run.steps, event.text], of: event.of, fraction: null };
    case 'progress':
      return { ...alive, fraction: event.fraction };
    case 'log':
      return { ...alive, log: [...run.log, { level: event.level, text: event.text }].slice(-mostLines) };
    case 'problem': {
      const { event: _, ...problem } = event;
      return { ...alive, problems: [...run.problems, problem] };
    }
    case 'done':
      return { ...alive, done: event, endedAt: now };
    case 'action':
    case 'audit':
      return alive;
  }
};

/** At the same disk as before. */
const lookAgain = (state: RecoveryState): RecoveryCommand => (state.device === null ? { do: 'look' } : { do: 'look', device: state.device });

const takeEvents = (state: RecoveryState, events: readonly RecoveryEvent[], now: number): RecoveryStep => {
  if (state.run === null) return only(state);
  const run = events.reduce((before, event) => withEvent(before, event, now), state.run);
  if (run.done === null) return only({ ...state, now, run });
  // The result says what it is; the look afterwards shows what came of it.
  return { state: { ...state, now, run, screen: 'result', overlay: null, looking: true }, commands: [lookAgain(state)] };
};

/** The last question again, with what was answered. A secret is typed anew. */
const askAgain = (state: RecoveryState): RecoveryState => {
  const asked = { ...state, answers: state.answers.slice(0, -1), notice: '' };
  const input = inputOfChosen(asked);
  const given = input?.kind === 'text' && input.masked === true ? '' : (state.answers.at(-1) ?? '');
  const choice = input?.kind === 'choice' ? Math.max(0, input.choices.findIndex(({ word }) => word === given)) : 0;
  return { ...asked, fields: input?.kind === 'text' ? { answer: { value: given, cursor: given.length } } : {}, highlights: { ...state.highlights, choice } };
};

const back = (state: RecoveryState): RecoveryState => {
  if (state.overlay !== null) return { ...state, overlay: null };
  switch (state.screen) {
    case 'actions':
      return { ...state, screen: 'status', notice: '' };
    case 'ask':
      return state.answers.length > 0 ? askAgain(state) : { ...state, screen: 'actions', chosen: null, edited: null, notice: '' };
    case 'result':
      return { ...state, screen: 'actions', chosen: null, notice: '' };
    case 'status':
      return state.fromInstaller ? { ...state, ending: { exitCode: 0, shell: false, toInstaller: true } } : state;
    default:
      return state;
  }
};

export const reduceRecovery = (state: RecoveryState, action: RecoveryUiAction): RecoveryStep => {
  if (state.ending !== null) return only(state);
  switch (action.type) {
    case 'tick':
      return only({ ...state, now: action.now });
    case 'look':
      return state.looking || isActionRunning(state) ? only(state) : { state: { ...state, looking: true, notice: '' }, commands: [lookAgain(state)] };
    case 'pick':
      return state.looking ? only(state) : { state: { ...state, looking: true, device: action.device, notice: '' }, commands: [{ do: 'look', device: action.device }] };
    case 'looked':
      return only({ ...state, looking: false, looked: action.looked, machine: null, problem: null, candidates: [] });
    case 'look-failed':
      return only({ ...state, looking: false, looked: null, machine: action.machine ?? null, problem: action.problem, candidates: action.candidates, device: null });
    case 'go':
      return action.screen === 'actions' && subjectOf(state) === null ? only(state) : only({ ...state, screen: action.screen, notice: '' });
    case 'highlight':
      return only({ ...state, highlights: { ...state.highlights, [action.list]: action.index }, notice: '' });
    case 'edit': {
      const before = recoveryField(state, action.field);
      const field = reduceTextField(before, action.edit, action.maxLength);
      const notice = action.edit.edit === 'insert' && field === before ? tooLongText(action.maxLength) : '';
      return only({ ...state, notice, fields: { ...state.fields, [action.field]: field } });
    }
    case 'edit-text':
      return editText(state, action.edit, action.limits);
    case 'config-read':
      if (inputOfChosen(state)?.kind !== 'editor') return only(state);
      return { state: { ...state, edited: { name: action.config.name, original: action.config.text, text: { ...emptyText, value: action.config.text.replaceAll('\r\n', '\n') }, problems: [], of: null } }, commands: [{ do: 'check-config', text: action.config.text.replaceAll('\r\n', '\n'), name: action.config.name }] };
    case 'config-checked':
      return state.edited === null ? only(state) : only({ ...state, edited: { ...state.edited, problems: action.problems, of: action.text } });
    case 'notice':
      return only({ ...state, notice: action.text });
    case 'choose':
      return choose(state, action.action);
    case 'answer':
      return answer(state, action.answer);
    case 'start':
      return begin(state);
    case 'events':
      return takeEvents(state, action.events, action.now);
    case 'abort':
      return isActionRunning(state) && state.run !== null ? { state: { ...state, overlay: null, run: { ...state.run, aborting: true } }, commands: [{ do: 'abort' }] } : only({ ...state, overlay: null });
    case 'back':
      return only(back(state));
    case 'overlay':
      return only({ ...state, overlay: action.overlay });
    case 'redraw':
      return { state, commands: [{ do: 'redraw' }] };
    case 'leave':
      return state.fromInstaller ? only({ ...state, ending: { exitCode: 0, shell: false, toInstaller: true } }) : reduceRecovery(state, { type: 'quit' });
    case 'quit':
      // An action under way is ended first; leaving comes after it.
      if (isActionRunning(state) && state.run !== null) return { state: { ...state, overlay: null, run: { ...state.run, aborting: true } }, commands: [{ do: 'abort' }] };
      return only({ ...state, ending: { exitCode: state.run?.done?.exitCode ?? (state.problem === null ? 0 : 4), shell: false } });
  }
};
