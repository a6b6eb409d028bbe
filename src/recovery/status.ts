/** What is known of a node, in one value. Pure: whoever gathers it is `gather.ts`. */
import type { BootState, Facts, Nic } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { assess } from '../engine/builtin/boot-assessment.ts';
import type { GrubEnvironment } from '../engine/grubenv.ts';
import type { SystemRow } from './images.ts';
import { isLocked, labelOf, nodePartitionNames, partitionOf } from './node.ts';
import type { InstalledNode, NodePartitionName } from './node.ts';
import type { SystemName } from './system-names.ts';

export type Health = 'clean' | 'journal' | 'errors' | 'unreadable' | 'missing' | 'unknown';

export interface PartitionRow {
  readonly name: NodePartitionName;
  readonly label: string;
  readonly path: string | null;
  /** bytes */
  readonly size: number;
  readonly fs: string | null;
  readonly encrypted: boolean;
  /** Encrypted, and not open. */
  readonly locked: boolean;
  readonly mountpoint: string | null;
  readonly health: Health;
}

export interface ConfigFile {
  readonly name: string;
  /** bytes */
  readonly size: number;
  /** octal */
  readonly mode: string;
  readonly sha256: string;
}

/** Texts and lists from the node, raw. */
export interface NodeFiles {
  readonly systems: readonly SystemRow[];
  readonly health: Readonly<Partial<Record<NodePartitionName, Health>>>;
  /** null: there is no readable grubenv */
  readonly grubenv: GrubEnvironment | null;
  /** Variables of the boot assessment on COS_STATE; null: there is no such block. */
  readonly assessment: GrubEnvironment | null;
  /** Text of `grub2/grub.cfg` or `grub/grub.cfg` on COS_STATE. */
  readonly grubConfig: string | null;
  /** null: COS_OEM cannot be read */
  readonly config: readonly ConfigFile[] | null;
  /** `/oem/95_userdata` is there: nothing is pulled from an attached data volume. */
  readonly closed: boolean | null;
  /** `/usr/local/.kairos/sentinel_firstboot` is there. */
  readonly deployed: boolean | null;
  /** Systems whose upgrade was cut off while it changed places, or was not settled: `active`, `recovery`. */
  readonly unfinishedUpgrades: readonly SystemName[];
  /** Names in `/run/cos` of this system; only the node's own for a running one. */
  readonly sentinels: readonly string[];
  /** bytes that are left on COS_OEM; null: not known */
  readonly oemFree: number | null;
  readonly log: readonly string[];
  /** Where the lines are from, in words; null: there are none. */
  readonly logFrom: string | null;
}

export interface NodeStatus {
  readonly target: { readonly kind: InstalledNode['kind']; readonly path: string; readonly text: string };
  readonly made: 'slipway' | 'kairos-agent' | 'unknown';
  readonly boot: {
    readonly state: BootState | 'not-running';
    readonly booted: SystemName | null;
    /** In words: what decided it. */
    readonly why: string;
    readonly upgradeFailed: boolean;
    readonly uki: boolean;
  };
  readonly systems: readonly (SystemRow & { readonly booted: boolean })[];
  readonly partitions: readonly PartitionRow[];
  readonly config: readonly ConfigFile[] | null;
  readonly closed: boolean | null;
  readonly deployed: boolean | null;
  /** There is no room on COS_OEM for another block. */
  readonly oemFull: boolean;
  readonly unfinished: boolean;
  /** A reset that did not end: it has to be repeated. */
  readonly resetUnfinished: boolean;
  /** Systems whose upgrade did not end: `active`, `recovery`. It has to be repeated. */
  readonly upgradeUnfinished: readonly SystemName[];
  readonly next: {
    readonly once: string | null;
    readonly always: string | null;
    /** What the boot assessment starts instead of the active system: that one did not come up. */
    readonly assessed: string | null;
  };
  /** The boot loader notices a system that does not come up; null: it cannot be told. */
  readonly assessment: {
    readonly armed: boolean;
    /** It is the first boot after an upgrade that is assessed. */
    readonly afterUpgrade: boolean;
    /** The active system was tried, did not come up, and is not started any more by itself. */
    readonly givenUp: boolean;
    /** GRUB's id of the entry that was tried and did not say that it is up: `cos`, `fallback`, `recovery`. */
    readonly unmarked: string | null;
  } | null;
  readonly network: readonly Pick<Nic, 'name' | 'mac' | 'carrier' | 'addresses'>[];
  readonly log: readonly string[];
  /** Where the lines of `log` are from, in words; null: there are none. */
  readonly logFrom: string | null;
  readonly problems: readonly Problem[];
}

