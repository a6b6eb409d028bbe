/**
 * Looks into an image archive (an OCI layout or `docker save` in a tar) without unpacking it: its layers, what they hold, and
 * whether all of it is there. Sources: OCI image specification 1.1 (image-layout, manifest, layer: whiteouts), moby image spec 1.2.
 */
import * as z from 'zod';
import type { System } from '../system/port.ts';
import { parseListing } from './listing.ts';

export interface ArchiveBlob {
  /** Path of the member in the archive. */
  readonly member: string;
  /** SHA-256 (hex); null where the format names none. */
  readonly sha256: string | null;
}

export interface ImageArchive {
  readonly format: 'oci' | 'docker';
  /** What every member's name begins with: nothing or `./`. */
  readonly prefix: string;
  /** `amd64` as Go writes it; null when the image does not say. */
  readonly architecture: string | null;
  /** The chosen image of an OCI layout, to be unpacked; null for docker archives. */
  readonly descriptor: Readonly<Record<string, unknown>> | null;
  /** Manifest and configuration. */
  readonly metadata: readonly ArchiveBlob[];
  /** Lowest first. */
  readonly layers: readonly ArchiveBlob[];
}

/** ms; a big packed archive is read from end to end for one member */
const patience = 300_000;
/** bytes */
const mostMetadata = 4 * 1024 * 1024;
const mostListing = 64 * 1024 * 1024;
const mostLayers = 500;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const descriptorSchema = z.looseObject({ mediaType: z.string().default(''), digest, platform: z.looseObject({ architecture: z.string().default('') }).nullish() });
const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema).min(1).max(100) });
const manifestSchema = z.looseObject({ config: descriptorSchema, layers: z.array(descriptorSchema).min(1).max(mostLayers) });
const configSchema = z.looseObject({ architecture: z.string().nullish() });
const dockerSchema = z.array(z.looseObject({ Config: z.string().min(1), Layers: z.array(z.string().min(1)).min(1).max(mostLayers) })).min(1);

