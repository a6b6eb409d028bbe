/** What was found on the machine, by a look or by the watch for disks. */
import { checksAfterLook } from '../console/session.ts';
import { likelyDisk } from '../console/likely-disk.ts';
import type { Facts } from '../../model/facts.ts';
import type { PlanInput } from '../../plan/input.ts';
import type { Action, ConsoleState } from '../state.ts';
import { only, plan, followedBy } from './step.ts';
import type { Step } from './step.ts';

const volumeNames = (facts: Facts | undefined): string => (facts?.volumes ?? []).map(({ path, label, kind }) => `${path} ${label} ${kind}`).join('\n');

const volumesChanged = { volumesChanged: true, notice: 'a volume came or went; r looks again' } as const;

/** The watch told of the machine after the look had begun to read it. */
const isNewer = ({ at }: NonNullable<ConsoleState['told']>, { probedAt }: PlanInput): boolean => at === null || probedAt === undefined || at >= probedAt;

/** What the screen offers where nobody moved the highlight. */
const offeredOn = (state: ConsoleState): string | undefined =>
  state.screen === 'disk' ? likelyDisk(state)?.path : state.screen === 'network' ? state.input?.facts.nics[0]?.name : undefined;

/** What was offered stays highlighted when others come and go, also where nobody put the highlight there. */
const followOffered = (before: ConsoleState, after: ConsoleState): ConsoleState => {
  const offered = before.marks[before.screen] === undefined ? offeredOn(before) : undefined;
  return offered === undefined ? after : { ...after, marks: { ...after.marks, [before.screen]: offered } };
};

/** A look has come to its end; an answer to an older one is thrown away. Disks that came or went while it worked on stay as the watch told them. */
export const looked = (state: ConsoleState, action: Extract<Action, { type: 'looked' }>): Step => {
  if (action.number !== state.lookNumber) return only(state);
  const { told } = state;
  const newer = told !== null && isNewer(told, action.input) ? told.facts : null;
  const input = newer === null ? action.input : { ...action.input, facts: newer };
  // The sources are those of the volumes that the look saw.
  const missed = newer !== null && volumeNames(newer) !== volumeNames(action.input.facts) ? volumesChanged : { notice: '' };
  const ended = { ...state, looking: false, lookText: '', ...missed, input, now: action.now };
  const checks = checksAfterLook(ended);
  return followedBy({ state: { ...ended, session: checks.session }, commands: checks.commands }, (next) => plan(followOffered(state, next)));
};

/** The watch tells of the machine. What it tells is kept for the look that is under way; a run keeps to what was confirmed. */
export const facts = (before: ConsoleState, action: Extract<Action, { type: 'facts' }>): Step => {
  const state = { ...before, told: { facts: action.facts, at: action.at ?? null } };
  if (state.input === null || state.run !== null) return only(state);
  const next = followOffered(state, { ...state, input: { ...state.input, facts: action.facts } });
  const changed = volumeNames(action.facts) !== volumeNames(state.input.facts);
  return plan(changed ? { ...next, ...volumesChanged } : next);
};