/** Set in grubenv while a reset is under way, together with `saved_entry=recovery`: a power cut leads back to recovery. */
export const resetVariable = 'slipway_reset';

/** A file is written beside the one that it replaces. bytes */
const leastFree = 64 * 1024;

const madeBy = (grubConfig: string | null, systems: readonly SystemRow[]): NodeStatus['made'] => {
  // COS_STATE may be gone: then the recovery system tells. Kairos's images hold their kernel, Slipway's have it beside.
  if (grubConfig === null) return systems.some(({ name, files }) => name === 'recovery' && files?.kernel != null) ? 'slipway' : 'unknown';
  return grubConfig.startsWith('# Written by Slipway.') ? 'slipway' : 'kairos-agent';
};

const bootedBy: Readonly<Partial<Record<BootState, SystemName>>> = { active: 'active', passive: 'passive', recovery: 'recovery', reset: 'recovery' };

const entryNames: Readonly<Record<string, string>> = { cos: 'active', fallback: 'passive', recovery: 'recovery', statereset: 'reset' };

/** GRUB's id of the entry that a word of `boot` means; null: the word is no name of Slipway's or Kairos's. */
export const entryIdOf = (word: string): string | null => Object.entries(entryNames).find(([id, name]) => word === id || word === name)?.[0] ?? null;

/** Where the boot loader keeps what was chosen: it cannot read an encrypted COS_OEM (kairos.md 7.2). */
export const bootEnvironmentOn = (partitions: readonly Pick<PartitionRow, 'name' | 'encrypted'>[]): 'oem' | 'state' => (partitions.some(({ name, encrypted }) => name === 'oem' && encrypted) ? 'state' : 'oem');

/** GRUB's id of an entry as people call it. */
export const entryName = (id: string | null): string | null => (id === null ? null : (entryNames[id] ?? id));

const whyBooted = (node: InstalledNode, facts: Facts | null, files: NodeFiles, failed: boolean): string => {
  if (node.kind !== 'running' || facts === null) return node.kind === 'image' ? 'it is a disk image, not a running system' : 'this machine runs another system';
  const always = files.grubenv?.get('saved_entry') ?? null;
  switch (facts.boot.state) {
    case 'passive':
      if (failed) return `the boot assessment gave up on the active system: it did not come up${files.assessment?.get('enable_boot_assessment') === 'yes' ? ' after an upgrade' : ''}`;
      if (always === 'fallback') return 'it was rolled back: the passive system is chosen for every boot';
      return 'it was chosen for this boot, or the boot loader could not start the active system';
    case 'recovery':
      if (files.grubenv?.has(resetVariable) === true) return 'a reset was interrupted; it has to be repeated';
      if (failed) return 'the boot assessment gave up on the active and the passive system: neither came up';
      return 'it was chosen in the boot menu or for this boot, or neither active nor passive could be started';
    case 'reset':
      return 'the entry for an automatic reset was chosen';
    case 'active':
      return 'the ordinary boot';
    default:
      return 'the kernel line and /run/cos do not say';
  }
};

