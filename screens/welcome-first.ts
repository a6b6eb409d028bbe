/** The Welcome screen without Ink: its keys, and what it shows before anything is known of the machine. Pure. */
import type { BehaviourRow } from '../src/app/console/screen.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { exitCodes } from '../src/model/exit-code.ts';
import { styled } from '../src/ui/style.ts';

export const headingOf = (state: ConsoleState): string => (state.input === null ? 'Looking at this machine' : 'This machine');

export const lookingText = (state: ConsoleState): string => (state.lookText === '' ? 'looking ...' : `${state.lookText} ...`);

/** The body of the first frame. */
export const firstLines = (state: ConsoleState): readonly string[] => [styled(headingOf(state), 'title'), '', styled(lookingText(state), 'muted')];

export const toRecovery: Action = { type: 'end', ending: { exitCode: exitCodes.done, finish: 'recovery' } };

export const welcomeBehaviour: BehaviourRow = {
  id: 'welcome',
  title: 'Welcome',
  when: (state) => state.run === null,
  done: (state) => state.input !== null && !state.looking,
  missing: (state) => (state.lookProblem === null ? 'one moment: still looking at this machine' : 'looking failed; r tries again'),
  keys: () => [
    { key: 'accept', label: 'install', help: 'on to the first question; nothing is written before the review', action: { type: 'next' } },
    { key: 'network', label: 'network', help: 'addresses, proxy and a test, for this session', action: { type: 'visit', screen: 'network' } },
    { key: 'recovery', label: 'recovery', help: 'look after a node that is installed on a disk of this machine: status, reset, logs and more; Esc there comes back', action: toRecovery },
    { key: 'shell', label: 'shell', help: 'a shell; exit comes back to this screen', action: { type: 'shell' } },
    { key: 'powerOff', label: 'power', help: 'power off or reboot (asks first)', action: { type: 'overlay', overlay: 'power' } },
    { key: 'rescan', label: '', help: 'look at the machine and its volumes again', action: { type: 'look' } },
  ],
};
