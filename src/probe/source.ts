/** Looks at the image to install before anything is written: kind, size, kernel, initrd, release. */
import type { SourceFacts, SourceKind } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { commandTrouble } from './asker.ts';
import { parseListing } from './listing.ts';
import { readArchiveContents, readImageArchive } from './oci-archive.ts';
import { parseRelease } from './release.ts';

export interface SourceProbe {
  readonly source: SourceFacts | null;
  readonly problems: readonly Problem[];
}

/** ms for the one long command of each kind */
const patience = 9000;
const listingCap = 64 * 1024 * 1024;

const releaseFiles = ['etc/kairos-release', 'etc/os-release', 'usr/lib/os-release'] as const;

const kinds: readonly SourceKind[] = ['oci', 'docker', 'dir', 'file', 'ocifile'];

/** Splits `dir:/path`; null when the kind isn't one of Slipway's. */
export const parseSourceUri = (uri: string): { readonly kind: SourceKind; readonly rest: string } | null => {
  const colon = uri.indexOf(':');
  const kind = kinds.find((name) => name === uri.slice(0, colon));
  if (kind === undefined) return null;
  const rest = uri.slice(colon + 1);
  return { kind, rest: kind === 'oci' || kind === 'docker' ? rest : rest.replace(/^\/\/(?=\/)/, '') };
};

const naturalOrder = new Intl.Collator('en', { numeric: true });

/** The plain name wins over a versioned one, the newest version over older ones. */
const newest = (names: readonly string[], plain: readonly string[]): string | undefined =>
  names.find((name) => plain.includes(name)) ?? names.toSorted(naturalOrder.compare).at(-1);

/** Picks kernel and the initrd that belongs to it from the names in `/boot`. */
export const pickBootFiles = (names: readonly string[]): { readonly kernel: string | null; readonly initrd: string | null } => {
  const kernel = newest(names.filter((name) => /^vmlinu[zx]/.test(name) && !name.endsWith('.hmac')), ['vmlinuz']);
  const version = kernel?.replace(/^vmlinu[zx]-?/, '') ?? '';
  const initrds = names.filter((name) => /^(?:initrd|initramfs)/.test(name));
  const matching = version === '' ? [] : initrds.filter((name) => name.includes(version));
  const initrd = matching[0] ?? newest(initrds, ['initrd', 'initrd.img', 'initramfs']);
  return { kernel: kernel === undefined ? null : `/boot/${kernel}`, initrd: initrd === undefined ? null : `/boot/${initrd}` };
};

const problem = (id: string, severity: Problem['severity'], what: string, where: string, hint: string): Problem => ({ id, severity, what, where, hint });

const missing = (uri: string, path: string): SourceProbe => ({
  source: null,
  problems: [problem('source-missing', 'error', `there is nothing at ${path}`, uri, 'check the path; on live media leave --source away to install the live system')],
});

const notASource = (uri: string, what: string): SourceProbe => ({
  source: null,
  problems: [problem('source-unusable', 'error', what, uri, 'give dir: a root tree, file: a squashfs or tar, or an image by oci:, docker: or ocifile:')],
});

const sizeUnknown = (uri: string, tool: string, trouble: string): Problem =>
  problem('source-size-unknown', 'warning', `its size is not known: ${tool} ${trouble}`, uri, 'the check of the disk size is left to the install');

/** Names in the tree's `/boot` that lead to something: a link out of the folder or to nothing is left out. */
const bootNames = async (system: System, folder: string): Promise<readonly string[]> => {
  const names = (await system.list(folder)) ?? [];
  const kept = await Promise.all(
    names.map(async (name) => {
      const stat = await system.stat(`${folder}/${name}`);
      if (stat?.kind === 'file') return [name];
      if (stat?.kind !== 'link') return [];
      const target = (await system.readLink(`${folder}/${name}`))?.split('/').at(-1) ?? '';
      return names.includes(target) && target !== name ? [name] : [];
    }),
  );
  return kept.flat();
};

const probeTree = async (system: System, uri: string, path: string): Promise<SourceProbe> => {
  const root = (await system.realPath(path)) ?? path;
  const stat = await system.stat(root);
  if (stat === null) return missing(uri, path);
  if (stat.kind !== 'directory') return notASource(uri, `${path} is not a folder`);
  const base = root === '/' ? '' : root;
  const du = system.run(['du', '-s', '-x', '-B1', '--apparent-size', root], { timeout: patience });
  const [names, ...texts] = await Promise.all([bootNames(system, `${base}/boot`), ...releaseFiles.map((file) => system.readText(`${base}/${file}`))]);
  const result = await du;
  // du ends with 1 when it may not enter a folder; what it counted is still the best there is.
  const size = Number(/^(\d+)\s/.exec(result.stdout)?.[1] ?? 0);
  const problems = size === 0 ? [sizeUnknown(uri, 'du', commandTrouble(result) ?? 'said nothing')] : [];
  return { source: { uri, kind: 'dir', size, ...pickBootFiles(names), release: parseRelease(texts.find((text) => text !== null) ?? '') }, problems };
};

type Packed = 'squashfs' | 'tar' | 'packed-tar' | 'ext' | 'unknown';

