/** Finds kairos-agent and what the run needs besides it. Changes nothing. */
import type { EngineFacts } from '../../plan/input.ts';
import type { OpenFile, System } from '../../system/port.ts';
import { cleanText } from '../../model/foreign-text.ts';
import { otherInstall } from './live-state.ts';

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Programs that this engine orders about beside the agent, each with the Debian package that holds it. */
const programs: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  mount: 'mount',
  losetup: 'mount',
  wipefs: 'util-linux',
  blockdev: 'util-linux',
  blkid: 'util-linux',
  sfdisk: 'fdisk',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.vfat': 'dosfstools',
  e2fsck: 'e2fsprogs',
  dd: 'coreutils',
  // For the agent itself, which copies every tree with it.
  rsync: 'rsync',
};

const isThere = async (system: System, path: string): Promise<boolean> => {
  const real = await system.realPath(path);
  return real !== null && (await system.stat(real))?.kind === 'file';
};

/** `$KAIROS_AGENT_BIN`, `/usr/bin/kairos-agent`, then the usual folders for programs (kairos-sdk `agentrun.ResolveAgentBin`). */
export const findKairosAgent = async (system: System): Promise<string | null> => {
  const named = system.environment('KAIROS_AGENT_BIN');
  const places = [...(named === undefined || !named.startsWith('/') ? [] : [named]), '/usr/bin/kairos-agent', ...searchPath.map((folder) => `${folder}/kairos-agent`)];
  for (const path of places) {
    if (await isThere(system, path)) return path;
  }
  return null;
};

/** The program is there and its bytes can be had: what a detached medium held is still listed for a while. */
export const canBeRead = async (system: System, path: string): Promise<boolean> => {
  const size = (await system.stat(path))?.size ?? 0;
  if (size === 0) return false;
  try {
    const file = await system.open(path);
    try {
      return (await file.read(Buffer.allocUnsafe(1), size - 1)) === 1;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
};

const chunk = 4 * 1024 * 1024;

/** Searches a file for a text, in pieces. False when it can't be read. */
const holds = async (system: System, path: string, text: string): Promise<boolean> => {
  let file: OpenFile;
  try {
    file = await system.open(path);
  } catch {
    return false;
  }
  try {
    const wanted = Buffer.from(text, 'latin1');
    const buffer = Buffer.allocUnsafe(chunk + wanted.length);
    let carried = 0;
    for (let position = 0; ; ) {
      const read = await file.read(buffer.subarray(carried, carried + chunk), position);
      if (read === 0) return false;
      const filled = carried + read;
      if (buffer.subarray(0, filled).includes(wanted)) return true;
      carried = Math.min(wanted.length - 1, filled);
      buffer.copyWithin(0, filled - carried, filled);
      position += read;
    }
  } finally {
    await file.close();
  }
};

/**
 * True when this agent can emit progress events: the name of the variable that switches them on is in its program. The version number
 * does not tell: a build without one says v0.0.1.
 */
export const knowsProgressEvents = (system: System, path: string): Promise<boolean> => holds(system, path, 'KAIROS_AGENT_PROGRESS');

/** Every start of the agent makes files in /var/log/kairos; here they go to memory and are gone. Arguments: the agent. */
const versionScript = 'mount -t tmpfs tmpfs /var/log && exec "$1" version';

/** The version as the agent says it; `unknown` without root or when it says none. */
export const readAgentVersion = async (system: System, path: string): Promise<string> => {
  if (!system.isRoot()) return 'unknown';
  const { stdout, exitCode } = await system.run(['unshare', '--mount', '/bin/sh', '-c', versionScript, 'version', path], { timeout: 10_000, maxBytes: 64 * 1024 });
  const line = cleanText(stdout.trim().split('\n').at(-1) ?? '', 60);
  return exitCode === 0 && /^v?\d/.test(line) ? line : 'unknown';
};

/** Where the agent looks for plugins that ask a key server (kairos-sdk `kcrypt/bus`), and how they are named. */
const pluginFolders = ['/system/discovery', '/oem/kcrypt', '/oem/system/discovery'];

const hasKeyServerPlugin = async (system: System): Promise<boolean> => {
  const names = await Promise.all(pluginFolders.map((folder) => system.list(folder)));
  return names.some((list) => list?.some((name) => name.startsWith('kcrypt-discovery')) === true);
};

/** Facts for the planner. `available` is false where there is no agent. */
export const probeKairosAgent = async (system: System): Promise<EngineFacts> => {
  const path = await findKairosAgent(system);
  if (path === null) return { name: 'kairos-agent', available: false, version: 'none', missing: [], canIsolateStages: false, path: null };
  const missing: { program: string; package: string }[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    const found = await Promise.all(searchPath.map((folder) => isThere(system, `${folder}/${program}`)));
    if (!found.includes(true)) missing.push({ program, package: debianPackage });
  }
  const other = await otherInstall(system);
  return {
    name: 'kairos-agent',
    available: true,
    version: await readAgentVersion(system, path),
    missing,
    canIsolateStages: system.isRoot(),
    path,
    root: system.isRoot(),
    busy: other === null ? null : `process ${cleanText(other, 20)}`,
    keyServerPlugin: await hasKeyServerPlugin(system),
  };
};
