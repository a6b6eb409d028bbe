/**
 * What can be done with a node, as data: what each action keeps and loses, whether it can be done here and now, and if not why and
 * what leads there. Pure; the screens, the command line and the executor all read this one table.
 */
import { labelOf } from './node.ts';
import type { NodePartitionName } from './node.ts';
import { passiveAfterAgentUpgrade, passiveAfterUpgrade } from './passive-choice.ts';
import type { NodeStatus } from './status.ts';
import { bootEnvironmentOn, entryIdOf, systemOf } from './status.ts';

export const actionIds = [
  'status', 'reset', 'reset-oem', 'reinstall', 'upgrade', 'upgrade-recovery', 'boot', 'rollback', 'redeploy', 'edit', 'scrub', 'audit', 'fsck', 'unlock', 'network', 'remote', 'logs', 'shell', 'power',
] as const;
export type ActionId = (typeof actionIds)[number];

/** What this system has to do it with. */
export interface Means {
  readonly root: boolean;
  /** A recorded machine: nothing may be written. */
  readonly simulated: boolean;
  /** Path of kairos-agent, when it is installed. */
  readonly agent: string | null;
  /** Programs that are missing here, with their packages: `mke2fs (e2fsprogs)`. */
  readonly missing: readonly string[];
}

export interface Refusal {
  readonly reason: string;
  /** How to get where it can be done. */
  readonly way: string;
}

export interface RecoveryAction {
  readonly id: ActionId;
  readonly title: string;
  readonly kept: readonly string[];
  readonly lost: readonly string[];
  /** `none`: it only reads; `yes`: it writes; `type`: data is lost, so consent is typed. */
  readonly consent: 'none' | 'yes' | 'type';
  /** Who does it. */
  readonly by: 'slipway' | 'kairos-agent';
  /** null: it can be done. */
  readonly refusal: Refusal | null;
}

interface Effects {
  readonly kept: readonly string[];
  readonly lost: readonly string[];
}

interface Row extends Partial<Effects> {
  readonly id: ActionId;
  readonly title: string;
  /** In place of `kept` and `lost`: they depend on the node. */
  readonly effects?: (status: NodeStatus, means: Means) => Effects;
  readonly consent: RecoveryAction['consent'];
  /** The agent has this action itself and does it on a running Kairos system. */
  readonly agent?: boolean;
  /** Checks beyond the common ones; the first that says something counts. */
  readonly checks?: readonly Check[];
}

type Check = (status: NodeStatus, means: Means) => Refusal | null;

const refuse = (reason: string, way: string): Refusal => ({ reason, way });

/** True where the agent does what it has itself: on a Kairos system that it was started from. */
export const agentDoes = (status: NodeStatus, means: Means): boolean => means.agent !== null && status.target.kind === 'running' && status.made !== 'slipway';

const isRunning = (status: NodeStatus): boolean => status.target.kind === 'running';

const needsRoot: Check = (_status, means) => (means.root ? null : refuse('it needs root', 'start slipway as root: sudo slipway recovery'));

const notSimulated: Check = (_status, means) => (means.simulated ? refuse('this is a recorded machine: nothing is written', 'run it on the machine itself') : null);

const hasTools: Check = (_status, means) => (means.missing.length === 0 ? null : refuse(`programs are missing here: ${means.missing.join(', ')}`, 'start from the Slipway live medium, which has them, or install them'));

const tableIsWhole: Check = (status) => (status.problems.some(({ id }) => id === 'node-table-damaged') ? refuse('the partition table is damaged', 'repair it first: slipway recovery fsck') : null);

const isFinished: Check = (status) => (status.unfinished ? refuse('an install on it did not end: there is no whole system on it', 'install again: slipway install') : null);

/** A Trusted Boot node has its systems on the EFI partition. */
const withoutSystems: readonly NodePartitionName[] = ['state', 'recovery'];

/** Every partition that an action works on is in the table. None of the actions makes one. */
const partitionsAreThere = (...names: readonly NodePartitionName[]): Check => (status) => {
  const missing = status.partitions.filter(({ name, health }) => health === 'missing' && names.includes(name) && !(status.boot.uki && withoutSystems.includes(name)));
  return missing.length === 0 ? null : refuse(`there is no ${missing.map(({ name }) => labelOf[name]).join(' and no ')} on the disk`, 'install again: slipway install');
};

