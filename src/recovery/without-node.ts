/**
 * What a machine still gives when no node is found on it, or its disk is damaged beyond recognition: network, logs, a shell, power. Who
 * stands before it needs these most then. Pure.
 */
import type { Facts } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import type { ActionId, Means, RecoveryAction } from './actions.ts';
import { actionsFor } from './actions.ts';
import type { InstalledNode } from './node.ts';
import type { NodeFiles, NodeStatus } from './status.ts';

const ofTheMachine: readonly ActionId[] = ['network', 'logs', 'shell', 'power'];

/** True for an action that needs no node. */
export const needsNoNode = (id: ActionId): boolean => ofTheMachine.includes(id);

/** Those actions, with whether they can be done. */
export const machineActions = (status: NodeStatus, means: Means): readonly RecoveryAction[] => actionsFor(status, means).filter(({ id }) => needsNoNode(id));

const path = 'this machine';

/** In place of a node: nothing of it is there, and nothing can be written to it. */
export const noNode: InstalledNode = { kind: 'none', path, text: `${path}, on which no node was found`, target: null, partitions: [], unfinished: false, tableDamage: null };

export const noFiles: NodeFiles = {
  systems: [], health: {}, grubenv: null, assessment: null, grubConfig: null, config: null, closed: null, deployed: null, unfinishedUpgrades: [], sentinels: [], oemFree: null, log: [], logFrom: null,
};

/** `problem` says why there is no node. */
export const statusWithoutNode = (facts: Facts, problem: Problem): NodeStatus => ({
  target: { kind: 'none', path, text: noNode.text },
  made: 'unknown',
  boot: { state: facts.boot.state, booted: null, why: problem.what, upgradeFailed: false, uki: facts.boot.uki },
  systems: [],
  partitions: [],
  config: null,
  closed: null,
  deployed: null,
  oemFull: false,
  unfinished: false,
  resetUnfinished: false,
  upgradeUnfinished: [],
  next: { once: null, always: null, assessed: null },
  assessment: null,
  network: facts.nics.map(({ name, mac, carrier, addresses }) => ({ name, mac, carrier, addresses })),
  log: [],
  logFrom: null,
  problems: [problem],
});
