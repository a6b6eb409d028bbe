/** Makes image archives out of folders: an OCI layout, or what `docker save` writes. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export interface ArchiveOptions {
  readonly format: 'oci' | 'docker';
  /** One folder a layer, lowest first; whiteouts are files in them. */
  readonly layers: readonly string[];
  readonly packing?: 'plain' | 'gzip' | 'zstd';
  readonly architecture?: string;
  /** Done to the layout before it is packed: to break it. */
  readonly spoil?: (layout: string) => void;
}

const suffixes = { plain: '', gzip: '+gzip', zstd: '+zstd' } as const;

/** Writes the archive to `file`; `work` is a folder for its parts. */
export const makeImageArchive = (file: string, work: string, { format, layers, packing = 'gzip', architecture = 'amd64', spoil }: ArchiveOptions): void => {
  const layout = join(work, 'layout');
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const put = (bytes: Uint8Array | string): { digest: string; size: number } => {
    writeFileSync(join(layout, 'blobs/sha256', sha256(bytes)), bytes);
    return { digest: `sha256:${sha256(bytes)}`, size: Buffer.byteLength(bytes) };
  };
  const diffs: string[] = [];
  const descriptors = layers.map((folder, index) => {
    const tar = join(work, `layer-${index}.tar`);
    execFileSync('tar', ['-C', folder, '--numeric-owner', '-cf', tar, '.']);
    diffs.push(`sha256:${sha256(readFileSync(tar))}`);
    if (format === 'docker') {
      mkdirSync(join(layout, `${index}`));
      cpSync(tar, join(layout, `${index}/layer.tar`));
      return {};
    }
    const packed = packing === 'plain' ? readFileSync(tar) : execFileSync(packing, ['-c', tar], { maxBuffer: 2 ** 30 });
    return { mediaType: `application/vnd.oci.image.layer.v1.tar${suffixes[packing]}`, ...put(packed) };
  });
  const config = JSON.stringify({ architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffs }, history: layers.map(() => ({ created_by: 'test' })) });
  if (format === 'docker') {
    writeFileSync(join(layout, 'config.json'), config);
    writeFileSync(join(layout, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: ['example/system:1'], Layers: layers.map((_layer, index) => `${index}/layer.tar`) }]));
    execFileSync('rm', ['-r', join(layout, 'blobs')]);
  } else {
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...put(config) }, layers: descriptors });
    writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...put(manifest) }] }));
  }
  spoil?.(layout);
  execFileSync('tar', ['-C', layout, '-cf', `${file}.part`, '.']);
  renameSync(`${file}.part`, file);
};
