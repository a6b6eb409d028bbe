/** Encrypted partitions of the target: opened by the agent, which alone knows where the key is, and closed again. */
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import { agentEnvironment } from './agent-environment.ts';
import { readDiskStack } from './block-devices.ts';
import { shellNotFound } from './outcome.ts';
import type { TablePartition } from './target-table.ts';

export interface OpenPartition extends TablePartition {
  /** What holds its file system: the partition, or the mapping over it. */
  readonly device: string;
  readonly encrypted: boolean;
}

/** True when the partition begins with a LUKS header. */
export const isLuks = async (system: System, device: string): Promise<boolean> => {
  const { stdout } = await system.run(['blkid', '--probe', '--output', 'value', '--match-tag', 'TYPE', device], { timeout: 30_000 });
  return stdout.trim() === 'crypto_LUKS';
};

const openScript = `set -eu
config=$1; shift
mkdir -p /run/cos/oem /var/log
mount -t tmpfs -o mode=755,size=64m tmpfs /var/log
mount -t tmpfs -o mode=700,size=4m tmpfs /run/cos/oem
cp "$config" /run/cos/oem/90_custom.yaml
exec "$@"
`;

/** The mapping over a partition (`/dev/mapper/vda2`), or null. */
const mappingOver = async (system: System, partition: string): Promise<string | null> => {
  const kname = partition.replace('/dev/', '');
  const [holder] = (await system.list(`/sys/class/block/${kname}/holders`)) ?? [];
  if (holder === undefined) return null;
  const name = ((await system.readText(`/sys/class/block/${holder}/dm/name`)) ?? '').trim();
  return name === '' ? null : `/dev/mapper/${name}`;
};

/**
 * Runs `work` with every partition open. The agent's `kcrypt unlock-all` opens what is encrypted; it is shown the kept configuration where
 * it looks for the key server. What it opened is closed again, on other disks too. Throws SlipwayError when one stays shut.
 */
export const withOpenPartitions = async <T>(
  system: System,
  given: { readonly agent: string; readonly disk: string; readonly table: readonly TablePartition[]; readonly keptFile: string; readonly signal: AbortSignal },
  work: (partitions: readonly OpenPartition[]) => Promise<T>,
): Promise<T> => {
  const { agent, disk, table, keptFile, signal } = given;
  const locked = await Promise.all(table.map((partition) => isLuks(system, partition.path)));
  if (!locked.includes(true)) return work(table.map((partition) => ({ ...partition, device: partition.path, encrypted: false })));
  const before = new Set((await system.list('/dev/mapper')) ?? []);
  const close = system.cleanup.add('close the encrypted partitions', async () => {
    for (const name of (await system.list('/dev/mapper')) ?? []) {
      if (!before.has(name)) await system.run(['cryptsetup', 'close', name], { timeout: 30_000 });
    }
    const left = (await readDiskStack(system, disk)).mappings.map(({ mapperName, kname }) => mapperName ?? kname).filter((name) => !before.has(name));
    if (left.length > 0) throw new Error(`${left.join(', ')} could not be closed`);
  });
  try {
    const result = await system.run(['unshare', '--mount', '--propagation', 'slave', '/bin/sh', '-c', openScript, 'open', keptFile, agent, 'kcrypt', 'unlock-all'], { timeout: 180_000, signal, environment: await agentEnvironment(system) });
    signal.throwIfAborted();
    if (shellNotFound.includes(result.exitCode)) {
      throw new SlipwayError({ id: 'agent-missing', severity: 'error', what: 'kairos-agent, which opens encrypted partitions, is not there any more or cannot be executed', where: agent, hint: 'is the live medium still attached? attach it and install again' });
    }
    const open: OpenPartition[] = [];
    for (const [index, partition] of table.entries()) {
      const mapping = locked[index] === true ? await mappingOver(system, partition.path) : partition.path;
      if (mapping === null) {
        throw new SlipwayError({ id: 'unlock-failed', severity: 'error', what: `cannot be opened (kairos-agent kcrypt unlock-all ended with ${result.exitCode ?? 'a signal'})`, where: `${partition.name} ${partition.path}`, hint: 'it could not be opened at boot either; check the TPM or the key server' });
      }
      open.push({ ...partition, device: mapping, encrypted: locked[index] === true });
    }
    return await work(open);
  } finally {
    await close();
  }
};
