/** The Welcome screen without Ink: its keys, and what it shows before anything is known of the machine. Pure. */
import type { BehaviourRow } from '../src/app/console/screen.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { styled } from '../src/ui/style.ts';

export const headingOf = (state: ConsoleState): string => (state.input === null ? 'Looking at this machine' : 'This machine');

export const lookingText = (state: ConsoleState): string => (state.lookText === '' ? 'looking ...' : `${state.lookText} ...`);

/** The body of the first frame. */
export const firstLines = (state: ConsoleState): readonly string[] => [styled(headingOf(state), 'title'), '', styled(lookingText(state), 'muted')];

export const welcomeBehaviour: BehaviourRow = {
  id: 'welcome',
  title: 'Welcome',
  when: (state) => state.run === null,
  done: (state) => state.input !== null && !state.looking,
  missing: (state) => (state.lookProblem === null ? 'one moment: still looking at this machine' : 'looking failed; r tries again'),
  keys: () => [
    { key: 'accept', label: 'continue', help: 'on to the first question', action: { type: 'next' } },
    { key: 'network', label: 'network', help: 'addresses, proxy and a test, for this session', action: { type: 'visit', screen: 'network' } },
    { key: 'rescan', label: 'look again', help: 'look at the machine and its volumes again', action: { type: 'look' } },
  ],
};
