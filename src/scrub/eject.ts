/**
 * The media leave the drive once the target is proven and the receipt is written: what is not there cannot be taken in at
 * the next boot, nor be booted from again. Nothing here ends a run: what cannot be ejected is said.
 *
 * The data volume goes at once. The medium of the live system goes at the very end of the shutdown, as kairos-agent does it (agent
 * `pkg/action/install.go`, `install.eject-cd`): until then programs are read from it.
 */
import type { Facts } from '../model/facts.ts';
import type { System } from '../system/port.ts';

/** ms; a drive opens within seconds or not at all */
const patience = 30_000;

interface Block {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly rm: boolean;
  readonly mountpoints?: readonly (string | null)[];
  readonly children?: readonly Block[];
}

const all = (block: Block): readonly Block[] => [block, ...(block.children ?? []).flatMap(all)];

/** The drive that a device is (part of), with everything on it; null when the kernel knows none. */
const driveOf = async (system: System, path: string): Promise<Block | null> => {
  const real = await system.realPath(path);
  if (real === null) return null;
  const { exitCode, stdout } = await system.run(['lsblk', '--json', '--output', 'NAME,PATH,TYPE,RM,MOUNTPOINTS']);
  if (exitCode !== 0) return null;
  try {
    const { blockdevices } = JSON.parse(stdout) as { blockdevices: readonly Block[] };
    return blockdevices.find((drive) => all(drive).some((block) => block.path === real)) ?? null;
  } catch {
    return null;
  }
};

const canEject = (drive: Block): boolean => drive.type === 'rom' || drive.rm;

const ejectVolume = async (system: System, path: string, liveDrive: Block | null): Promise<string> => {
  const drive = await driveOf(system, path);
  if (drive === null) return `the data volume ${path} is no drive: nothing to eject`;
  if (drive.path === liveDrive?.path) return `the data volume ${path} is on the live system's own medium: take it out after power-off`;
  if (!canEject(drive)) return `the data volume ${path} cannot be ejected: its drive is not removable; take it away before the next boot`;
  const mounted = all(drive).flatMap((block) => block.mountpoints ?? []).find((place) => place !== null);
  if (mounted !== undefined) return `the data volume ${path} is not ejected: it is mounted at ${mounted}; take it out after power-off`;
  const { exitCode, missing } = await system.run(['eject', drive.path], { timeout: patience });
  if (exitCode === 0) return `the data volume was ejected (${drive.path})`;
  return `the data volume ${path} could not be ejected (${missing ? 'the program eject is not installed' : `eject ended with ${exitCode ?? 'no answer'}`}); take it out before the next boot`;
};

/** Programs here are run by systemd after everything else has ended (systemd-shutdown(8)), before power goes or the machine restarts. */
const shutdownFolder = '/usr/lib/systemd/system-shutdown';

const ejectAtShutdown = async (system: System, drive: Block): Promise<string> => {
  if (!canEject(drive)) return `the live medium ${drive.path} cannot be ejected: its drive is not removable`;
  if ((await system.stat('/run/systemd/system')) === null) return `the live medium ${drive.path} stays in its drive: only systemd ejects it at the end of a shutdown`;
  try {
    await system.makeDirectory(shutdownFolder, 0o755);
    await system.writeFile(`${shutdownFolder}/slipway-eject`, `#!/bin/sh\nexec eject -m '${drive.path}'\n`, { mode: 0o755 });
    return `the live medium ${drive.path} is ejected at the end of the shutdown`;
  } catch {
    return `the live medium ${drive.path} cannot be ejected at the end of the shutdown: ${shutdownFolder} is not writable`;
  }
};

/**
 * Ejects what can be: the data volume now, the live medium at shutdown. Tells in a line each what became of it; never throws.
 * @param dataVolume device that configuration was read from; null: none
 */
export const ejectMedia = async (system: System, facts: Pick<Facts, 'boot'>, dataVolume: string | null): Promise<readonly string[]> => {
  if (!system.real) return [];
  const { liveMedium, state } = facts.boot;
  const liveDrive = liveMedium === null ? null : await driveOf(system, liveMedium);
  const isBlock = dataVolume !== null && (await system.stat((await system.realPath(dataVolume)) ?? dataVolume))?.kind === 'block';
  return [
    ...(isBlock ? [await ejectVolume(system, dataVolume, liveDrive)] : []),
    ...(state === 'live' && liveDrive !== null ? [await ejectAtShutdown(system, liveDrive)] : []),
  ];
};
