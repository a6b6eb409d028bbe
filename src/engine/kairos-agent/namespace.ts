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

/** ms between two looks whether the program runs */
const holdPeriod = 10;

/**
 * Process ids in the mount namespace `id`, whatever session they are in. The kernel gives the number of a namespace that is gone to the next
 * one: only of one that is held open does it say who is in it.
 */
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
  /**
   * Holds the namespace open from when the program runs, so that nobody else's gets its number; to be called when the program is started.
   * Ends when it is held, or with the signal.
   */
  hold(signal: AbortSignal): Promise<void>;
  /** Lets go of it: while it is held, its mounts are, too. To be called when all processes have ended; the clean-up does it as well. */
  letGo(): Promise<void>;
  /** Ids of the processes that the program started and that are still there, wherever they went: by control group, and by namespace where that is held. */
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
  /** As the kernel names it: `mnt:[4026531841]`. */
  let held: string | null = null;
  let handle: { close(): Promise<void> } | null = null;
  const letGo = async (): Promise<void> => {
    const file = handle;
    [held, handle] = [null, null];
    await file?.close();
  };
  // Added here, it comes after whatever ends the processes.
  system.cleanup.add('let go of the mount namespace', letGo);
  const tryToHold = async (): Promise<void> => {
    const [pid, id] = [await pidOf(), await read('namespace')];
    if (pid === null || id === null) return;
    const file = await system.open(`/proc/${pid}/ns/mnt`).catch(() => null);
    if (file === null) return;
    // What was opened is still what the program said: else it has ended meanwhile.
    if ((await system.readLink(`/proc/${pid}/ns/mnt`))?.endsWith(`/${id}`) !== true) return file.close();
    [held, handle] = [id, file];
  };
  const processes = async (): Promise<readonly string[]> => [...new Set([...(held === null ? [] : await processesIn(system, held)), ...((await group?.members()) ?? [])])];
  return {
    async hold(signal) {
      while (held === null && !signal.aborted) {
        await tryToHold();
        if (held === null) await system.sleep(holdPeriod, signal).catch(() => undefined);
      }
    },
    letGo,
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
