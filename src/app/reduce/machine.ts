/** What was found on the machine, by a look or by the watch for disks. */
import { checksAfterLook } from '../console/session.ts';
import { likelyDisk } from '../console/likely-disk.ts';
import { disksOf } from '../state.ts';
import type { Action, ConsoleState } from '../state.ts';
import { only, plan, followedBy } from './step.ts';
import type { Step } from './step.ts';

const volumeNames = (state: ConsoleState): string =>
  (state.input?.facts.volumes ?? []).map(({ path, label, kind }) => `${path} ${label} ${kind}`).join('\n');

/** Keeps the highlight on the same disk when others come and go, also where nobody put it there; on none once that one is gone. */
const followDisk = (before: ConsoleState, after: ConsoleState): ConsoleState => {
  const index = before.highlights['disk'];
  if (index === undefined && before.screen !== 'disk') return after;
  const path = index === undefined ? likelyDisk(before)?.path : disksOf(before)[index]?.path;
  if (index === undefined && path === undefined) return after;
  const found = disksOf(after).findIndex((disk) => disk.path === path);
  return { ...after, highlights: { ...after.highlights, disk: found } };
};

/** A look has come to its end; an answer to an older one is thrown away. */
export const looked = (state: ConsoleState, action: Extract<Action, { type: 'looked' }>): Step => {
  if (action.number !== state.lookNumber) return only(state);
  const checks = checksAfterLook({ ...state, looking: false, lookText: '', notice: '', input: action.input, now: action.now });
  return followedBy({ state: { ...state, looking: false, lookText: '', notice: '', input: action.input, now: action.now, session: checks.session }, commands: checks.commands }, (next) => plan(followDisk(state, next)));
};

export const facts = (state: ConsoleState, action: Extract<Action, { type: 'facts' }>): Step => {
  if (state.input === null || state.run !== null) return only(state);
  const next = followDisk(state, { ...state, input: { ...state.input, facts: action.facts } });
  const changed = volumeNames(next) !== volumeNames(state);
  return plan(changed ? { ...next, volumesChanged: true, notice: 'a volume came or went; r looks again' } : next);
};
