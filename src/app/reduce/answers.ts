/** Answers of the person: which of them need another look at the machine, and which only another plan. */
import type { SettingLayer, SettingName } from '../../model/settings.ts';
import type { Action, AnswerChanges, ConsoleState } from '../state.ts';
import { clearField, look, only, plan } from './step.ts';
import type { Step } from './step.ts';

/** Answers that change what is found or read; the others change the plan only. */
const lookedFor: ReadonlySet<SettingName> = new Set([
  'config',
  'installer-data',
  'data-volume',
  'wait-for-data',
  'source',
  'engine',
  'target-image',
  'image-size',
  'password-file',
]);

/** Sets answers and takes back those that are undefined. */
const withAnswers = (answers: SettingLayer, changes: AnswerChanges): SettingLayer =>
  Object.fromEntries(Object.entries({ ...answers, ...changes }).filter(([, value]) => value !== undefined));

export const answer = (state: ConsoleState, changes: AnswerChanges): Step => {
  const answers = withAnswers(state.answers, changes);
  const changed = (Object.keys(changes) as SettingName[]).filter(
    (name) => JSON.stringify(answers[name]) !== JSON.stringify(state.answers[name]),
  );
  if (changed.length === 0) return only(state);
  const next = { ...state, answers, notice: '' };
  // Another configuration was chosen: the one written here waits.
  const elsewhere = changed.some((name) => name === 'config' || name === 'data-volume');
  return changed.some((name) => lookedFor.has(name)) ? look(elsewhere ? { ...next, useDocument: false } : next) : plan(next);
};

const without = <T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));

/** Uses this configuration instead of what would be read; null goes back to that. */
export const useDocument = (state: ConsoleState, { document }: Extract<Action, { type: 'document' }>): Step =>
  document === null && !state.useDocument
    ? only(state)
    : // What is chosen now is highlighted, so that Enter goes on with it.
      look({ ...state, notice: '', overlay: null, document: document ?? state.document, useDocument: document !== null, marks: without(state.marks, 'configuration') });

/** Nothing is left of the password, not even its hash. */
export const noPassword = (state: ConsoleState, { fields }: Extract<Action, { type: 'no-password' }>): Step =>
  plan(fields.reduce(clearField, { ...state, passwordHash: null, notice: state.passwordHash === null ? '' : 'the password is taken back; none is set' }));

/** The password goes out to be hashed and stays in no field. */
export const password = (state: ConsoleState, action: Extract<Action, { type: 'password' }>): Step => ({
  state: action.fields.reduce(clearField, { ...state, notice: '' }),
  commands: [{ do: 'hash', password: action.password }],
});