const parse = <Schema extends z.ZodType>(schema: Schema, text: string | null): z.output<Schema> | null => {
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

const blob = (name: string): ArchiveBlob => ({ member: `blobs/sha256/${name.slice('sha256:'.length)}`, sha256: name.slice('sha256:'.length) });

/** tar takes names as they are stored, and both spellings are common. */
const prefixes = ['', './'] as const;

/** An archive that is being read: its path and what its members' names begin with. */
interface Opened {
  readonly system: System;
  readonly path: string;
  readonly prefix: string;
}

const readMember = async ({ system, path, prefix }: Opened, member: string): Promise<string | null> => {
  const result = await system.run(['tar', '-xOf', path, '--occurrence=1', '--', `${prefix}${member}`], { timeout: patience, maxBytes: mostMetadata });
  return result.exitCode === 0 && !result.truncated && result.stdout !== '' ? result.stdout : null;
};

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', riscv64: 'riscv64' };

/** The one for this machine, else the only one. Attestations are no images. */
const choose = (manifests: readonly z.output<typeof descriptorSchema>[], machine: string): z.output<typeof descriptorSchema> | undefined => {
  const images = manifests.filter(({ platform }) => platform?.architecture !== 'unknown');
  return images.find(({ platform }) => platform?.architecture === machine) ?? (images.length === 1 ? images[0] : undefined);
};

const readOci = async (opened: Opened, index: z.output<typeof indexSchema>, machine: string): Promise<ImageArchive | string> => {
  let descriptor = choose(index.manifests, machine);
  if (descriptor === undefined) return `holds several images and none is for this machine (${machine})`;
  const metadata: ArchiveBlob[] = [];
  if (/index|manifest\.list/.test(descriptor.mediaType)) {
    metadata.push(blob(descriptor.digest));
    const inner = parse(indexSchema, await readMember(opened, blob(descriptor.digest).member));
    descriptor = inner === null ? undefined : choose(inner.manifests, machine);
    if (descriptor === undefined) return `holds no image for this machine (${machine})`;
  }
  const manifest = parse(manifestSchema, await readMember(opened, blob(descriptor.digest).member));
  if (manifest === null) return 'has no readable image manifest';
  const config = parse(configSchema, await readMember(opened, blob(manifest.config.digest).member));
  if (config === null) return 'has no readable image configuration';
  metadata.push(blob(descriptor.digest), blob(manifest.config.digest));
  return { format: 'oci', prefix: opened.prefix, architecture: config.architecture ?? null, descriptor, metadata, layers: manifest.layers.map((layer) => blob(layer.digest)) };
};

/** Reads an archive's index. A text says why it is none that can be used. Never throws. */
export const readImageArchive = async (system: System, path: string): Promise<ImageArchive | string> => {
  for (const prefix of prefixes) {
    const opened = { system, path, prefix };
    const index = parse(indexSchema, await readMember(opened, 'index.json'));
    if (index !== null) return readOci(opened, index, goArchitectures[process.arch] ?? process.arch);
    const docker = parse(dockerSchema, await readMember(opened, 'manifest.json'));
    const [image, ...others] = docker ?? [];
    if (image === undefined) continue;
    if (others.length > 0) return 'holds several images';
    const config = parse(configSchema, await readMember(opened, image.Config));
    if (config === null) return 'has no readable image configuration';
    return { format: 'docker', prefix, architecture: config.architecture ?? null, descriptor: null, metadata: [{ member: image.Config, sha256: null }], layers: image.Layers.map((member) => ({ member, sha256: null })) };
  }
  return 'is not an image archive: it has neither index.json (OCI) nor manifest.json (docker save)';
};

export interface ArchiveContents {
  /** bytes of all files of all layers, overwritten ones included */
  readonly size: number;
  /** Names in `/boot` that are left when all layers lie on each other. */
  readonly boot: readonly string[];
  /** Text of the first release file that the image has. */
  readonly release: string;
}

// The last program of each pipeline fails when what it gets is cut short.
const headOfLayer = 'tar -xOf "$1" --occurrence=1 -- "$2" 2>/dev/null | head -c 6 | od -An -v -tx1';
const listLayer = 'tar -xOf "$1" --occurrence=1 -- "$2" | "$3" -dc | tar -tv --numeric-owner -f -';
const listPlainLayer = 'tar -xOf "$1" --occurrence=1 -- "$2" | tar -tv --numeric-owner -f -';
const fileOfLayer = 'tar -xOf "$1" --occurrence=1 -- "$2" | "$3" -dc | tar -xO --occurrence=1 --wildcards -f - -- "$4" "./$4" 2>/dev/null';
const fileOfPlainLayer = 'tar -xOf "$1" --occurrence=1 -- "$2" | tar -xO --occurrence=1 --wildcards -f - -- "$4" "./$4" 2>/dev/null';

type Packing = 'gzip' | 'zstd' | 'plain';

/** By the first bytes: media types lie, and docker's layers have none. */
const packingOf = async (system: System, path: string, member: string): Promise<Packing> => {
  const { stdout } = await system.run(['/bin/sh', '-c', headOfLayer, 'sh', path, member], { timeout: patience });
  const head = stdout.replaceAll(/\s/g, '');
  return head.startsWith('1f8b') ? 'gzip' : head.startsWith('28b52ffd') ? 'zstd' : 'plain';
};

const releaseFiles = ['etc/kairos-release', 'etc/os-release', 'usr/lib/os-release'] as const;

const whiteout = '.wh.';

/** One layer's names in a folder over those below it. */
const overlay = (below: readonly string[], layer: readonly string[], folderGone: boolean): readonly string[] => {
  const gone = new Set(layer.filter((name) => name.startsWith(whiteout)).map((name) => name.slice(whiteout.length)));
  const stays = folderGone || gone.has('.wh..opq') ? [] : below.filter((name) => !gone.has(name));
  return [...new Set([...stays, ...layer.filter((name) => !name.startsWith(whiteout))])];
};

/** What lies in the layers. A text says what cannot be read. Never throws. */
export const readArchiveContents = async (system: System, path: string, archive: ImageArchive): Promise<ArchiveContents | string> => {
  let size = 0;
  let boot: readonly string[] = [];
  /** Where the topmost one of each release file is. */
  const releases = new Map<string, { readonly member: string; readonly packing: Packing }>();
  for (const [index, layer] of archive.layers.entries()) {
    const member = `${archive.prefix}${layer.member}`;
    const packing = await packingOf(system, path, member);
    const result = await system.run(['/bin/sh', '-c', packing === 'plain' ? listPlainLayer : listLayer, 'sh', path, member, packing], { timeout: patience, maxBytes: mostListing });
    const name = `layer ${index + 1} of ${archive.layers.length}`;
    if (result.timedOut) return `takes too long to look into (${name})`;
    if (result.truncated) return `holds too many files (${name})`;
    if (result.exitCode !== 0) return `cannot be read: ${name} is missing or damaged`;
    const listing = parseListing(result.stdout);
    size += listing.size;
    boot = overlay(boot, listing.boot, /[ /]\.wh\.boot$/m.test(result.stdout));
    for (const file of releaseFiles) {
      if (new RegExp(`^-.* (?:\\./)?${file.replaceAll('.', '\\.')}$`, 'm').test(result.stdout)) releases.set(file, { member, packing });
    }
  }
  for (const file of releaseFiles) {
    const place = releases.get(file);
    if (place === undefined) continue;
    const { stdout } = await system.run(['/bin/sh', '-c', place.packing === 'plain' ? fileOfPlainLayer : fileOfLayer, 'sh', path, place.member, place.packing, file], { timeout: patience });
    if (stdout !== '') return { size, boot, release: stdout };
  }
  return { size, boot, release: '' };
};
