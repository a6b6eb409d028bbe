/** Is this still the disk that was confirmed? Asked once more right before the first write. */
import { identityOf } from '../model/disk-identity.ts';
import type { Disk } from '../model/facts.ts';
import type { DiskIdentity } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { probeMachine } from './probe.ts';
import { isRefusal } from './reasons.ts';

const show = (value: unknown): string => (value === null ? 'none' : Array.isArray(value) ? value.join(' ') || 'none' : String(value));

/** by-id links that are made from the disk itself; those of its contents (LVM, md names) come and go. */
const ownLinks = (identity: DiskIdentity): string => identity.byId.filter((link) => !/\/(?:lvm-pv-uuid|md-)/.test(link)).toSorted().join(' ');

/**
 * What differs, in words; empty when it is the same disk. `now` is null when nothing is at the path any more. A number that
 * one of the two doesn't know (`diskseq` on old kernels) is a difference too.
 */
export const identityDifferences = (planned: DiskIdentity, now: DiskIdentity | null): readonly string[] => {
  if (now === null) return ['it is gone'];
  const keys = ['kname', 'serial', 'wwn', 'size', 'diskseq'] as const;
  const different = keys.filter((key) => planned[key] !== now[key]).map((key) => `${key} was ${show(planned[key])} and is ${show(now[key])}`);
  return ownLinks(planned) === ownLinks(now) ? different : [...different, `by-id names were ${show(planned.byId)} and are ${show(now.byId)}`];
};

/** null when it is the same disk, else the problem that stops the run while the disk is untouched. */
export const compareIdentity = (planned: DiskIdentity, now: DiskIdentity | null, path: string): Problem | null => {
  const differences = identityDifferences(planned, now);
  if (differences.length === 0) return null;
  return {
    id: 'target-changed',
    severity: 'error',
    what: `it is not the disk that was confirmed: ${differences.join('; ')}`,
    where: path,
    hint: 'nothing was written; look at the disks and start again',
  };
};

export interface IdentityReading {
  readonly identity: DiskIdentity | null;
  /** The disk as it is now; null when it is gone. */
  readonly disk: Disk | null;
  /** Why the disk must not be written now, whatever was planned: it was mounted meanwhile, … */
  readonly refusals: readonly string[];
}

/** Why the node that would be written is not this disk's, in words; null when it is. A name in /dev is a file like others, and can be wrong. */
const nodeDoubt = async (system: System, node: string, kname: string): Promise<string | null> => {
  const [stat, number] = await Promise.all([system.stat(node), system.readText(`/sys/block/${kname}/dev`)]);
  // A played machine has no nodes.
  if (!system.real) return null;
  if (stat?.kind !== 'block' || stat.device === undefined) return `${node} is not a block device`;
  return stat.device === number?.trim() ? null : `${node} is the device ${stat.device}, and ${kname} is ${number?.trim() ?? 'unknown'}`;
};

/** Reads the disk at `path` anew, as the planner saw it. Links in the path are followed. */
export const readIdentity = async (system: System, path: string, signal?: AbortSignal): Promise<IdentityReading> => {
  const real = (await system.realPath(path)) ?? path;
  const facts = await probeMachine(system, { quick: true, ...(signal === undefined ? {} : { signal }) });
  const found = facts.disks.filter((one) => one.path === path || one.path === real || `/dev/${one.kname}` === real);
  const [disk] = found;
  if (disk === undefined) return { identity: null, disk: null, refusals: ['it is gone'] };
  if (found.length > 1) return { identity: null, disk: null, refusals: [`${found.length} disks answer to this path (${found.map(({ kname }) => kname).join(', ')})`] };
  const otherNode = await nodeDoubt(system, real, disk.kname);
  return {
    disk,
    identity: identityOf(disk),
    refusals: [...(otherNode === null ? [] : [otherNode]), ...disk.reasons.filter(({ id }) => isRefusal(id)).map(({ what }) => what)],
  };
};