/** Something that only Slipway's own way of doing it needs. */
const ifSlipwayDoes = (check: Check): Check => (status, means) => (agentDoes(status, means) ? null : check(status, means));

const repeatReset = refuse('a reset of it did not end: what is on it is half old and half new', 'repeat the reset first: slipway recovery reset');

const resetIsOver: Check = (status) => (status.resetUnfinished ? repeatReset : null);

/** Writing is possible: COS_OEM is there, readable and no more than full. */
const oemIsOpen: Check = (status) => {
  const oem = status.partitions.find(({ name }) => name === 'oem');
  if (oem === undefined || oem.health === 'missing') return refuse('there is no COS_OEM', 'install again: slipway install');
  if (oem.locked) return refuse('COS_OEM is encrypted and not open', 'unlock it first, on the machine that holds its key: slipway recovery unlock');
  if (status.oemFull) return refuse('COS_OEM is full', 'remove what does not belong there: slipway recovery shell');
  return status.config === null ? refuse('COS_OEM cannot be read', 'check it: slipway recovery fsck') : null;
};

const persistentIsOpen: Check = (status) => {
  const persistent = status.partitions.find(({ name }) => name === 'persistent');
  if (persistent === undefined || persistent.health === 'missing') return refuse('there is no COS_PERSISTENT', 'install again: slipway install');
  if (persistent.locked) return refuse('COS_PERSISTENT is encrypted and not open', 'unlock it first, on the machine that holds its key: slipway recovery unlock');
  return status.deployed === null ? refuse('COS_PERSISTENT cannot be read', 'check it (slipway recovery fsck), or reset the node') : null;
};

/** GRUB's environment block can be written, wherever it lies. */
const bootEnvironmentIsOpen: Check = (status, means) => {
  // The boot configuration of Slipway's own disks looks on COS_OEM alone.
  if (status.made === 'slipway' || bootEnvironmentOn(status.partitions) === 'oem') return oemIsOpen(status, means);
  return status.partitions.some(({ name, health }) => name === 'state' && health === 'unreadable') ? refuse('COS_STATE cannot be read, and the boot choice lies there: COS_OEM is encrypted', 'check it: slipway recovery fsck') : null;
};

/** A disk of kairos-agent is changed by its own agent, from its own system. */
const slipwaysDisk: Check = (status, means) => {
  if (agentDoes(status, means) || status.made === 'slipway') return null;
  if (status.made === 'kairos-agent') return refuse('this disk was laid down by kairos-agent, which does this itself from the node\'s own system', 'choose it for the next boot (slipway recovery boot recovery) and start the node');
  return refuse('it cannot be told who laid this disk down: COS_STATE holds no boot configuration', 'install again: slipway install');
};

/** kairos-agent has no such action of its own. */
const slipwaysOwn: Check = (status, means) => {
  const refusal = slipwaysDisk(status, { ...means, agent: null });
  return refusal === null || status.made !== 'kairos-agent' ? refusal : refuse('kairos-agent laid this disk down, and cannot install again from recovery', 'reset it with its configuration (slipway recovery reset --oem), or install from a medium: slipway install');
};

const noPartEncrypted: Check = (status, means) =>
  !agentDoes(status, means) && status.partitions.some(({ encrypted }) => encrypted) ? refuse('partitions are encrypted: only the agent of the node can make them anew', 'start the node into recovery and reset it there') : null;

const fromRecovery: Check = (status) => {
  if (!isRunning(status) || status.boot.state === 'recovery' || status.boot.state === 'reset') return null;
  return refuse(`reset runs from recovery; this is the ${status.boot.state} system, which cannot be rebuilt under itself`, 'choose recovery for the next boot and reboot: slipway recovery boot recovery && slipway recovery power reboot');
};

const recoveryIsWhole: Check = (status, means) => {
  const row = systemOf(status, 'recovery');
  if (row.damage === null || agentDoes(status, means)) return null;
  return refuse(`there is nothing to rebuild it from: ${row.damage}`, 'put a recovery system there first (slipway recovery upgrade --recovery --source URI), or install again');
};

const notOwnRecovery: Check = (status, means) =>
  isRunning(status) && !agentDoes(status, means) && (status.boot.state === 'recovery' || status.boot.state === 'reset') ? refuse('the recovery system is running: it cannot be replaced under itself', 'start the active system first: slipway recovery boot active && slipway recovery power reboot') : null;

const notLive: Check = (status) => (isRunning(status) ? null : refuse('it acts on the system that is running, and that is not this node', 'start the node and do it there'));

