/**
 * From a device rule to one disk, or to every reason why not. Pure. A rule that chooses among disks takes only what needs no
 * further consent, and must match exactly one.
 */
import { cleanText } from '../model/foreign-text.ts';
import type { Disk, Facts, Reason, ReasonId } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { isSerialMark, isWwnMark } from '../probe/marks.ts';

export interface DiskConsent {
  /** `--allow-data-loss`, or a person who will be asked on the screen. */
  readonly allowDataLoss: boolean;
  /** `--allow`: `removable`, `network-disk` */
  readonly allow: readonly string[];
}

export type DiskChoice = { readonly disk: Disk } | { readonly problems: readonly Problem[] };

const dataReasons: readonly ReasonId[] = ['has-data', 'kairos-install'];

/** The most disks that a refusal lists; more would bury the message. */
const listed = 20;

const shown = (text: string): string => cleanText(text, 80);

const describe = (disk: Disk): string => {
  const size = disk.size === 0 ? '' : ` ${(disk.size / 1024 ** 3).toFixed(1)} GiB`;
  return `${disk.path}${size}${disk.serial === null ? '' : ` serial ${disk.serial}`}`;
};

/** A line a disk, with what speaks against it: so that the next attempt is right. */
const listDisks = (disks: readonly Disk[]): readonly Problem[] =>
  disks.slice(0, listed).map((disk) => ({
    id: 'device-candidate',
    severity: 'info',
    what: disk.reasons.length === 0 ? 'can be used' : disk.reasons.map(({ what }) => what).join('; '),
    where: describe(disk),
    hint: disk.reasons[0]?.hint ?? `choose it by --device ${disk.path}`,
  }));

const refuse = (id: string, what: string, rule: string, hint: string, disks: readonly Disk[] = []): DiskChoice => ({
  problems: [{ id, severity: 'error', what, where: `--device ${shown(rule)}`, hint }, ...listDisks(disks)],
});

const isConsented = (reason: Reason, consent: DiskConsent): boolean =>
  reason.id === 'no-serial' ||
  (dataReasons.includes(reason.id) && consent.allowDataLoss) ||
  ((reason.id === 'removable' || reason.id === 'network-disk') && consent.allow.includes(reason.id));

/** Why a disk that was named may not be written: its refusals, else the cautions that nobody consented to. That it has no serial needs no consent. */
export const objectionsTo = (disk: Disk, consent: DiskConsent): readonly Reason[] =>
  disk.verdict === 'refused' ? disk.reasons.filter(({ id }) => !isCaution(id)) : disk.reasons.filter((reason) => !isConsented(reason, consent));

const named = (disk: Disk, consent: DiskConsent): DiskChoice => {
  const lacking = objectionsTo(disk, consent);
  if (lacking.length === 0 && disk.verdict !== 'refused') return { disk };
  const id = disk.verdict === 'refused' ? 'device-refused' : 'device-needs-consent';
  return { problems: lacking.map(({ what, hint }) => ({ id, severity: 'error', what: `cannot be used: ${what}`, where: disk.path, hint })) };
};

const isCaution = (id: ReasonId): boolean => ['has-data', 'kairos-install', 'removable', 'network-disk', 'no-serial'].includes(id);

/** What a rule may choose from: eligible disks, and with consent those whose only fault is what is on them. */
const candidatesOf = (facts: Facts, consent: DiskConsent): readonly Disk[] =>
  facts.disks.filter(
    (disk) =>
      disk.verdict === 'eligible' ||
      (consent.allowDataLoss && disk.verdict === 'caution' && disk.reasons.every(({ id }) => dataReasons.includes(id))),
  );

/** `*` and `?`, without case, in time linear to the text for a single star and never exponential. */
export const matchesGlob = (pattern: string, text: string): boolean => {
  const wanted = pattern.toLowerCase();
  const given = text.toLowerCase();
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < given.length) {
    if (at < wanted.length && wanted[at] === '*') {
      star = at;
      at += 1;
      resume = position;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[position])) {
      at += 1;
      position += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  return [...wanted.slice(at)].every((character) => character === '*');
};

const wwnDigits = (wwn: string): string => wwn.trim().toLowerCase().replace(/^(?:0x|naa\.|eui\.|uuid\.)/, '');

/** The paths of a multipath disk answer with its serial too: the disk stands for them. */
const withoutLegs = (disks: readonly Disk[]): readonly Disk[] => {
  const whole = disks.filter((disk) => !disk.reasons.some(({ id }) => id === 'multipath-leg'));
  return whole.length > 0 ? whole : disks;
};

const byMark = (rule: string, found: readonly Disk[], all: readonly Disk[], consent: DiskConsent): DiskChoice => {
  const disks = withoutLegs(found);
  const [disk] = disks;
  if (disk === undefined) return refuse('device-not-found', 'no disk of this machine matches', rule, 'compare with slipway probe', all);
  if (disks.length > 1) return refuse('device-ambiguous', `${disks.length} disks match`, rule, 'name one of them by its path', disks);
  return named(disk, consent);
};

