/**
 * Slipway's own live ISO: Debian with Kairos's layout, to try Slipway on a machine that is booted, not only on an image file.
 *
 *     npm run iso [-- --fresh] [--no-agent]
 */
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildBase } from './base.ts';
import { buildInitramfs } from './initramfs.ts';
import { makeMedium } from './medium.ts';
import { buildTree, findAgent, treeKey } from './tree.ts';

const project = join(import.meta.dirname, '../..');
const usualHome = join(project, 'build/iso');

export interface LiveIso {
  /** Absolute path of the ISO. */
  readonly file: string;
  /** Kernel and initramfs beside it, for starting a machine without its boot menu. */
  readonly kernel: string;
  readonly initrd: string;
  readonly size: number;
  readonly sha256: string;
  /** Is a real kairos-agent inside? */
  readonly agent: boolean;
  /** False when an earlier build was still right. */
  readonly built: boolean;
}

export interface IsoOptions {
  /** Build in any case, with the newest packages of Debian's archive. */
  readonly fresh?: boolean;
  /** False leaves kairos-agent out, also where it can be had. */
  readonly agent?: boolean;
  /** Folder for the ISO and what it is made of. Default: `build/iso`. */
  readonly home?: string;
  readonly say?: (line: string) => void;
}

interface Manifest {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
}

const readManifest = (file: string): Promise<Manifest | null> =>
  readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Manifest,
    () => null,
  );

/**
 * Builds `slipway-live.iso` in `build/iso` when its inputs changed, else gives the last build.
 *
 * @throws Error when it is not run as root, a package cannot be had or a tool fails; the last build then stays as it was
 */
export const buildIso = async (options: IsoOptions = {}): Promise<LiveIso> => {
  const say = options.say ?? (() => undefined);
  const home = options.home ?? usualHome;
  const begin = Date.now();
  const lap = (what: string): void => say(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  const installer = join(project, 'dist/slipway');
  await access(installer).catch(() => {
    const { status } = spawnSync(process.execPath, [join(project, 'scripts/build.mjs')], { stdio: 'inherit' });
    if (status !== 0) throw new Error('dist/slipway could not be built');
  });
  const agent = options.agent === false ? null : await findAgent(project);
  await mkdir(home, { recursive: true });
  const base = await buildBase(home, { withAgent: agent !== null, fresh: options.fresh ?? false });
  lap(base.built ? 'Debian packages installed' : 'Debian packages: up to date');

  const name = agent === null && options.agent === false ? 'slipway-live-no-agent' : 'slipway-live';
  const file = join(home, `${name}.iso`);
  const manifestFile = join(home, `${name}.json`);
  const kernel = base.kernel;
  const initrd = join(home, `${name}.initrd`);
  const parts = { project, base, installer, agent };
  const key = await treeKey(parts);
  const last = await readManifest(manifestFile);
  if (last?.key === key && options.fresh !== true && (await stat(file).catch(() => null))?.size === last.size) {
    return { file, kernel, initrd, size: last.size, sha256: last.sha256, agent: agent !== null, built: false };
  }

  const work = join(home, `.work-${process.pid}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const tree = join(work, 'root');
    await buildTree(tree, parts);
    const made = join(work, 'initrd');
    await buildInitramfs(base, join(work, 'initramfs'), made);
    // Part of the image too: what is installed from it boots with the same two files.
    await rm(join(tree, 'boot', `initrd.img-${base.version}`), { force: true });
    await writeFile(join(tree, 'boot', `initrd.img-${base.version}`), await readFile(made));
    lap(agent === null ? 'root tree (no kairos-agent at hand)' : 'root tree (with kairos-agent)');
    const output = join(work, 'live.iso');
    await makeMedium({ project, base, tree, initrd: made, work, output });
    lap('medium');
    const hash = createHash('sha256').update(await readFile(output)).digest('hex');
    const { size } = await stat(output);
    await rm(manifestFile, { force: true });
    await rename(made, initrd);
    await rename(output, file);
    await writeFile(manifestFile, `${JSON.stringify({ key, size, sha256: hash } satisfies Manifest, null, 2)}\n`);
    return { file, kernel, initrd, size, sha256: hash, agent: agent !== null, built: true };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const iso = await buildIso({ fresh: process.argv.includes('--fresh'), ...(process.argv.includes('--no-agent') ? { agent: false } : {}), say: (line) => console.log(line) });
  console.log(`${iso.built ? 'built' : 'up to date'}: ${iso.file} (${(iso.size / 1024 / 1024).toFixed(0)} MiB, sha256 ${iso.sha256.slice(0, 16)})`);
}
