/** The node's own console: the one entry to everything in this folder. */
import type { Facts } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { findKairosAgent } from '../engine/kairos-agent/find.ts';
import { probeMachine } from '../probe/probe.ts';
import type { System } from '../system/port.ts';
import type { Means } from './actions.ts';
import { findNode } from './find-node.ts';
import type { NodeCandidate, NodeWish } from './find-node.ts';
import { gatherNode } from './gather.ts';
import type { InstalledNode } from './node.ts';
import type { NodeFiles, NodeStatus } from './status.ts';
import { noFiles, noNode, statusWithoutNode } from './without-node.ts';

export interface LookedAt {
  readonly node: InstalledNode;
  readonly status: NodeStatus;
  readonly files: NodeFiles;
  readonly means: Means;
  /** null for an image file. */
  readonly facts: Facts | null;
}

const programs: Readonly<Record<string, string>> = { debugfs: 'e2fsprogs', mke2fs: 'e2fsprogs', e2fsck: 'e2fsprogs', dumpe2fs: 'e2fsprogs', sfdisk: 'fdisk', blkid: 'util-linux', unsquashfs: 'squashfs-tools' };
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const readMeans = async (system: System): Promise<Means> => {
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    const there = await Promise.all(searchPath.map(async (folder) => (await system.stat(`${folder}/${program}`)) !== null));
    if (!there.includes(true)) missing.push(`${program} (${debianPackage})`);
  }
  return { root: system.isRoot(), simulated: !system.real, agent: await findKairosAgent(system), missing };
};

/** There is no node, or more than one. */
export interface NotFound {
  readonly problem: Problem;
  readonly candidates: readonly NodeCandidate[];
  /** What can be done all the same; null for an image file, which is no machine. */
  readonly machine: LookedAt | null;
}

/** Finds the node and everything that is known of it. Reads only. */
export const lookAtNode = async (system: System, wish: NodeWish, signal?: AbortSignal): Promise<LookedAt | NotFound> => {
  const facts = wish.image === undefined ? await probeMachine(system, signal === undefined ? {} : { signal }) : null;
  const found = await findNode(system, facts, wish);
  if ('problem' in found) {
    const machine = facts === null ? null : { node: noNode, status: statusWithoutNode(facts, found.problem), files: noFiles, means: await readMeans(system), facts };
    return { problem: found.problem, candidates: found.candidates ?? [], machine };
  }
  const own = found.node.kind === 'image' ? null : facts;
  const { status, files } = await gatherNode(system, found.node, own);
  return { node: found.node, status, files, means: await readMeans(system), facts: own };
};