const notImage: Check = (status) => (status.target.kind === 'image' ? refuse('it acts on this machine, and an image file is none', 'leave --image away') : null);

const needsAgent: Check = (_status, means) => (means.agent === null ? refuse('kairos-agent is not installed here', 'start the node\'s own system, or its recovery') : null);

const passiveIsWhole: Check = (status, means) => {
  const { damage } = systemOf(status, 'passive');
  return damage === null || agentDoes(status, means) ? null : refuse(`there is nothing to go back to: ${damage}`, 'reset the node (slipway recovery reset), or upgrade it');
};

const ukiIsAgents: Check = (status, means) => (status.boot.uki && means.agent === null ? refuse('this is a UKI system, whose boot entries only its agent knows', 'install kairos-agent') : null);

const someLocked: Check = (status) => {
  if (!status.partitions.some(({ encrypted }) => encrypted)) return refuse('no partition is encrypted', 'there is nothing to do');
  return status.partitions.some(({ locked }) => locked) ? null : refuse('every encrypted partition is open', 'there is nothing to do');
};

const inRecoveryOnly: Check = (status) => (status.boot.state === 'recovery' ? null : refuse('remote recovery runs from recovery', 'choose recovery for the next boot and reboot: slipway recovery boot recovery && slipway recovery power reboot'));

const allPartitions = partitionsAreThere('oem', 'recovery', 'state', 'persistent');

const everyWrite: readonly Check[] = [notSimulated, needsRoot, isFinished, tableIsWhole];

const resetLoses = ['all of COS_PERSISTENT: workloads, container images, logs, identity of the node', 'the active and the passive system'];
const resetKeeps = ['COS_OEM with the configuration', 'the recovery system'];

const upgradeEffects = (status: NodeStatus, means: Means): Effects => {
  const { keeps, why } = agentDoes(status, means) ? passiveAfterAgentUpgrade(status) : passiveAfterUpgrade(status);
  if (keeps === 'active') return { kept: ['configuration and data', 'the active system, as the passive one'], lost: ['the passive system that is there now'] };
  return { kept: ['configuration and data', `the passive system: ${why}`], lost: ['the active system that is there now'] };
};