const partitionRows = (node: InstalledNode, files: NodeFiles): readonly PartitionRow[] =>
  nodePartitionNames.map((name) => {
    const partition = partitionOf(node, name);
    if (partition === null) return { name, label: labelOf[name], path: null, size: 0, fs: null, encrypted: false, locked: false, mountpoint: null, health: 'missing' };
    return {
      name,
      label: labelOf[name],
      path: partition.path,
      size: partition.size,
      fs: partition.fstype,
      encrypted: partition.encrypted,
      locked: isLocked(partition),
      mountpoint: partition.mountpoint,
      health: files.health[name] ?? 'unknown',
    };
  });

const trouble = (id: string, severity: Problem['severity'], what: string, where: string, hint: string): Problem => ({ id, severity, what, where, hint });

const upgradeCommand = (name: SystemName): string => `slipway recovery upgrade ${name === 'recovery' ? '--recovery ' : ''}--source URI`;

/** What puts a whole system there again. */
const mendingOf = (status: Pick<NodeStatus, 'partitions'>, name: SystemName): string => {
  const holder = name === 'recovery' ? 'recovery' : 'state';
  if (status.partitions.some((row) => row.name === holder && row.health === 'missing')) return 'install again: slipway install';
  return name === 'recovery' ? upgradeCommand(name) : 'slipway recovery reset, or upgrade';
};

const problemsOf = (status: Omit<NodeStatus, 'problems'>, node: InstalledNode, files: NodeFiles): readonly Problem[] => {
  const problems: Problem[] = [];
  if (node.tableDamage !== null) {
    const { lost, what } = node.tableDamage;
    problems.push(lost === 'backup' ? trouble('node-table-backup-damaged', 'warning', what, node.path, 'slipway recovery fsck writes it anew') : trouble('node-table-damaged', 'error', what, node.path, 'slipway recovery fsck writes it anew'));
  }
  if (node.unfinished) problems.push(trouble('node-unfinished', 'error', 'an install on it did not end: it does not boot', node.path, 'install again'));
  const given = status.next.assessed;
  if (given !== null) problems.push(trouble('node-upgrade-failure', 'warning', `the active system did not come up${status.assessment?.afterUpgrade === true ? ' after an upgrade' : ''}; ${given} starts instead`, 'boot assessment', 'slipway recovery reset or upgrade mends it; slipway recovery boot active tries it once more'));
  if (status.resetUnfinished) problems.push(trouble('node-reset-unfinished', 'error', 'a reset did not end', node.path, 'repeat it: slipway recovery reset'));
  for (const row of status.partitions) {
    if (row.health === 'missing') problems.push(trouble('node-partition-missing', 'error', 'the partition is missing', row.label, 'what needs it is not offered; slipway install makes all of them anew'));
    if (row.health === 'errors') problems.push(trouble('node-file-system', 'warning', 'its file system has errors', row.label, 'slipway recovery fsck'));
    if (row.health === 'unreadable' && !row.locked) problems.push(trouble('node-file-system', 'error', 'no file system can be read from it', row.label, row.name === 'persistent' || row.name === 'state' ? 'slipway recovery reset makes it anew' : 'reinstall the node'));
    if (row.locked) problems.push(trouble('node-encrypted', 'info', 'it is encrypted and not open', row.label, 'slipway recovery unlock, on the machine that holds its key'));
  }
  for (const name of status.upgradeUnfinished) problems.push(trouble('node-upgrade-unfinished', 'error', 'an upgrade did not end', `${name} system`, `repeat it: ${upgradeCommand(name)}`));
  for (const row of status.systems) {
    if (row.damage !== null) problems.push(trouble('node-system-damaged', row.name === 'recovery' ? 'warning' : 'error', row.damage, `${row.name} system`, mendingOf(status, row.name)));
  }
  if (files.config === null) problems.push(trouble('node-config-unreadable', 'warning', 'the configuration cannot be read', 'COS_OEM', 'unlock or check the partition'));
  else if (!files.config.some(({ name }) => /\.ya?ml$/.test(name))) problems.push(trouble('node-config-missing', 'warning', 'there is no configuration', 'COS_OEM', 'slipway recovery edit --config FILE puts one there'));
  if (status.oemFull) problems.push(trouble('node-oem-full', 'error', 'there is no room left', 'COS_OEM', 'remove what does not belong there (slipway recovery shell), or reset with --oem'));
  if (status.closed === false && status.made === 'slipway') problems.push(trouble('node-closure-missing', 'warning', '/oem/95_userdata is not there: an attached data volume would be pulled in at boot', 'COS_OEM', 'slipway recovery scrub puts it back'));
  return problems;
};

