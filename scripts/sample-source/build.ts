/**
 * Slipway's sample source: a small, real, bootable Linux root tree for trials and tests.
 *
 *     node scripts/sample-source/build.ts [--fresh]
 */
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputKey } from './key.ts';
import { fetchPackages } from './packages.ts';
import { buildTree } from './tree.ts';

const project = join(import.meta.dirname, '../..');
const home = join(project, 'build/sample-source');
const manifestFile = join(home, 'manifest.json');

export interface SampleSource {
  /** Absolute path of the root tree; as a source URI: `dir:` and this path. */
  root: string;
  /** Kernel version, as in `/boot/vmlinuz-VERSION`. */
  kernel: string;
  /** False when an earlier build was still right. */
  built: boolean;
}

interface Manifest {
  key: string;
  kernel: string;
  packages: Record<string, string>;
}

async function lastBuild(): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as Manifest;
    await access(join(home, 'root/boot', `initrd.img-${manifest.kernel}`));
    return manifest;
  } catch {
    return undefined;
  }
}

/** Puts `tree` where `root` is, which goes to `old`. A build beside this one may get in between: then once more. */
async function replace(root: string, tree: string, old: string): Promise<void> {
  for (let tries = 5; ; tries--) {
    await rm(old, { recursive: true, force: true });
    await rename(root, old).catch(() => {}); // the first build has none
    try {
      return await rename(tree, root);
    } catch (error) {
      if (tries === 0) throw error;
    }
  }
}

/**
 * Builds `build/sample-source/root` when its inputs changed (about 10 s, and 72 MB from Debian's
 * archive the first time), else gives the last build (about 20 ms).
 *
 * Two calls at once are safe: each builds in a folder of its own, and the last one in place wins.
 *
 * @param options.fresh build in any case, with the newest packages apt knows
 * @throws Error when a package cannot be had or a tool fails; the last build then stays as it was
 */
export async function buildSampleSource(options: { fresh?: boolean } = {}): Promise<SampleSource> {
  const root = join(home, 'root');
  const key = await inputKey();
  const last = await lastBuild();
  if (last?.key === key && options.fresh !== true) return { root, kernel: last.kernel, built: false };

  const work = join(home, `.work-${process.pid}`);
  const old = join(home, `.old-${process.pid}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const packages = await fetchPackages(join(project, 'build/debs'));
    const tree = await buildTree(work, packages);
    const kernel = packages.kernel.name.replace('linux-image-', '');
    const manifest: Manifest = {
      key,
      kernel,
      packages: Object.fromEntries(Object.values(packages).map(({ name, version }) => [name, version])),
    };
    // The manifest goes first and comes back last: a tree without one counts as not built.
    await rm(manifestFile, { force: true });
    await replace(root, tree, old);
    await writeFile(join(work, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(join(work, 'manifest.json'), manifestFile);
    return { root, kernel, built: true };
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const source = await buildSampleSource({ fresh: process.argv.includes('--fresh') });
  console.log(`${source.built ? 'built' : 'up to date'}: ${source.root} (kernel ${source.kernel})`);
}