const rows: readonly Row[] = [
  { id: 'status', title: 'look at the node', consent: 'none' },
  {
    id: 'reset',
    title: 'reset: active and passive anew from the recovery image',
    kept: resetKeeps,
    lost: resetLoses,
    consent: 'type',
    agent: true,
    checks: [...everyWrite, allPartitions, slipwaysDisk, hasTools, noPartEncrypted, fromRecovery, recoveryIsWhole, oemIsOpen],
  },
  {
    id: 'reset-oem',
    title: 'reset with OEM: the configuration goes, too',
    kept: ['the recovery system'],
    lost: ['all of COS_OEM: the configuration, users, boot options', ...resetLoses],
    consent: 'type',
    agent: true,
    checks: [...everyWrite, allPartitions, slipwaysDisk, hasTools, noPartEncrypted, fromRecovery, recoveryIsWhole],
  },
  {
    id: 'reinstall',
    title: 'reinstall from recovery: everything anew, with another configuration',
    kept: ['the recovery system', 'the partition table'],
    lost: ['all of COS_OEM: the configuration, users, boot options', ...resetLoses],
    consent: 'type',
    checks: [...everyWrite, allPartitions, slipwaysOwn, hasTools, noPartEncrypted, fromRecovery, recoveryIsWhole],
  },
  {
    id: 'upgrade',
    title: 'upgrade the active system from an image',
    effects: upgradeEffects,
    consent: 'yes',
    agent: true,
    checks: [...everyWrite, partitionsAreThere('oem', 'state'), slipwaysDisk, hasTools, resetIsOver, ifSlipwayDoes(oemIsOpen)],
  },
  {
    id: 'upgrade-recovery',
    title: 'upgrade the recovery system from an image',
    kept: ['configuration and data', 'the active and the passive system'],
    lost: ['the recovery system that is there now'],
    consent: 'yes',
    agent: true,
    checks: [...everyWrite, partitionsAreThere('recovery'), slipwaysDisk, hasTools, notOwnRecovery],
  },
  { id: 'boot', title: 'choose what starts next, once', kept: ['everything'], consent: 'yes', agent: true, checks: [...everyWrite, partitionsAreThere('oem', 'state'), ukiIsAgents, bootEnvironmentIsOpen] },
  { id: 'rollback', title: 'roll back to the passive system, for every boot', kept: ['everything; --undo takes it back'], consent: 'yes', checks: [...everyWrite, partitionsAreThere('oem', 'state'), resetIsOver, ukiIsAgents, bootEnvironmentIsOpen, passiveIsWhole] },
  {
    id: 'redeploy',
    title: 'deploy anew: the next boot is a first boot again',
    kept: ['configuration and data'],
    lost: ['the sign that the first boot is done: bundles and boot options of the configuration are applied again', 'the sign that the node has its role in the p2p network: it is given one anew'],
    consent: 'yes',
    checks: [...everyWrite, persistentIsOpen],
  },
  { id: 'edit', title: 'replace the kept configuration', kept: ['everything else on COS_OEM'], lost: ['the configuration that is there now'], consent: 'yes', checks: [...everyWrite, oemIsOpen] },
  { id: 'scrub', title: 'take install-only material out of the kept configuration', kept: ['all that an installed node reads'], lost: ['install-only parts of the configuration files'], consent: 'yes', checks: [...everyWrite, oemIsOpen] },
  { id: 'audit', title: 'search the disk for install-only material', consent: 'none', checks: [notSimulated, needsRoot] },
  {
    id: 'fsck',
    title: 'check and repair file systems and the partition table',
    kept: ['everything that is whole'],
    lost: ['what cannot be repaired'],
    consent: 'yes',
    checks: [notSimulated, needsRoot, isFinished],
  },
  { id: 'unlock', title: 'open the encrypted partitions', kept: ['everything'], consent: 'none', checks: [notSimulated, needsRoot, notImage, someLocked] },
  { id: 'network', title: 'network: look, ask for an address, or set one', consent: 'none', checks: [notSimulated, needsRoot, notImage] },
  { id: 'remote', title: 'remote recovery: let somebody in from afar', consent: 'none', agent: true, checks: [notSimulated, needsRoot, notLive, needsAgent, inRecoveryOnly] },
  { id: 'logs', title: 'collect a redacted bundle of logs', consent: 'none', checks: [notSimulated, needsRoot] },
  { id: 'shell', title: 'a shell', consent: 'none', checks: [notSimulated, notImage] },
  { id: 'power', title: 'reboot or power off', kept: ['everything'], consent: 'yes', checks: [notSimulated, needsRoot, notImage] },
];

/** Every action with whether it can be done. */
export const actionsFor = (status: NodeStatus, means: Means): readonly RecoveryAction[] =>
  rows.map((row) => {
    const refusal = (row.checks ?? []).map((check) => check(status, means)).find((found) => found !== null) ?? null;
    const { kept = [], lost = [] } = row.effects?.(status, means) ?? row;
    return { id: row.id, title: row.title, kept, lost, consent: row.consent, by: row.agent === true && agentDoes(status, means) ? 'kairos-agent' : 'slipway', refusal };
  });

/** What an entry of the boot menu does when it is chosen: one of them resets by itself. */
const bootOf = (action: RecoveryAction, status: NodeStatus, word: string): RecoveryAction => {
  const id = entryIdOf(word);
  if (id !== 'recovery' && status.resetUnfinished) return { ...action, refusal: repeatReset };
  if (id !== 'statereset') return action;
  if (status.made === 'slipway') return { ...action, refusal: refuse('this disk has no boot entry that resets by itself: reset runs from recovery', 'choose recovery for the next boot: slipway recovery boot recovery && slipway recovery power reboot') };
  return { ...action, kept: resetKeeps, lost: resetLoses, consent: 'type' };
};

/** The action as it is with the word that was given to it: consent and losses of `boot` follow what is started. */
export const withWord = (action: RecoveryAction, status: NodeStatus, word: string | undefined): RecoveryAction =>
  action.id === 'boot' && action.refusal === null && word !== undefined && word !== '' ? bootOf(action, status, word) : action;

export const actionFor = (id: ActionId, status: NodeStatus, means: Means, word?: string): RecoveryAction => {
  const action = actionsFor(status, means).find((row) => row.id === id);
  if (action === undefined) throw new Error(`no action ${id}`);
  return withWord(action, status, word);
};

/** What has to be typed before data is lost: the last four characters of the target's serial number or name, as when installing. */
export const consentWordFor = (serialOrPath: string): string => serialOrPath.trim().slice(-4);
