/**
 * Opens the encrypted partitions of a node: by its TPM or key server where kairos-agent or a TPM2 token can, else by a passphrase.
 * "Open" is said of what can be read afterwards.
 */
import { agentEnvironment } from '../../engine/kairos-agent/agent-environment.ts';
import type { System } from '../../system/port.ts';
import { labelOf, isLocked } from '../node.ts';
import type { NodePartition } from '../node.ts';
import { nodeError, stepsOf } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';

/** kcrypt calls a mapping like the partition: `/dev/mapper/vda5`. */
const mappingOf = (partition: NodePartition): string => partition.path.split('/').at(-1) ?? partition.name;

const isOpen = async (system: System, partition: NodePartition): Promise<boolean> => ((await system.list(`/sys/class/block/${mappingOf(partition)}/holders`)) ?? []).length > 0;

const attach = '/usr/lib/systemd/systemd-cryptsetup';

/** By a token that systemd-cryptenroll sealed to this machine's TPM. */
const byTpm = async (context: ActionContext, partition: NodePartition): Promise<void> => {
  const { system, signal } = context;
  const header = await system.run(['cryptsetup', 'luksDump', '--dump-json-metadata', partition.path], { timeout: 30_000, signal });
  if (!header.stdout.includes('systemd-tpm2')) return;
  const opened = await system.run([attach, 'attach', mappingOf(partition), partition.path, '-', 'tpm2-device=auto,headless=1'], { timeout: 60_000, signal });
  if (opened.exitCode !== 0) context.emit({ event: 'log', level: 'warn', text: `${labelOf[partition.name]}: the TPM does not give the key; a passphrase can` });
};

const byPassphrase = async (context: ActionContext, partition: NodePartition, passphrase: string): Promise<void> => {
  const { system, signal } = context;
  // On standard input without a line feed: what cryptsetup reads as a key file is the passphrase itself.
  const opened = await system.run(['cryptsetup', 'open', '--type', 'luks', '--key-file', '-', partition.path, mappingOf(partition)], { input: passphrase, timeout: 120_000, signal });
  if (opened.missing) throw nodeError('tool-missing', 'cryptsetup is not installed', labelOf[partition.name], 'install the package cryptsetup-bin');
  if (opened.exitCode === 2) context.emit({ event: 'log', level: 'warn', text: `${labelOf[partition.name]}: the passphrase does not open it` });
};

export const runUnlock = async (context: ActionContext): Promise<ActionResult> => {
  const { system, node, means, options, signal } = context;
  const locked = node.partitions.filter(isLocked);
  const step = stepsOf(context, [...(means.agent === null ? [] : ['ask kairos-agent (TPM or key server)']), ...locked.map(({ name }) => `open ${labelOf[name]}`)]);
  if (means.agent !== null) {
    step();
    await system.stream([means.agent, 'kcrypt', 'unlock-all'], { timeout: 180_000, signal, environment: await agentEnvironment(system), onLine: () => undefined });
  }
  const failed: string[] = [];
  for (const partition of locked) {
    step();
    if (!(await isOpen(system, partition))) await byTpm(context, partition);
    if (options.passphrase !== undefined && !(await isOpen(system, partition))) await byPassphrase(context, partition, options.passphrase);
    if (!(await isOpen(system, partition))) failed.push(labelOf[partition.name]);
  }
  signal.throwIfAborted();
  if (failed.length > 0) {
    const tried = options.passphrase === undefined ? 'the TPM or the key server of this machine does not open it' : 'neither the TPM or key server nor the passphrase opens it';
    throw nodeError('unlock-failed', tried, failed.join(', '), options.passphrase === undefined ? 'give its passphrase (--passphrase-file FILE, or in the menu), or put the disk back into its own machine' : 'check the passphrase; nothing was changed');
  }
  return { text: `open: ${locked.map(({ name }) => labelOf[name]).join(', ')}; they are closed again when the machine restarts` };
};