const textValue = (variables: GrubEnvironment | null, name: string): string | null => variables?.get(name) || null;

/** What the boot assessment will start; null: what is chosen, or the active system. */
const assessedNext = ({ grubenv, assessment }: NodeFiles): string | null => {
  const always = textValue(grubenv, 'saved_entry') ?? 'cos';
  if (assessment === null || textValue(grubenv, 'next_entry') !== null || (always !== 'cos' && always !== 'fallback')) return null;
  const found = assess(assessment, always);
  return found === null || !found.failed ? null : entryName(found.entry);
};

const assessmentOf = (files: NodeFiles, made: NodeStatus['made']): NodeStatus['assessment'] => {
  if (files.grubConfig === null) return null;
  const { assessment } = files;
  // A configuration of an earlier Slipway does not look at the block.
  const armed = assessment !== null && (made !== 'slipway' || files.grubConfig.includes('enable_boot_assessment')) && (assessment.get('enable_boot_assessment_always') === 'yes' || assessment.get('enable_boot_assessment') === 'yes');
  return {
    armed,
    afterUpgrade: assessment?.get('enable_boot_assessment') === 'yes',
    givenUp: made === 'slipway' && armed && assess(assessment, 'cos')?.failed === true,
    unmarked: assessment?.get('boot_assessment_tentative') === 'yes' ? (textValue(assessment, 'last_boot_attempt') ?? 'cos').replace('-again', '') : null,
  };
};

/** `facts` is null for an image file: nothing of this machine belongs to it. */
export const statusOf = (node: InstalledNode, facts: Facts | null, files: NodeFiles): NodeStatus => {
  const running = node.kind === 'running' && facts !== null;
  const state = running ? facts.boot.state : 'not-running';
  const booted = running ? (bootedBy[facts.boot.state] ?? null) : null;
  const upgradeFailed = running && (files.sentinels.includes('upgrade_failure') || /(?:^|\s)upgrade_failure\b/.test(facts.kernelLine));
  const made = madeBy(files.grubConfig, files.systems);
  const status: Omit<NodeStatus, 'problems'> = {
    target: { kind: node.kind, path: node.path, text: node.text },
    made,
    boot: { state, booted, why: whyBooted(node, facts, files, upgradeFailed), upgradeFailed, uki: running && facts.boot.uki },
    systems: files.systems.map((row) => ({ ...row, booted: row.name === booted })),
    partitions: partitionRows(node, files),
    config: files.config,
    closed: files.closed,
    deployed: files.deployed,
    oemFull: files.oemFree !== null && files.oemFree < leastFree,
    unfinished: node.unfinished,
    resetUnfinished: files.grubenv?.has(resetVariable) === true,
    upgradeUnfinished: files.unfinishedUpgrades,
    next: { once: entryName(files.grubenv?.get('next_entry') || null), always: entryName(files.grubenv?.get('saved_entry') || null), assessed: made === 'slipway' ? assessedNext(files) : null },
    assessment: assessmentOf(files, made),
    network: facts !== null && node.kind !== 'image' ? facts.nics.map(({ name, mac, carrier, addresses }) => ({ name, mac, carrier, addresses })) : [],
    log: files.log,
    logFrom: files.logFrom,
  };
  return { ...status, problems: problemsOf(status, node, files) };
};

export const systemOf = (status: NodeStatus, name: SystemName): SystemRow => {
  const row = status.systems.find((candidate) => candidate.name === name);
  return row ?? { name, present: false, size: 0, damage: 'it was not looked at', version: null, files: null };
};
