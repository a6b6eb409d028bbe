/** The initramfs: busybox, util-linux's blkid with its libraries, and the modules that lead to the image. */
import { chmod, copyFile, lutimes, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostPrograms } from './packages.ts';
import { tool } from './tools.ts';

/** All time stamps in the archive, so that equal content gives equal bytes. */
const epoch = 1_700_000_000;

/** Debian's busybox has no blkid, and its findfs does not find every file system; util-linux's does. */
async function addBlkid(tree: string): Promise<void> {
  await copyFile(hostPrograms.blkid, join(tree, 'bin/blkid'));
  const libraries = (await tool('ldd', [hostPrograms.blkid])).matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm);
  for (const [, library] of libraries) {
    if (library === undefined) continue;
    const to = join(tree, library);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(library, to);
  }
}

export interface InitramfsParts {
  /** Folder to build the tree in; made here. */
  work: string;
  /** Root tree whose /lib/modules the files below are taken from. */
  root: string;
  /** Module files, relative to `root`, in loading order. */
  first: readonly string[];
  rest: readonly string[];
  /** Names of busybox's applets. */
  applets: readonly string[];
  /** Where the compressed archive goes. */
  output: string;
}

/** Builds the tree and packs it. @throws Error when a host program is missing or a tool fails */
export async function buildInitramfs(parts: InitramfsParts): Promise<void> {
  const { work, root } = parts;
  for (const folder of ['bin', 'sbin', 'dev', 'proc', 'sys', 'run', 'etc']) await mkdir(join(work, folder), { recursive: true });
  await copyFile(hostPrograms.busybox, join(work, 'bin/busybox'));
  for (const applet of parts.applets) if (applet !== 'busybox') await symlink('busybox', join(work, 'bin', applet));
  await addBlkid(work);

  for (const [name, files] of [
    ['first', parts.first],
    ['rest', parts.rest],
  ] as const) {
    for (const file of files) {
      await mkdir(dirname(join(work, file)), { recursive: true });
      await copyFile(join(root, file), join(work, file));
    }
    await writeFile(join(work, `etc/modules.${name}`), files.map((file) => `/${file}\n`).join(''));
  }

  await copyFile(join(import.meta.dirname, 'initramfs/init'), join(work, 'init'));
  await chmod(join(work, 'init'), 0o755);

  const names = (await readdir(work, { recursive: true })).sort();
  for (const name of names) await lutimes(join(work, name), epoch, epoch);
  const archive = join(work, '..', 'initramfs.cpio');
  await tool('cpio', ['--quiet', '--create', '--format=newc', '--reproducible', '--owner=0:0', `--file=${archive}`], {
    cwd: work,
    input: `${names.join('\n')}\n`,
  });
  await tool('zstd', ['-q', '-15', '--rm', '-f', archive, '-o', parts.output]);
}