/** What a file is, by its first bytes. */
export const packedKind = (head: Uint8Array): Packed => {
  const text = (start: number, end: number): string => String.fromCharCode(...head.subarray(start, end));
  if (text(0, 4) === 'hsqs') return 'squashfs';
  if (text(257, 262) === 'ustar') return 'tar';
  const [a, b] = head;
  const packed = (a === 0x1f && b === 0x8b) || text(0, 3) === 'BZh' || text(1, 5) === '7zXZ' || (a === 0x28 && b === 0xb5 && head[2] === 0x2f && head[3] === 0xfd);
  if (packed) return 'packed-tar';
  return head[1080] === 0x53 && head[1081] === 0xef ? 'ext' : 'unknown';
};

const readHead = async (system: System, path: string): Promise<Uint8Array | null> => {
  try {
    const file = await system.open(path);
    try {
      const head = new Uint8Array(2048);
      return head.subarray(0, await file.read(head, 0));
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
};

/** A regular file's path and size, or what is wrong with it. */
const regularFile = async (system: System, uri: string, path: string): Promise<{ readonly real: string; readonly size: number } | SourceProbe> => {
  const real = (await system.realPath(path)) ?? path;
  const stat = await system.stat(real);
  if (stat === null) return missing(uri, path);
  return stat.kind === 'file' ? { real, size: stat.size } : notASource(uri, `${path} is not a regular file`);
};

const probeFile = async (system: System, uri: string, path: string): Promise<SourceProbe> => {
  const file = await regularFile(system, uri, path);
  if ('source' in file) return file;
  const head = await readHead(system, file.real);
  if (head === null) return notASource(uri, `${path} cannot be read`);
  const kind = packedKind(head);
  const bare: SourceFacts = { uri, kind: 'file', size: file.size, kernel: null, initrd: null, release: {} };
  if (kind === 'ext') return { source: bare, problems: [] };
  if (kind === 'unknown') return notASource(uri, `${path} is neither a squashfs nor a tar`);
  const squashfs = kind === 'squashfs';
  const tool = squashfs ? 'unsquashfs' : 'tar';
  const list = squashfs ? ['unsquashfs', '-lln', file.real] : ['tar', '-tv', '--numeric-owner', '-f', file.real];
  const result = await system.run(list, { timeout: patience, maxBytes: listingCap });
  const trouble = commandTrouble(result);
  const { size, boot } = parseListing(result.stdout);
  if (size === 0 && trouble !== null && !result.missing && !result.timedOut) return notASource(uri, `${tool} cannot read it`);
  const problems = trouble === null ? [] : [sizeUnknown(uri, tool, trouble)];
  let release: Readonly<Record<string, string>> = {};
  for (const name of trouble === null ? releaseFiles : []) {
    // tar needs the name as stored; both spellings are common.
    const cat = squashfs ? ['unsquashfs', '-cat', file.real, name] : ['tar', '-xOf', file.real, '--occurrence=1', '--wildcards', name, `./${name}`];
    const content = await system.run(cat, { timeout: patience, maxBytes: 1024 * 1024 });
    release = parseRelease(content.stdout);
    if (Object.keys(release).length > 0) break;
  }
  return { source: { ...bare, size: trouble === null ? size : Math.max(size, file.size), ...pickBootFiles(boot), release }, problems };
};

/** Programs that unpack an image archive, each with its Debian package; kairos-agent brings its own. */
const unpackers = { oci: ['umoci'], docker: ['umoci', 'skopeo'] } as const;

const probeOciFile = async (system: System, uri: string, path: string): Promise<SourceProbe> => {
  const file = await regularFile(system, uri, path);
  if ('source' in file) return file;
  const head = await readHead(system, file.real);
  const kind = head === null ? 'unknown' : packedKind(head);
  if (kind !== 'tar' && kind !== 'packed-tar') return notASource(uri, `${path} is not an OCI image archive`);
  const archive = await readImageArchive(system, file.real);
  if (typeof archive === 'string') return notASource(uri, `${path} ${archive}`);
  const contents = await readArchiveContents(system, file.real, archive);
  if (typeof contents === 'string') return notASource(uri, `${path} ${contents}`);
  const missingTools: string[] = [];
  for (const program of unpackers[archive.format]) if ((await system.run([program, '--version'])).missing) missingTools.push(program);
  return {
    source: {
      uri,
      kind: 'ocifile',
      // kairos-agent reckons with twice the archive's size.
      size: Math.max(file.size * 2, contents.size),
      ...pickBootFiles(contents.boot),
      release: parseRelease(contents.release),
      ...(archive.architecture === null ? {} : { architecture: archive.architecture }),
      ...(missingTools.length === 0 ? {} : { missingTools }),
    },
    problems: [],
  };
};

/** Never throws; a source that can't be used is null with the reason in `problems`. */
export const probeSource = async (system: System, uri: string): Promise<SourceProbe> => {
  const parsed = parseSourceUri(uri);
  if (parsed === null || parsed.rest === '') {
    return { source: null, problems: [problem('source-invalid', 'error', 'it is not an image source', uri, 'write oci:IMAGE, docker:IMAGE, dir:/PATH, file:/PATH or ocifile:/PATH')] };
  }
  const { kind, rest } = parsed;
  switch (kind) {
    case 'oci':
    case 'docker':
      return { source: { uri, kind, size: 0, kernel: null, initrd: null, release: {} }, problems: [] };
    case 'dir':
      return probeTree(system, uri, rest);
    case 'file':
      return probeFile(system, uri, rest);
    case 'ocifile':
      return probeOciFile(system, uri, rest);
  }
};
