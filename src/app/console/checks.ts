/**
 * What the image's own checks (`tui-check-*`) want settled before the install: their questions, the answers given, and what
 * came of handing those back. Pure.
 */
import type { Problem } from '../../model/problem.ts';
import type { Applied, Decision, Prerequisite } from '../../sources/prerequisites.ts';
import type { Asked } from './session.ts';

export interface ChecksState {
  /** null: not asked yet. */
  readonly asked: Asked<readonly Prerequisite[]> | null;
  /** The configuration they were asked with. */
  readonly config: string | null;
  /** By `keyOf`. */
  readonly decisions: Readonly<Record<string, Decision>>;
  readonly applied: Readonly<Record<string, Applied>>;
  readonly applying: boolean;
}

export const noChecks: ChecksState = { asked: null, config: null, decisions: {}, applied: {}, applying: false };

/** Two plugins may use the same id. */
export const keyOf = ({ plugin, id }: Pick<Prerequisite, 'plugin' | 'id'>): string => `${plugin.name} ${id}`;

export const checksOf = ({ asked }: ChecksState): readonly Prerequisite[] => (asked?.state === 'there' ? asked.value : []);

export const decisionOf = (checks: ChecksState, check: Prerequisite): Decision | null => checks.decisions[keyOf(check)] ?? null;

export const appliedOf = (checks: ChecksState, check: Prerequisite): Applied | null => checks.applied[keyOf(check)] ?? null;

/** What is handed back for a check that takes this answer. */
export const decide = ({ id, prompt }: Prerequisite, answer: Partial<Pick<Decision, 'confirmed' | 'text' | 'selected'>>): Decision => ({
  id,
  prompt,
  confirmed: answer.confirmed ?? true,
  text: answer.text ?? '',
  selected: answer.selected ?? [],
});

/** An answer that settles the question: a blocking one takes no empty text and no refusal. */
const settles = ({ prompt }: Prerequisite, { confirmed, text, selected }: Decision): boolean =>
  prompt === 'confirm' ? confirmed : prompt === 'text' ? text !== '' : prompt === 'select' ? selected.length === 1 : selected.length > 0;

/** Decided, and not handed back since. */
export const isPending = (checks: ChecksState, check: Prerequisite): boolean => decisionOf(checks, check) !== null && appliedOf(checks, check) === null;

/** Why the install cannot go on with this check as it is, or null. */
export const whyOpen = (checks: ChecksState, check: Prerequisite): string | null => {
  const decision = decisionOf(checks, check);
  const applied = appliedOf(checks, check);
  if (check.prompt === '') return check.blocking ? 'the image does not let itself be installed like this' : null;
  if (check.required && applied?.success === false) return `it could not be done: ${applied.message || 'no reason was given'}`;
  if (check.blocking && (decision === null || !settles(check, decision))) return 'it must be answered first';
  return (check.blocking || check.required) && isPending(checks, check) ? 'its answer was not handed over yet' : null;
};

/** One error for each check that is in the way. */
export const checkProblems = (checks: ChecksState): readonly Problem[] =>
  checksOf(checks).flatMap((check) => {
    const what = whyOpen(checks, check);
    return what === null ? [] : [{ id: 'prerequisite-open', severity: 'error' as const, what, where: check.title === '' ? check.id : check.title, hint: 'answer it on the screen Checks, or mend what it names and look again' }];
  });

/** Every decision that waits, by plugin. */
export const pendingByPlugin = (checks: ChecksState): readonly { readonly plugin: Prerequisite['plugin']; readonly decisions: readonly Decision[] }[] => {
  const pending = checksOf(checks).filter((check) => isPending(checks, check));
  return [...new Set(pending.map(({ plugin }) => plugin.path))].map((path) => {
    const own = pending.filter(({ plugin }) => plugin.path === path);
    return { plugin: (own[0] as Prerequisite).plugin, decisions: own.flatMap((check) => decisionOf(checks, check) ?? []) };
  });
};
