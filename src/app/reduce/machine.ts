/** What was found on the machine, by a look or by the watch for disks. */
import { checksAfterLook } from '../console/session.ts';
import { likelyDisk } from '../console/likely-disk.ts';
import type { Action, ConsoleState } from '../state.ts';
import { only, plan, followedBy } from './step.ts';
import type { Step } from './step.ts';

const volumeNames = (state: ConsoleState): string =>
  (state.input?.facts.volumes ?? []).map(({ path, label, kind }) => `${path} ${label} ${kind}`).join('\n');

/** What the screen offers where nobody moved the highlight. */
const offeredOn = (state: ConsoleState): string | undefined =>
  state.screen === 'disk' ? likelyDisk(state)?.path : state.screen === 'network' ? state.input?.facts.nics[0]?.name : undefined;

/** What was offered stays highlighted when others come and go, also where nobody put the highlight there. */
const followOffered = (before: ConsoleState, after: ConsoleState): ConsoleState => {
  const offered = before.marks[before.screen] === undefined ? offeredOn(before) : undefined;
  return offered === undefined ? after : { ...after, marks: { ...after.marks, [before.screen]: offered } };
};

/** A look has come to its end; an answer to an older one is thrown away. */
export const looked = (state: ConsoleState, action: Extract<Action, { type: 'looked' }>): Step => {
  if (action.number !== state.lookNumber) return only(state);
  const checks = checksAfterLook({ ...state, looking: false, lookText: '', notice: '', input: action.input, now: action.now });
  return followedBy({ state: { ...state, looking: false, lookText: '', notice: '', input: action.input, now: action.now, session: checks.session }, commands: checks.commands }, (next) => plan(followOffered(state, next)));
};

export const facts = (state: ConsoleState, action: Extract<Action, { type: 'facts' }>): Step => {
  if (state.input === null || state.run !== null) return only(state);
  const next = followOffered(state, { ...state, input: { ...state.input, facts: action.facts } });
  const changed = volumeNames(next) !== volumeNames(state);
  return plan(changed ? { ...next, volumesChanged: true, notice: 'a volume came or went; r looks again' } : next);
};
