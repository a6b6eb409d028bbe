/**
 * `--wipe-other`: other disks that lose their signatures before the install, because the names on them would be mixed up with the
 * target's. Pure. Only a disk that was named, never one that was chosen by a rule; never a refused one (invariant 2).
 */
import { cleanText } from '../model/foreign-text.ts';
import type { Disk, Facts } from '../model/facts.ts';
import type { PlannedWipe } from '../model/plan.ts';
import type { Problem, Severity } from '../model/problem.ts';
import { clashingNames } from './clashing-names.ts';
import { disksNamed, objectionsTo } from './choose-disk.ts';
import type { DiskConsent } from './choose-disk.ts';
import { describeDisk, deviceTarget } from './target.ts';

export interface WipeInput {
  /** Values of `--wipe-other`. */
  readonly rules: readonly string[];
  readonly facts: Facts;
  /** The disk that is installed to. */
  readonly disk: Disk | null;
  readonly consent: DiskConsent;
}

export interface WipeChoice {
  readonly wipes: readonly PlannedWipe[];
  readonly problems: readonly Problem[];
}

type Found = { readonly disk: Disk } | { readonly problem: Problem };

const problem = (id: string, severity: Severity, what: string, where: string, hint: string): Found => ({ problem: { id, severity, what, where, hint } });

/** The one disk that a rule names, or why there is nothing to wipe. A disk that is gone or wiped already needs nothing: the rule may stay. */
const find = (rule: string, { facts, disk: target }: WipeInput): Found => {
  const where = `--wipe-other ${cleanText(rule, 80)}`;
  const disks = disksNamed(rule, facts);
  if (disks === null) return problem('wipe-rule', 'error', 'it does not name a disk', where, 'give /dev/…, serial:S, wwn:W or model:GLOB; a disk to wipe is never chosen by a rule');
  const whole = facts.disks.find((one) => one.partitions.some(({ path }) => path === rule.trim()));
  if (whole !== undefined) return problem('wipe-rule', 'error', `it is a partition of ${whole.path}`, where, 'name the whole disk');
  const [disk, ...more] = disks;
  if (disk === undefined) return problem('wipe-absent', 'warning', 'no disk of this machine matches; nothing is wiped for it', where, 'compare with slipway probe');
  if (more.length > 0) return problem('wipe-ambiguous', 'error', `${disks.length} disks match: ${disks.map(({ path }) => path).join(', ')}`, where, 'name one of them by its path');
  if (disk.path === target?.path) return problem('wipe-target', 'error', `it names ${disk.path}, the disk that is installed to`, where, 'leave it out: the target is wiped in any case');
  if (clashingNames(disk).length === 0) return problem('wipe-needless', 'info', `${disk.path} carries no names of a Kairos install; it is left alone`, where, 'nothing to do');
  return { disk };
};

/** The disks to wipe, or every reason why not. */
export const chooseWipes = (input: WipeInput): WipeChoice => {
  const wipes = new Map<string, PlannedWipe>();
  const problems: Problem[] = [];
  for (const rule of input.rules) {
    const found = find(rule, input);
    if ('problem' in found) {
      problems.push(found.problem);
      continue;
    }
    const { disk } = found;
    const lacking = objectionsTo(disk, input.consent);
    const id = disk.verdict === 'refused' ? 'wipe-refused' : 'wipe-needs-consent';
    problems.push(...lacking.map(({ what, hint }): Problem => ({ id, severity: 'error', what: `cannot be wiped: ${what}`, where: disk.path, hint })));
    if (lacking.length > 0 || disk.verdict === 'refused') continue;
    wipes.set(disk.path, { target: deviceTarget(disk), text: `${describeDisk(disk)}: ${disk.contents}`, names: clashingNames(disk) });
  }
  return { wipes: [...wipes.values()], problems };
};

/** What a plan says is lost by it. */
export const lostByWipe = ({ text }: PlannedWipe): string => `another disk, wiped: ${text}`;
