/** The system image: a squashfs of the source, made once and written three times (active, passive, recovery). */
import { SlipwayError } from '../../model/problem.ts';
import type { SourceFacts } from '../../model/facts.ts';
import { outsideTheSystem } from '../../model/source-tree.ts';
import type { System } from '../../system/port.ts';
import { mustRun } from '../command.ts';
import { sha256OfFile } from './sha256.ts';
import { unpackImageArchive } from './unpack-image.ts';

export interface SystemImage {
  /** Path of the squashfs. */
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
  /** hex */
  readonly sha256: string;
  /** hex, of image, kernel and initrd: taken before any stage ran */
  readonly digests: readonly string[];
  /** bytes of image, kernel and initrd together */
  readonly bytes: number;
}

/** What of a live tree is not part of a system; the folders themselves are, as mount points. */
const leftOut = outsideTheSystem.map((name) => (name === 'host' ? name : `${name}/*`));

const isSquashfs = async (system: System, path: string): Promise<boolean> => {
  const file = await system.open(path);
  try {
    const magic = Buffer.alloc(4);
    await file.read(magic, 0);
    return magic.toString('latin1') === 'hsqs';
  } finally {
    await file.close();
  }
};

/** Where `file` really lies, links followed; empty when that is not in `folder`. */
const insideOf = async (system: System, folder: string, file: string): Promise<string> => {
  const [root, real] = await Promise.all([system.realPath(folder), system.realPath(`${folder}/${file}`)]);
  return root !== null && real !== null && real.startsWith(`${root}/`) ? real : '';
};

/**
 * Makes (or takes) the squashfs of `source` and unpacks kernel and initrd beside it into `directory`, which needs room for the image.
 * Throws SlipwayError.
 */
export const makeSystemImage = async (
  system: System,
  source: SourceFacts,
  directory: string,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<SystemImage> => {
  const path = source.uri.slice(source.uri.indexOf(':') + 1);
  const made = `${directory}/system.squashfs`;
  const options = ['-noappend', '-no-progress', '-comp', 'zstd', '-Xcompression-level', '3'];
  let image = made;
  if (source.kind === 'dir' || source.kind === 'ocifile') {
    const tree = source.kind === 'dir' ? path : await unpackImageArchive(system, (await system.realPath(path)) ?? path, directory, signal);
    const result = await system.stream(['mksquashfs', tree, made, ...options, '-wildcards', '-e', ...leftOut], { signal, onLine, timeout: 0 });
    signal.throwIfAborted();
    if (result.exitCode !== 0) throw new SlipwayError({ id: 'image-failed', severity: 'error', what: 'could not make the system image: mksquashfs failed', where: path, hint: 'see the log; is there room for it?' });
    if (tree !== path) await system.remove(tree);
  } else if (await isSquashfs(system, path)) {
    image = path;
  } else {
    await mustRun(system, 'make the system image from the archive', ['/bin/sh', '-c', 'set -eu; case $1 in *.gz|*.tgz) gzip -dc "$1";; *.xz) xz -dc "$1";; *.zst) zstd -dc "$1";; *) cat "$1";; esac | sqfstar "$2" -comp zstd -Xcompression-level 3 -no-progress', 'sqfstar', path, made], { signal });
  }
  const unpacked = `${directory}/boot-files`;
  const inside = [source.kernel, source.initrd].map((file) => (file ?? '').replace(/^\//, ''));
  // The whole folder: Kairos's /boot/vmlinuz and /boot/initrd are links to files beside them.
  await mustRun(system, 'unpack kernel and initrd', ['unsquashfs', '-no-progress', '-force', '-dest', unpacked, image, 'boot'], { signal });
  const [kernel = '', initrd = ''] = await Promise.all(inside.map((file) => insideOf(system, unpacked, file)));
  const sizes = await Promise.all([image, kernel, initrd].map(async (file) => (file === '' ? 0 : ((await system.stat(file))?.size ?? 0))));
  if (sizes.some((size) => size === 0)) {
    throw new SlipwayError({ id: 'image-failed', severity: 'error', what: 'the source has no usable kernel or initrd in /boot', where: source.uri, hint: 'they must be files, not links out of the tree' });
  }
  const digests: string[] = [];
  for (const file of [image, kernel, initrd]) digests.push(await sha256OfFile(system, file, signal));
  return {
    image,
    kernel,
    initrd,
    sha256: digests[0] ?? '',
    digests,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
};
