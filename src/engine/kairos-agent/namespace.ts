/**
 * The mount namespace that the agent runs in. Its mounts end with its last process, whatever happened to it, and what of
 * the live system would find its way to the target is covered: the logs, a pulled data volume, words of the kernel line.
 */
import type { System } from '../../system/port.ts';
import { createControlGroup } from './control-group.ts';

/**
 * Arguments: the workspace, then the program. A fixed text.
 * - /var/log is copied to the target near the end of an install (agent `internal/agent/hooks/logs.go`): empty here.
 * - /oem/95_userdata is user-data that was pulled from a data volume; its stages would run a second time.
 * - /proc/cmdline is merged over every other configuration.
 * Nothing is put over /oem itself: the agent's hooks unmount it as often as they like. The shell stays: the agent's own root changes
 * while it works in the target's chroot, the shell's does not.
 */
const enterScript = `set -eu
work=$1; shift
read -r entrance < "$work/group" || entrance=
if [ -n "$entrance" ]; then echo $$ > "$entrance" || true; fi
mount --make-rslave /
mkdir -p /var/log
mount -t tmpfs -o mode=755,size=64m tmpfs /var/log
mkdir /var/log/kairos
if [ -d /oem/95_userdata ]; then mount -t tmpfs -o mode=755,size=64k tmpfs /oem/95_userdata; fi
mount --bind "$work/cmdline" /proc/cmdline
readlink /proc/self/ns/mnt > "$work/namespace"
printf '%s' "$$" > "$work/pid"
. "$work/environment"
"$@"
exit $?
`;

/** Process ids in the mount namespace `id`, whatever session they are in. */
const processesIn = async (system: System, id: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const pid of (await system.list('/proc')) ?? []) {
    if (!/^\d+$/.test(pid)) continue;
    if ((await system.readLink(`/proc/${pid}/ns/mnt`))?.endsWith(`/${id}`) === true) found.push(pid);
  }
  return found;
};

export interface AgentNamespace {
  /** The command line that runs `program` inside. */
  command(program: readonly string[]): readonly string[];
  /** Where the namespace's file system tree is visible from outside (`/proc/123/root`), once the program runs. */
  root(): Promise<string | null>;
  /** Ids of the processes that the program started and that are still there, wherever they went: by namespace and control group. */
  processes(): Promise<readonly string[]>;
  /** Ends all of them without asking. */
  kill(): Promise<void>;
  /** The program was started and has ended, whoever else is still inside. */
  ended(): Promise<boolean>;
}

/** Prepares the workspace (a memory-backed directory, 0700). `environment` is a text for a shell to read; it may hold secrets. */
export const createAgentNamespace = async (
  system: System,
  workspace: string,
  given: { readonly kernelLine: string; readonly environment: string },
): Promise<AgentNamespace> => {
  const enter = `${workspace}/enter.sh`;
  await system.writeFile(enter, enterScript, { mode: 0o500 });
  await system.writeFile(`${workspace}/cmdline`, given.kernelLine, { mode: 0o444 });
  await system.writeFile(`${workspace}/environment`, given.environment, { mode: 0o600 });
  const group = await createControlGroup(system);
  await system.writeFile(`${workspace}/group`, `${group?.entrance ?? ''}\n`, { mode: 0o400 });
  const read = async (name: string): Promise<string | null> => {
    const text = (await system.readText(`${workspace}/${name}`, 4096))?.trim() ?? '';
    return text === '' ? null : text;
  };
  const pidOf = async (): Promise<string | null> => {
    const pid = await read('pid');
    return pid === null || !/^\d+$/.test(pid) ? null : pid;
  };
  const processes = async (): Promise<readonly string[]> => {
    // As the kernel names it: `mnt:[4026531841]`.
    const id = await read('namespace');
    return [...new Set([...(id === null ? [] : await processesIn(system, id)), ...((await group?.members()) ?? [])])];
  };
  return {
    processes,
    async kill() {
      await group?.kill();
      const left = await processes();
      if (left.length > 0) await system.run(['kill', '-KILL', ...left]);
    },
    command: (program) => ['unshare', '--mount', '--propagation', 'slave', '/bin/sh', enter, workspace, ...program],
    async root() {
      const pid = await pidOf();
      return pid === null ? null : `/proc/${pid}/root`;
    },
    async ended() {
      const pid = await pidOf();
      return pid !== null && (await system.stat(`/proc/${pid}`)) === null;
    },
  };
};
