/**
 * A control group (cgroup v2, kernel `Documentation/admin-guide/cgroup-v2.rst`) around everything that the agent starts: also what leaves
 * its session and its mount namespace stays in it, and is found and ended by it. Nothing in it is limited.
 */
import type { System } from '../../system/port.ts';

export interface ControlGroup {
  /** The file that a process writes its id to in order to join. */
  readonly entrance: string;
  /** Process ids in it and in groups below it. */
  members(): Promise<readonly string[]>;
  /** Ends all of them at once, forks in between included (`cgroup.kill`, Linux 5.14). False where the kernel cannot. */
  kill(): Promise<boolean>;
}

/** Where version 2 is mounted: alone, or beside version 1. */
const mountPoint = async (system: System): Promise<string | null> => {
  const rows = ((await system.readText('/proc/self/mountinfo', 16 * 1024 * 1024)) ?? '').split('\n');
  return rows.find((row) => row.includes(' - cgroup2 '))?.split(' ')[4] ?? null;
};

/** Makes one; it goes with the clean-up list. Null where there is none to be had: then namespace and session have to do. */
export const createControlGroup = async (system: System): Promise<ControlGroup | null> => {
  const root = await mountPoint(system);
  if (root === null) return null;
  const path = `${root}/slipway-${Buffer.from(system.randomBytes(6)).toString('hex')}`;
  const made = await system.run(['mkdir', path]);
  if (made.exitCode !== 0) return null;
  const isThere = async (name: string): Promise<boolean> => (await system.stat(`${path}/${name}`)) !== null;
  const folders = async (folder: string): Promise<readonly string[]> => {
    const names = (await system.list(folder)) ?? [];
    const below: string[] = [];
    for (const name of names) if ((await system.stat(`${folder}/${name}`))?.kind === 'directory') below.push(...(await folders(`${folder}/${name}`)));
    return [...below, folder];
  };
  system.cleanup.add(`remove ${path}`, async () => {
    const { exitCode, stderr } = await system.run(['rmdir', ...(await folders(path))]);
    if (exitCode !== 0) throw new Error(stderr.trim());
  });
  if (!(await isThere('cgroup.procs'))) return null;
  return {
    entrance: `${path}/cgroup.procs`,
    async members() {
      const texts = await Promise.all((await folders(path)).map((folder) => system.readText(`${folder}/cgroup.procs`)));
      return texts.flatMap((text) => (text ?? '').split('\n').filter((pid) => /^\d+$/.test(pid) && pid !== '0'));
    },
    async kill() {
      return (await isThere('cgroup.kill')) && (await system.append(`${path}/cgroup.kill`, '1'));
    },
  };
};
