/**
 * The second wall: takes from the target's own partitions what the agent merged, copied and left. By device, never by a
 * label, so that another disk with the same labels is out of reach.
 */
import { SlipwayError } from '../../model/problem.ts';
import type { KeptFile } from '../../model/plan.ts';
import type { System } from '../../system/port.ts';
import { withMount } from './mounts.ts';
import type { OpenPartition } from './luks.ts';
import { overwriteTree, zeroFreeSpace } from './overwrite.ts';
import { remakeOem } from './remake-oem.ts';

/** Logs of the live system as the agent copies them (agent `internal/agent/hooks/logs.go`), and what else is the install's own. */
const installLogs = '.state/var-log.bind';

/** bytes; the free space of bigger partitions is discarded, not overwritten: that would take minutes. */
export const zeroFreeLimit = 1024 ** 3;

export interface ScrubInput {
  readonly partitions: readonly OpenPartition[];
  readonly kept: readonly KeptFile[];
  readonly keptFiles: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface ScrubResult {
  /** `COS_OEM: 90_custom.yaml (rewritten)`; paths only */
  readonly removed: readonly string[];
  readonly notes: readonly string[];
}

const need = (partitions: readonly OpenPartition[], name: string): OpenPartition => {
  const found = partitions.find((partition) => partition.name === name);
  if (found === undefined) throw new SlipwayError({ id: 'partition-missing', severity: 'error', what: 'is not in the partition table that the agent made', where: name, hint: 'see the log; install again' });
  return found;
};

const paths = async (system: System, folder: string, below = ''): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of (await system.list(`${folder}/${below}`)) ?? []) {
    const path = below === '' ? name : `${below}/${name}`;
    if ((await system.stat(`${folder}/${path}`))?.kind === 'directory') found.push(...(await paths(system, folder, path)));
    else found.push(path);
    if (found.length > 1000) break;
  }
  return found;
};

const scrubOem = async (system: System, { partitions, kept, keptFiles, signal }: ScrubInput): Promise<ScrubResult> => {
  const oem = need(partitions, 'oem');
  const { removed, foreign } = await remakeOem(system, oem.device, { kept, keptFiles, signal });
  return {
    removed: removed.map((name) => `COS_OEM: ${name}${kept.some((file) => file.name === name) ? ' (rewritten to what is kept)' : ''}`),
    notes: [
      `COS_OEM was zeroed and made anew${oem.encrypted ? ' inside its encryption' : ''}`,
      ...(foreign.length === 0 ? [] : [`stages left in COS_OEM: ${foreign.join(', ')}`]),
    ],
  };
};

const scrubPersistent = async (system: System, { partitions, signal }: ScrubInput): Promise<ScrubResult> => {
  const persistent = need(partitions, 'persistent');
  return withMount(system, persistent.device, 'rw', async (folder) => {
    const logs = `${folder}/${installLogs}`;
    const found = (await system.stat(logs))?.kind === 'directory' ? await paths(system, logs) : [];
    if (found.length > 0) await overwriteTree(system, logs, signal);
    const rest = (await paths(system, folder)).filter((path) => !path.startsWith('lost+found'));
    const trimmed = await system.run(['fstrim', folder], { timeout: 600_000, signal });
    signal.throwIfAborted();
    return {
      removed: found.map((path) => `COS_PERSISTENT: ${installLogs}/${path}`),
      notes: [
        ...(rest.length === 0 ? [] : [`on COS_PERSISTENT: ${rest.slice(0, 10).join(', ')}${rest.length > 10 ? ` and ${rest.length - 10} more` : ''}`]),
        ...(trimmed.exitCode === 0 ? [] : ['COS_PERSISTENT cannot discard; what was removed there is overwritten in place']),
      ],
    };
  });
};

/** Free space of the other partitions: what a stage wrote and deleted again is still in it. */
const scrubFreeSpace = async (system: System, { partitions, signal }: ScrubInput): Promise<readonly string[]> => {
  const notes: string[] = [];
  for (const partition of partitions) {
    if (!['efi', 'recovery', 'state'].includes(partition.name)) continue;
    await withMount(system, partition.device, 'rw', async (folder) => {
      if (partition.size <= zeroFreeLimit) {
        await zeroFreeSpace(system, partition.device, folder, signal);
        notes.push(`the free space of ${partition.name} was overwritten`);
        return;
      }
      const trimmed = await system.run(['fstrim', folder], { timeout: 600_000, signal });
      signal.throwIfAborted();
      notes.push(trimmed.exitCode === 0 ? `the free space of ${partition.name} was discarded` : `the free space of ${partition.name} is as the install left it: the disk cannot discard`);
    });
  }
  return notes;
};

/** Throws SlipwayError. The partitions must be open and unmounted. */
export const scrubTarget = async (system: System, input: ScrubInput): Promise<ScrubResult> => {
  const oem = await scrubOem(system, input);
  const persistent = await scrubPersistent(system, input);
  const free = await scrubFreeSpace(system, input);
  return { removed: [...oem.removed, ...persistent.removed], notes: [...oem.notes, ...persistent.notes, ...free] };
};
