/**
 * Unpacks an image archive (OCI layout or `docker save`) to a root tree. The layers are put on each other by umoci, which keeps
 * whiteouts and links inside the tree; a docker archive is made an OCI layout by skopeo first.
 */
import { SlipwayError } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { readImageArchive } from '../../probe/oci-archive.ts';
import type { System } from '../../system/port.ts';
import { mustRun } from '../command.ts';
import { sha256OfFile } from './sha256.ts';

const tag = 'slipway';

const damaged = (what: string, where: string): SlipwayError => {
  const problem: Problem = { id: 'source-damaged', severity: 'error', what, where, hint: 'copy the image again, and compare its checksum' };
  return new SlipwayError(problem);
};

/**
 * Unpacks the archive at `path` into `directory`, which needs room for the archive and twice the tree. Returns the tree's path;
 * the archive's own parts are removed again. Every part is compared with its digest. Throws SlipwayError.
 */
export const unpackImageArchive = async (system: System, path: string, directory: string, signal: AbortSignal): Promise<string> => {
  const archive = await readImageArchive(system, path);
  if (typeof archive === 'string') throw damaged(archive, path);
  const layout = `${directory}/image`;
  const tree = `${directory}/tree`;
  await system.makeDirectory(layout, 0o700);
  if (archive.format === 'docker') {
    // skopeo takes what follows a second colon for the name of an image.
    const link = `${directory}/archive.tar`;
    await mustRun(system, 'name the archive', ['ln', '-s', path, link], { signal });
    await mustRun(system, 'read the image archive', ['skopeo', 'copy', '--quiet', '--insecure-policy', '--tmpdir', directory, `docker-archive:${link}`, `oci:${layout}:${tag}`], { signal });
  } else {
    const members = [...archive.metadata, ...archive.layers].map(({ member }) => `${archive.prefix}${member}`);
    await mustRun(system, 'unpack the image archive', ['tar', '-xf', path, '-C', layout, '--no-same-owner', '--no-same-permissions', '--', ...new Set(members)], { signal });
    const root = (await system.realPath(layout)) ?? layout;
    for (const [index, { member, sha256 }] of [...archive.metadata, ...archive.layers].entries()) {
      const real = await system.realPath(`${layout}/${member}`);
      if (real === null || !real.startsWith(`${root}/`)) throw damaged('a part of the image is missing', path);
      if (sha256 !== null && (await sha256OfFile(system, real, signal)) !== sha256) {
        const layer = index - archive.metadata.length;
        throw damaged(layer < 0 ? 'its manifest or configuration does not have the digest it should have' : `layer ${layer + 1} of ${archive.layers.length} does not have the digest it should have`, path);
      }
    }
    await system.writeFile(`${layout}/oci-layout`, JSON.stringify({ imageLayoutVersion: '1.0.0' }), { mode: 0o600 });
    const manifest = { ...archive.descriptor, annotations: { 'org.opencontainers.image.ref.name': tag } };
    await system.writeFile(`${layout}/index.json`, JSON.stringify({ schemaVersion: 2, manifests: [manifest] }), { mode: 0o600 });
  }
  await mustRun(system, 'put the layers of the image on each other', ['umoci', 'raw', 'unpack', ...(system.isRoot() ? [] : ['--rootless']), '--image', `${layout}:${tag}`, tree], { signal });
  await system.remove(layout);
  return tree;
};
