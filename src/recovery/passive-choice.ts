/** Which system is the passive one after an upgrade: the one that is known to work, not simply the one that was active. Pure. */
import type { NodeStatus } from './status.ts';
import { systemOf } from './status.ts';

export interface PassiveChoice {
  readonly keeps: 'active' | 'passive';
  /** Why the active system is not worth keeping; empty where it is kept. */
  readonly why: string;
}

/** What speaks against keeping the active system; the first that says something counts. */
const doubts: readonly ((status: NodeStatus) => string | false)[] = [
  ({ boot }) => boot.booted === 'passive' && 'it runs now',
  ({ upgradeUnfinished }) => upgradeUnfinished.includes('active') && 'the upgrade before this one did not end',
  (status) => systemOf(status, 'active').damage !== null && 'the active system is damaged',
  ({ boot, next, assessment }) => (boot.upgradeFailed || next.assessed !== null || assessment?.givenUp === true) && 'the active system did not come up',
  ({ next }) => next.always !== null && next.always !== 'active' && `${next.always} was chosen for every boot instead of the active system`,
  // It goes with the first boot that comes up: a system that was never started is not known to work.
  ({ boot, assessment }) => boot.booted !== 'active' && assessment?.afterUpgrade === true && 'the active system was not started since it was put there',
];

/** The choice for an upgrade by Slipway. A passive system that is damaged is not kept in place of one that is whole. */
export const passiveAfterUpgrade = (status: NodeStatus): PassiveChoice => {
  const why = doubts.map((doubt) => doubt(status)).find((said) => said !== false);
  const passiveRuns = status.boot.booted === 'passive';
  if (why === undefined || (!passiveRuns && systemOf(status, 'passive').damage !== null && systemOf(status, 'active').damage === null)) return { keeps: 'active', why: '' };
  return { keeps: 'passive', why };
};

/** The same for kairos-agent, which looks at nothing but what runs (kairos.md 7.3). */
export const passiveAfterAgentUpgrade = (status: NodeStatus): PassiveChoice => (status.boot.booted === 'passive' ? { keeps: 'passive', why: 'it runs now' } : { keeps: 'active', why: '' });
