/** The initramfs of the live system: busybox, util-linux's blkid with its libraries, and the modules that lead to the image. All from the packages of the base. */
import { chmod, copyFile, lutimes, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { loadOrder } from '../sample-source/modules.ts';
import { tool } from '../sample-source/tools.ts';
import { epoch } from './base.ts';
import type { Base } from './base.ts';
import { firstModules, restModules } from './modules.ts';

const addBlkid = async (tree: string, root: string): Promise<void> => {
  await copyFile(join(root, 'usr/sbin/blkid'), join(tree, 'bin/blkid'));
  const libraries = (await tool('chroot', [root, 'ldd', '/usr/sbin/blkid'])).matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm);
  for (const [, library] of libraries) {
    if (library === undefined) continue;
    await mkdir(dirname(join(tree, library)), { recursive: true });
    await copyFile(join(root, library), join(tree, library));
  }
};

/** Builds the tree in `work` and packs it into `output`. */
export const buildInitramfs = async (base: Base, work: string, output: string): Promise<void> => {
  const { root, version } = base;
  for (const folder of ['bin', 'sbin', 'dev', 'proc', 'sys', 'run', 'etc']) await mkdir(join(work, folder), { recursive: true });
  const busybox = join(root, 'usr/bin/busybox');
  await copyFile(busybox, join(work, 'bin/busybox'));
  for (const applet of (await tool(busybox, ['--list'])).split('\n')) {
    if (applet !== '' && applet !== 'busybox') await symlink('busybox', join(work, 'bin', applet));
  }
  await addBlkid(work, root);

  const modules = join(root, 'usr/lib/modules', version);
  const files = (await readdir(modules, { recursive: true })).filter((name) => name.endsWith('.ko')).map((name) => join(modules, name));
  const builtin = await readFile(join(modules, 'modules.builtin'), 'utf8');
  const first = await loadOrder(firstModules, files, builtin);
  const rest = (await loadOrder([...firstModules, ...restModules], files, builtin)).filter((file) => !first.includes(file));
  for (const [name, list] of [['first', first], ['rest', rest]] as const) {
    const places = list.map((file) => join('lib/modules', relative(modules, file)));
    for (const [index, place] of places.entries()) {
      await mkdir(dirname(join(work, place)), { recursive: true });
      await copyFile(list[index] ?? '', join(work, place));
    }
    await writeFile(join(work, `etc/modules.${name}`), places.map((place) => `/${place}\n`).join(''));
  }
  await copyFile(join(import.meta.dirname, 'initramfs/init'), join(work, 'init'));
  await chmod(join(work, 'init'), 0o755);

  const names = (await readdir(work, { recursive: true })).toSorted();
  for (const name of names) await lutimes(join(work, name), epoch, epoch);
  const archive = `${output}.cpio`;
  await tool('cpio', ['--quiet', '--create', '--format=newc', '--reproducible', '--owner=0:0', `--file=${archive}`], { cwd: work, input: `${names.join('\n')}\n` });
  await tool('zstd', ['-q', '-15', '--rm', '-f', archive, '-o', output]);
};
