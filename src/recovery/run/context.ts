/** What every action is given. */
import type { ExitCode } from '../../model/exit-code.ts';
import { SlipwayError } from '../../model/problem.ts';
import { compareIdentity, readIdentity } from '../../probe/identity.ts';
import type { System } from '../../system/port.ts';
import { markWriting } from '../../system/writing-mark.ts';
import type { ActionId, Means } from '../actions.ts';
import type { RecoveryEvent } from '../events.ts';
import { labelOf, partitionOf } from '../node.ts';
import type { InstalledNode, NodePartition, NodePartitionName } from '../node.ts';
import type { NodeFiles, NodeStatus } from '../status.ts';
import { openStore } from '../store.ts';
import type { Store } from '../store.ts';

export interface ActionOptions {
  /** `upgrade`: the image, as for an install. */
  readonly source?: string | undefined;
  /** `boot`: active, passive, recovery, reset or a name of the boot menu; `power`: reboot or poweroff. */
  readonly word?: string | undefined;
  /** `rollback`: take it back. */
  readonly undo?: boolean | undefined;
  /** `edit`, `reinstall`: the new configuration's text, and where it comes from. */
  readonly config?: { readonly name: string; readonly text: string } | undefined;
  /** `network`: `dhcp` or `ADDRESS/PREFIX [GATEWAY [NAMESERVER]]` for the interface `word`. */
  readonly address?: string | undefined;
  /** `unlock`: what opens the partitions when neither TPM nor key server does. Secret. */
  readonly passphrase?: string | undefined;
  /** `audit`: the installer-data whose values are searched for. */
  readonly searchFor?: { readonly name: string; readonly text: string } | undefined;
  /** `logs`: a directory, a device with a file system, or an http(s) address. */
  readonly output?: string | undefined;
  /** `logs`: sent along to an address. Secret. */
  readonly token?: string | undefined;
}

export interface ActionContext {
  readonly system: System;
  readonly node: InstalledNode;
  readonly status: NodeStatus;
  readonly files: NodeFiles;
  readonly means: Means;
  readonly action: ActionId;
  readonly options: ActionOptions;
  readonly signal: AbortSignal;
  /** Who writes to the node's disk says so here, right before. */
  readonly state: { diskTouched: boolean };
  emit(event: RecoveryEvent): void;
}

/** What an action says at its end. */
export interface ActionResult {
  readonly text: string;
  readonly written?: readonly string[];
  /** Another end than 0: the audit found something. */
  readonly exitCode?: ExitCode;
}

/** A numbered list of steps: `say` announces the next one. */
export const stepsOf = (context: ActionContext, texts: readonly string[]): (() => void) => {
  let index = 0;
  return () => {
    context.signal.throwIfAborted();
    const text = texts[index] ?? '';
    index += 1;
    context.emit({ event: 'step', index, of: texts.length, text });
  };
};

export const nodeError = (id: string, what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id, severity: 'error', what, where, hint });

export const mustHave = (context: ActionContext, name: NodePartitionName): NodePartition => {
  const partition = partitionOf(context.node, name);
  if (partition === null) throw nodeError('node-partition-missing', 'the partition is missing', labelOf[name], 'install again: slipway install');
  return partition;
};

export const mustOpen = (context: ActionContext, name: NodePartitionName): Store => {
  const store = openStore(context.system, mustHave(context, name));
  if (store === null) throw nodeError('node-file-system', 'its file system cannot be read', labelOf[name], 'check it: slipway recovery fsck');
  return store;
};

/** Compares the disk with the one that was looked at, and says that it is written from now on. Throws SlipwayError. */
export const touch = async (context: ActionContext): Promise<void> => {
  const { node, system, signal, state } = context;
  if (state.diskTouched) return;
  signal.throwIfAborted();
  const { target } = node;
  if (target === null) throw nodeError('node-missing', 'there is no node that could be written', node.path, 'slipway probe lists what is on each disk');
  if (target.kind === 'image') {
    const stat = await system.stat(target.path);
    if (stat?.kind !== 'file' || stat.size !== target.size) throw nodeError('target-changed', 'the image file changed since it was looked at', target.path, 'start again');
  } else {
    const { identity, refusals } = await readIdentity(system, target.path, signal);
    const changed = compareIdentity(target.identity, identity, target.path);
    if (changed !== null) throw new SlipwayError(changed);
    // The node's own disk is mounted, as it has to be. Another one must not be in use by anybody.
    if (node.kind === 'disk' && refusals.length > 0) throw nodeError('target-changed', `it is in use: ${refusals.join('; ')}`, target.path, 'nothing was written; unmount it first');
  }
  await markWriting(system);
  state.diskTouched = true;
};
