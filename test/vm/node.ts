/**
 * Nodes for tests in virtual machines, laid down by the executable: one of the sample system (small, boots in seconds), one of the
 * live system, which carries Slipway itself. Each is installed once a run; tests work on copies.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSampleSource } from '../../scripts/sample-source/build.ts';
import { makeDataVolume } from '../../scripts/try/data-volume.ts';
import { liveIso } from '../iso/live.ts';
import { partitionsOf } from './partition-table.ts';

const executable = 'dist/slipway';

export interface NodeDisks {
  readonly folder: string;
  /** A fresh copy of the installed disk. */
  copy(): string;
  /** Runs a debugfs request on a partition of the image and gives what it printed. */
  debugfs(image: string, partition: string, request: string): string;
  /** Puts a text in place of a file. */
  put(image: string, partition: string, path: string, text: string): void;
  dispose(): void;
}

/** Byte offset of a partition, from sfdisk. */
const startOf = (image: string, name: string): number => {
  const row = partitionsOf(image).find((partition) => partition.name === name);
  if (row === undefined) throw new Error(`no partition ${name}`);
  return row.start * 512;
};

const install = (disk: string, size: string, source: string, dataVolume: string, folder: string): void => {
  if (!existsSync(executable)) execFileSync('node', ['scripts/build.mjs'], { stdio: 'ignore' });
  const ran = spawnSync(executable, ['install', '--unattended', '--engine', 'builtin', '--data-volume', dataVolume, '--target-image', disk, '--image-size', size, '--source', source, '--receipt', folder, '--audit', 'off'], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`the node could not be installed: ${ran.stdout}${ran.stderr}`);
};

const disksFrom = (original: string, folder: string): NodeDisks => {
  let count = 0;
  const debugfs = (image: string, partition: string, request: string): string =>
    execFileSync('debugfs', ['-w', '-R', request, `${image}?offset=${startOf(image, partition)}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return {
    folder,
    copy() {
      count += 1;
      const image = join(folder, `node-${count}.img`);
      execFileSync('cp', ['--sparse=always', original, image]);
      return image;
    },
    debugfs,
    put(image, partition, path, text) {
      const file = join(folder, 'put');
      writeFileSync(file, text);
      debugfs(image, partition, `rm ${path}`);
      debugfs(image, partition, `write ${file} ${path}`);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const workplace = (): { readonly folder: string; readonly disk: string; readonly dataVolume: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-vm-node-'));
  const dataVolume = join(folder, 'data-volume.iso');
  makeDataVolume('cloud-configs/examples/factory', dataVolume);
  return { folder, disk: join(folder, 'disk.img'), dataVolume };
};

/** The sample system with the factory example. */
export const sampleNode = async (): Promise<NodeDisks> => {
  const { folder, disk, dataVolume } = workplace();
  const { root } = await buildSampleSource();
  install(disk, '4G', `dir:${root}`, dataVolume, folder);
  return disksFrom(disk, folder);
};

/** The live system, installed with the factory example: its recovery is a console of Slipway. */
export const liveNode = async (): Promise<NodeDisks> => {
  const { folder, disk, dataVolume } = workplace();
  const iso = await liveIso();
  const squashfs = join(folder, 'rootfs.squashfs');
  execFileSync('xorriso', ['-osirrox', 'on', '-indev', iso.file, '-extract', '/rootfs.squashfs', squashfs], { stdio: 'ignore' });
  install(disk, '5G', `file:${squashfs}`, dataVolume, folder);
  rmSync(squashfs);
  return disksFrom(disk, folder);
};
