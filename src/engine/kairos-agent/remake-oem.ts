/**
 * COS_OEM made anew: what stays is taken to memory, every block of the partition is zeroed, a fresh file system gets the
 * same label and UUID, and what stays is put back. Nothing of what the agent merged and wrote there is left in any block,
 * journal or folder.
 */
import { SlipwayError } from '../../model/problem.ts';
import type { KeptFile } from '../../model/plan.ts';
import { mustRun } from '../command.ts';
import type { System } from '../../system/port.ts';
import { withMount } from './mounts.ts';

/** Files that hold what the agent merged, by its naming (agent `pkg/elemental` CopyCloudConfig: `9N_custom.yaml`). */
const mergedName = /^9\d+_custom\.yaml$/;

/** What the agent itself puts there and is meant to stay (agent `internal/agent/hooks`). */
const agentNames = ['grubenv', '10_user_custom_mounts.yaml', '10_ssh_hardening.yaml', 'lost+found'];

/** The folder whose presence keeps a node from pulling a data volume that is still attached: the condition is `! -e`. */
export const closureFolder = '95_userdata';

export interface OemContents {
  /** Names that go: merged configurations and pulled user-data. */
  readonly removed: readonly string[];
  /** Names that stages or bundles left and that stay. */
  readonly foreign: readonly string[];
}

/** Sorts the names at the top of COS_OEM. Pure. */
export const sortOemNames = (names: readonly string[], kept: readonly KeptFile[]): OemContents => ({
  removed: names.filter((name) => mergedName.test(name) || name === closureFolder || name === 'userdata'),
  foreign: names.filter((name) => !mergedName.test(name) && name !== closureFolder && name !== 'userdata' && !agentNames.includes(name) && !kept.some((file) => file.name === name)),
});

/** bytes of a block device */
const sizeOf = async (system: System, device: string): Promise<number> => {
  const { stdout } = await mustRun(system, `measure ${device}`, ['blockdev', '--getsize64', device], { timeout: 30_000 });
  const size = Number(stdout.trim());
  if (!Number.isSafeInteger(size) || size <= 0) throw new SlipwayError({ id: 'read-failed', severity: 'error', what: 'its size cannot be read', where: device, hint: 'see the kernel log' });
  return size;
};

const uuidOf = async (system: System, device: string): Promise<string | null> => {
  const { stdout } = await system.run(['blkid', '--probe', '--output', 'value', '--match-tag', 'UUID', device], { timeout: 30_000 });
  return /^[0-9a-f-]{36}$/i.test(stdout.trim()) ? stdout.trim() : null;
};

const MiB = 1024 * 1024;

/** Zeroes a whole block device. Throws SlipwayError. */
export const zeroDevice = async (system: System, device: string, signal: AbortSignal): Promise<void> => {
  const size = await sizeOf(system, device);
  const whole = Math.floor(size / MiB);
  const rest = size - whole * MiB;
  if (whole > 0) await mustRun(system, `zero ${device}`, ['dd', 'if=/dev/zero', `of=${device}`, 'bs=1048576', `count=${whole}`, 'conv=notrunc,fsync'], { signal });
  if (rest > 0) await mustRun(system, `zero ${device}`, ['dd', 'if=/dev/zero', `of=${device}`, 'bs=512', `seek=${(whole * MiB) / 512}`, `count=${Math.ceil(rest / 512)}`, 'conv=notrunc,fsync'], { signal });
};

/** `keptFiles` by name: what COS_OEM holds afterwards of configuration. Throws SlipwayError. */
export const remakeOem = async (
  system: System,
  device: string,
  given: { readonly kept: readonly KeptFile[]; readonly keptFiles: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<OemContents> => {
  const { kept, keptFiles, signal } = given;
  const waiting = `${await system.memoryDirectory('oem')}/tree`;
  await system.makeDirectory(waiting, 0o755);
  await withMount(system, device, 'ro', (folder) => mustRun(system, 'take COS_OEM to memory', ['cp', '-a', `${folder}/.`, waiting], { signal }));
  const contents = sortOemNames((await system.list(waiting)) ?? [], kept);
  for (const name of [...contents.removed, 'lost+found']) await system.remove(`${waiting}/${name}`);
  for (const file of kept) await system.writeFile(`${waiting}/${file.name}`, keptFiles[file.name] ?? '', { mode: file.mode });
  await system.makeDirectory(`${waiting}/${closureFolder}`, 0o755);
  const uuid = await uuidOf(system, device);
  await zeroDevice(system, device, signal);
  await mustRun(system, 'make COS_OEM anew', ['mkfs.ext4', '-q', '-F', '-L', 'COS_OEM', ...(uuid === null ? [] : ['-U', uuid]), '-E', 'lazy_itable_init=0,lazy_journal_init=0', device], { signal });
  await withMount(system, device, 'rw', async (folder) => {
    await mustRun(system, 'put COS_OEM back', ['cp', '-a', `${waiting}/.`, folder], { signal });
    await mustRun(system, 'write COS_OEM to the disk', ['sync'], { signal });
  });
  await system.remove(waiting);
  return contents;
};
