/** Ends whatever the agent started and gives the disk back: processes, mounts, loops, mappings. */
import type { System } from '../../system/port.ts';
import { loopsOn, mountsOf, readDiskStack } from './block-devices.ts';
import type { AgentNamespace } from './namespace.ts';

/** ms that a process has between the polite signal and the other one, and to go after it */
const patience = 3000;

/** Ends every process that the agent started. Returns those that would not go: the kernel holds on to them (a disk that does not answer). */
export const endProcesses = async (system: System, namespace: Pick<AgentNamespace, 'processes' | 'kill'>): Promise<readonly string[]> => {
  const polite = async (): Promise<void> => {
    const pids = await namespace.processes();
    if (pids.length > 0) await system.run(['kill', '-TERM', ...pids]);
  };
  for (const end of [polite, () => namespace.kill()]) {
    if ((await namespace.processes()).length === 0) return [];
    await end();
    for (let waited = 0; waited < patience && (await namespace.processes()).length > 0; waited += 50) await system.sleep(50);
  }
  return namespace.processes();
};

/**
 * Unmounts, detaches and closes what is over `disk` (kernel name): mounts in our own namespace, loops, then mappings, until nothing is
 * left or nothing changes. Returns what could not be undone, in words.
 */
export const releaseDisk = async (system: System, disk: string): Promise<readonly string[]> => {
  for (let round = 0; ; round += 1) {
    const { own, mappings } = await readDiskStack(system, disk);
    const loops = await system.run(['losetup', '--list', '--json', '--output', 'NAME,BACK-MAJ:MIN']);
    const numbers = [...own, ...mappings].map(({ number }) => number).filter((number) => number !== '');
    const onLoops = loopsOn(loops.stdout, numbers);
    const loopNumbers = await Promise.all(onLoops.map(async (path) => ((await system.readText(`/sys/class/block/${path.replace('/dev/', '')}/dev`)) ?? '').trim()));
    const mounts = mountsOf((await system.readText('/proc/self/mountinfo', 16 * 1024 * 1024)) ?? '', [...numbers, ...loopNumbers]);
    if (mounts.length + onLoops.length + mappings.length === 0) return [];
    if (round === 3) {
      return [...mounts.map((target) => `${target} is still mounted`), ...onLoops.map((path) => `${path} is still in use`), ...mappings.map((mapping) => `${mapping.mapperName ?? mapping.kname} is still open`)];
    }
    if (round > 0) await system.sleep(300);
    for (const target of mounts) await system.run(['umount', target], { timeout: 60_000 });
    for (const path of onLoops) await system.run(['losetup', '--detach', path]);
    for (const { mapperName } of mappings) {
      if (mapperName === null) continue;
      const closed = await system.run(['cryptsetup', 'close', mapperName], { timeout: 30_000 });
      if (closed.exitCode !== 0) await system.run(['dmsetup', 'remove', mapperName], { timeout: 30_000 });
    }
  }
};
