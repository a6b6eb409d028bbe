/** The Debian packages that the sample system is made of; fetched and unpacked, never installed. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tool } from './tools.ts';

export interface Package {
  name: string;
  version: string;
  /** The .deb file. */
  file: string;
}

/** Host programs whose files go into the system as they are, and the package that brings each. */
export const hostPrograms = { busybox: '/bin/busybox', blkid: '/sbin/blkid' } as const;

/** The kernel package with a version in its name, which the unversioned one stands for. */
async function kernelName(): Promise<string> {
  const depends = await tool('apt-cache', ['depends', 'linux-image-amd64']);
  const name = /Depends: (linux-image-\d\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error('apt knows no linux-image-amd64');
  return name;
}

async function candidate(name: string): Promise<string> {
  const version = /Candidate: (\S+)/.exec(await tool('apt-cache', ['policy', name]))?.[1];
  if (version === undefined || version === '(none)') throw new Error(`apt offers no version of ${name}`);
  return version;
}

/** One package into `folder`, unless that version is there already. */
async function fetch(name: string, folder: string): Promise<Package> {
  const version = await candidate(name);
  // apt writes an epoch's colon as %3a; the file name else is NAME_VERSION_ARCH.deb.
  const prefix = `${name}_${version.replace(':', '%3a')}_`;
  const find = async (where: string): Promise<string | undefined> => (await readdir(where)).find((file) => file.startsWith(prefix));

  let file = await find(folder);
  if (file === undefined) {
    const part = join(folder, `.part-${process.pid}`);
    await mkdir(part, { recursive: true });
    try {
      // root: apt's own user cannot write here, and says so at length
      await tool('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', name], {
        cwd: part,
      });
      file = await find(part);
      if (file === undefined) throw new Error(`apt-get download ${name} left no file ${prefix}*.deb`);
      await rename(join(part, file), join(folder, file));
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }
  return { name, version, file: join(folder, file) };
}

/**
 * Fetches the kernel and gojq into `folder`. When the package lists are missing or outdated they are
 * brought up to date once.
 *
 * @throws Error when apt cannot get them
 */
export async function fetchPackages(folder: string): Promise<{ kernel: Package; gojq: Package }> {
  await mkdir(folder, { recursive: true });
  const all = async (): Promise<{ kernel: Package; gojq: Package }> => ({
    kernel: await fetch(await kernelName(), folder),
    gojq: await fetch('gojq', folder),
  });
  try {
    return await all();
  } catch {
    await tool('apt-get', ['update', '-qq']);
    return all();
  }
}
