/**
 * Points at which the agent waits for us. A step in its stages says that it is there by a file and waits for another;
 * in between we do what must be done before it goes on. If we die, it never goes on.
 */
import { gateFile, gateNames, stageDirectories } from './stage-files.ts';
import type { GateName } from './stage-files.ts';
import type { System } from '../../system/port.ts';

/** ms between two looks */
const period = 50;

export type GateHandlers = Readonly<Record<GateName, () => Promise<void>>>;

/**
 * Serves the gates in `directory` until `signal` ends it, each once. Rejects with what a handler threw: the gate stays shut
 * then, and the agent behind it. `onPass` is told of each gate that was opened.
 */
export const serveGates = async (system: System, directory: string, handlers: GateHandlers, signal: AbortSignal, onPass: (gate: GateName) => void): Promise<void> => {
  const passed = new Set<GateName>();
  while (!signal.aborted) {
    for (const gate of gateNames) {
      if (passed.has(gate) || (await system.stat(`${directory}/${gate}.at`)) === null) continue;
      await handlers[gate]();
      if (signal.aborted) return;
      passed.add(gate);
      onPass(gate);
      await system.writeFile(`${directory}/${gate}.go`, '', { mode: 0o600 });
    }
    await system.sleep(period, signal).catch(() => undefined);
  }
};

/**
 * Makes a directory that the agent sees from the live system and from the target's chroot: that has /dev bound into it and nothing
 * else of the live system. devtmpfs is memory; the directory is 0700 and goes with the clean-up list. The gates are in it; the steps are not yet.
 */
export const makeGateDirectory = async (system: System): Promise<string> => {
  const directory = `/dev/slipway-${Buffer.from(system.randomBytes(6)).toString('hex')}`;
  await system.makeDirectory(directory, 0o700);
  system.cleanup.add(`remove ${directory}`, () => system.remove(directory));
  const { first, steps, last } = stageDirectories(directory);
  for (const folder of [first, steps, last]) await system.makeDirectory(folder, 0o700);
  await system.writeFile(`${first}/gates.yaml`, gateFile('first', directory), { mode: 0o600 });
  await system.writeFile(`${last}/gates.yaml`, gateFile('last', directory), { mode: 0o600 });
  return directory;
};