const byPath = (path: string, facts: Facts, consent: DiskConsent): DiskChoice => {
  const disk = facts.disks.find((one) => one.path === path || `/dev/${one.kname}` === path || one.links.includes(path));
  if (disk !== undefined) return named(disk, consent);
  const whole = facts.disks.find((one) => one.partitions.some((partition) => partition.path === path));
  if (whole !== undefined) return refuse('device-is-partition', `it is a partition of ${whole.path}`, path, 'name the whole disk');
  return refuse('device-not-found', 'there is no such disk on this machine', path, 'compare with slipway probe; name a whole disk', facts.disks);
};

const only = (rule: string, disks: readonly Disk[], facts: Facts, ambiguous: string): DiskChoice => {
  const [disk] = disks;
  if (disk === undefined) {
    const text = facts.disks.length === 0 ? 'this machine has no disk' : 'no disk can be used without more consent';
    return refuse('device-none', text, rule, facts.disks.length === 0 ? 'attach a disk' : 'name a disk and consent to its cautions (--allow-data-loss, --allow)', facts.disks);
  }
  return disks.length === 1 ? { disk } : refuse('device-ambiguous', ambiguous, rule, 'name one of them by path, serial: or wwn:', disks);
};

/** A rule's kind and value: `serial` and `X` of `serial:X`. */
const splitRule = (rule: string): { readonly kind: string; readonly value: string } => {
  const colon = rule.indexOf(':');
  return colon === -1 ? { kind: rule, value: '' } : { kind: rule.slice(0, colon), value: rule.slice(colon + 1) };
};

const withSerial = (facts: Facts, serial: string): readonly Disk[] => facts.disks.filter((disk) => disk.serial === serial);
const withWwn = (facts: Facts, wwn: string): readonly Disk[] => facts.disks.filter((disk) => disk.wwn !== null && wwnDigits(disk.wwn) === wwnDigits(wwn));
const withModel = (facts: Facts, glob: string): readonly Disk[] => facts.disks.filter((disk) => disk.model !== null && matchesGlob(glob, disk.model));

/** What many disks answer with names none of them: the one that is there today may be another one tomorrow. */
const isFiller = (kind: string, value: string): boolean => (kind === 'serial' && !isSerialMark(value)) || (kind === 'wwn' && !isWwnMark(value));

/** Every disk that `rule` names by path, link, serial number, WWN or model, whatever its verdict; null for a rule that chooses by itself. */
export const disksNamed = (rule: string, facts: Facts): readonly Disk[] | null => {
  const asked = rule.trim();
  if (asked.startsWith('/')) return facts.disks.filter((disk) => disk.path === asked || `/dev/${disk.kname}` === asked || disk.links.includes(asked));
  const { kind, value } = splitRule(asked);
  if (value === '' || isFiller(kind, value)) return null;
  const find = { serial: withSerial, wwn: withWwn, model: withModel }[kind];
  return find === undefined ? null : withoutLegs(find(facts, value));
};

/** Finds the one disk that `rule` (a value of `--device`) means. `script:` is resolved to a path beforehand. */
export const chooseDisk = (rule: string, facts: Facts, consent: DiskConsent): DiskChoice => {
  const asked = rule.trim();
  if (asked.startsWith('/')) return byPath(asked, facts, consent);
  const { kind, value } = splitRule(asked);
  const candidates = candidatesOf(facts, consent);
  const extreme = (pick: (...sizes: number[]) => number): DiskChoice => {
    const size = pick(...candidates.map((disk) => disk.size));
    return only(asked, candidates.filter((disk) => disk.size === size), facts, 'several disks have that same size');
  };
  if (value !== '' && isFiller(kind, value)) {
    return refuse('device-filler', `${kind === 'wwn' ? 'such a WWN' : 'such a serial number'} is filler that tells no disk from another`, asked, 'name the disk by its path, or by a number of its own', facts.disks);
  }
  switch (kind) {
    case 'auto':
      return only(asked, candidates, facts, `${candidates.length} disks could be used`);
    case 'smallest':
      return extreme(Math.min);
    case 'largest':
      return extreme(Math.max);
    case 'model': {
      if (value === '') break;
      const found = withModel(facts, value);
      const usable = found.filter((disk) => candidates.includes(disk));
      if (usable.length === 0) return refuse('device-not-found', found.length === 0 ? 'no disk of this machine matches' : 'no matching disk can be used', asked, 'compare with slipway probe', found.length === 0 ? facts.disks : found);
      return only(asked, usable, facts, `${usable.length} disks match`);
    }
    case 'serial':
      if (value === '') break;
      return byMark(asked, withSerial(facts, value), facts.disks, consent);
    case 'wwn':
      if (value === '') break;
      return byMark(asked, withWwn(facts, value), facts.disks, consent);
    case 'script':
      return refuse('device-script', 'the script has not been run', asked, 'this is a bug: please report it');
  }
  return refuse('device-rule', 'it is not a device rule', asked, 'give auto, smallest, largest, /dev/..., serial:S, wwn:W, model:GLOB or script:///PATH');
};
