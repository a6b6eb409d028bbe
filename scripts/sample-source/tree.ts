/** The root tree: busybox as every command, gojq, the kernel with its pruned modules, and the files of root/. */
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { buildInitramfs } from './initramfs.ts';
import { firstModules, loadOrder, moduleFolders, restModules, systemModules } from './modules.ts';
import { bootMarker } from './key.ts';
import { hostPrograms, type Package } from './packages.ts';
import { pipe, tool } from './tools.ts';

const folders = [
  'bin',
  'boot',
  'dev',
  'etc',
  'home',
  'lib',
  'mnt',
  'oem',
  'opt',
  'proc',
  'root',
  'run',
  'sbin',
  'srv',
  'sys',
  'tmp',
  'usr/bin',
  'usr/local',
  'usr/sbin',
  'var/log',
  'var/tmp',
];

/** Modes that git does not keep. */
const modes: Record<string, number> = {
  root: 0o700,
  tmp: 0o1777,
  'var/tmp': 0o1777,
  'etc/shadow': 0o600,
};

/** busybox under every path that it knows for its applets (`bin/sh`, `usr/bin/awk`, …). Gives the applets' names. */
async function addBusybox(root: string): Promise<string[]> {
  await copyFile(hostPrograms.busybox, join(root, 'bin/busybox'));
  const paths = (await tool(hostPrograms.busybox, ['--list-full'])).split('\n').filter((path) => path !== '');
  for (const path of paths) {
    if (path === 'bin/busybox') continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink('/bin/busybox', join(root, path));
  }
  return paths.map((path) => path.split('/').at(-1) ?? path);
}

/** Unpacks only what is used of the kernel package: 2 s and 60 MB instead of 400 MB. Gives the kernel's version. */
async function unpackKernel(kernel: Package, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  const version = kernel.name.replace('linux-image-', '');
  const modules = `./lib/modules/${version}`;
  await pipe(
    ['dpkg-deb', '--fsys-tarfile', kernel.file],
    [
      'tar',
      '-x',
      `./boot/vmlinuz-${version}`,
      `${modules}/modules.builtin`,
      `${modules}/modules.builtin.modinfo`,
      `${modules}/modules.order`,
      ...moduleFolders.map((folder) => `${modules}/kernel/${folder}`),
    ],
    into,
  );
  return version;
}

/**
 * Builds the whole tree in `work`/root. Needs no privileges.
 *
 * @returns path of the tree
 * @throws Error when a package lacks what is expected, or a tool fails
 */
export async function buildTree(work: string, packages: { kernel: Package; gojq: Package }): Promise<string> {
  const root = join(work, 'root');
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  const applets = await addBusybox(root);
  await cp(join(import.meta.dirname, 'root'), root, { recursive: true });
  await cp(bootMarker, join(root, 'usr/lib/slipway/boot-assessment'));
  for (const [path, mode] of Object.entries(modes)) await chmod(join(root, path), mode);

  const unpacked = join(work, 'unpacked');
  await mkdir(unpacked, { recursive: true });
  await pipe(['dpkg-deb', '--fsys-tarfile', packages.gojq.file], ['tar', '-x', './usr/bin/gojq'], unpacked);
  await copyFile(join(unpacked, 'usr/bin/gojq'), join(root, 'usr/bin/gojq'));

  const version = await unpackKernel(packages.kernel, unpacked);
  const modulesDir = `lib/modules/${version}`;
  const files = (await readdir(join(unpacked, modulesDir), { recursive: true }))
    .filter((name) => name.endsWith('.ko'))
    .map((name) => join(unpacked, modulesDir, name));
  const builtin = await readFile(join(unpacked, modulesDir, 'modules.builtin'), 'utf8');
  const order = async (wanted: readonly string[]): Promise<string[]> =>
    (await loadOrder(wanted, files, builtin)).map((file) => relative(unpacked, file));
  const first = await order(firstModules);
  const boot = await order([...firstModules, ...restModules]);
  const all = await order([...firstModules, ...restModules, ...systemModules]);

  for (const file of [...all, `${modulesDir}/modules.builtin`, `${modulesDir}/modules.builtin.modinfo`, `${modulesDir}/modules.order`]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await copyFile(join(unpacked, file), join(root, file));
  }
  await tool(hostPrograms.busybox, ['depmod', '-b', root, version]);

  await copyFile(join(unpacked, `boot/vmlinuz-${version}`), join(root, `boot/vmlinuz-${version}`));
  await buildInitramfs({
    work: join(work, 'initramfs'),
    root,
    first,
    rest: boot.filter((file) => !first.includes(file)),
    applets,
    output: join(root, `boot/initrd.img-${version}`),
  });
  await writeFile(
    join(root, 'usr/lib/slipway-sample/contents'),
    `kernel ${packages.kernel.name} ${packages.kernel.version}\ngojq ${packages.gojq.version}\n`,
  );
  await rm(unpacked, { recursive: true });
  return root;
}
