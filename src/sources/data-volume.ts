/** The data volume: which one it is, and what is on it. Read once, early, never executed from, never written here. */
import type { Facts, Volume } from '../model/facts.ts';
import { cleanText } from '../model/foreign-text.ts';
import { dataVolumeLabels } from '../model/labels.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { decodeText } from './decode.ts';
import type { FileResult } from './volume-reader.ts';
import { readFromFolder, readerFor } from './volume-reader.ts';

/** Where a data volume is. */
export interface VolumePlace {
  readonly kind: 'image' | 'device' | 'directory';
  readonly path: string;
  /** What the probe knows of it already; without, `blkid` is asked. */
  readonly known?: { readonly fstype: string; readonly label: string };
}

export interface VolumeFile {
  readonly name: string;
  readonly text: string;
}

/** What was read from a data volume. Texts hold secrets. */
export interface DataVolume {
  readonly path: string;
  readonly label: string;
  /** As `blkid` names it; `directory` for a folder. */
  readonly fstype: string;
  readonly userData?: VolumeFile;
  readonly installerData?: VolumeFile;
  readonly metaData?: VolumeFile;
  /** A receipt could be written there. */
  readonly writable: boolean;
  readonly problems: readonly Problem[];
}

const problem = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'error', what, where, hint });

/** ms */
const mountTimeout = 30_000;

/** `KEY=value` lines of `blkid -o export`; a backslash escapes the next character. */
const parseExport = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const equals = line.indexOf('=');
      return equals === -1 ? [] : [[line.slice(0, equals), line.slice(equals + 1).replaceAll(/\\(.)/g, '$1')] as const];
    }),
  );

const identify = async (system: System, { path, known }: VolumePlace): Promise<{ readonly fstype: string; readonly label: string } | Problem> => {
  if (known !== undefined) return known;
  const result = await system.run(['blkid', '-p', '-o', 'export', path]);
  if (result.missing) return problem('tool-missing', 'blkid is not installed', path, 'install the package util-linux');
  const values = parseExport(result.stdout);
  const fstype = values.get('TYPE');
  if (result.exitCode === 0 && fstype !== undefined) return { fstype, label: cleanText(values.get('LABEL') ?? '') };
  const hint = 'make it an iso9660, vfat or ext4 file system without a partition table';
  return problem('data-volume-unreadable', 'no file system was found on it', path, hint);
};

/** File systems that are mounted where the kernel knows them; ext without its journal, or a read would write. */
const mountOptions: Readonly<Record<string, string>> = {
  iso9660: 'ro,nosuid,nodev,noexec',
  vfat: 'ro,nosuid,nodev,noexec',
  ext2: 'ro,nosuid,nodev,noexec',
  ext3: 'ro,nosuid,nodev,noexec,noload',
  ext4: 'ro,nosuid,nodev,noexec,noload',
};

type ReadFile = (name: string) => Promise<FileResult>;

interface Opened {
  readonly read: ReadFile;
  readonly close: () => Promise<void>;
}

/** Opens a volume for reading: a block device is mounted read-only where that works, all else is read with tools. */
const openVolume = async (system: System, place: VolumePlace, fstype: string): Promise<Opened | Problem> => {
  const scratch = await system.memoryDirectory('data-volume');
  const discard = async (): Promise<void> => system.remove(scratch);
  const options = mountOptions[fstype];
  if (place.kind === 'device' && options !== undefined && system.isRoot()) {
    const mounted = await system.run(['mount', '-t', fstype, '-o', options, place.path, scratch], { timeout: mountTimeout });
    if (mounted.exitCode === 0) {
      const unmount = system.cleanup.add(`unmount ${place.path}`, async () => {
        const result = await system.run(['umount', scratch], { timeout: mountTimeout });
        if (result.exitCode !== 0) await system.run(['umount', '-l', scratch], { timeout: mountTimeout });
      });
      return {
        read: (name) => readFromFolder(system, scratch, name),
        close: async () => {
          await unmount();
          await discard();
        },
      };
    }
  }
  const reader = readerFor(fstype);
  if (reader === undefined) {
    await discard();
    return problem('data-volume-unreadable', `its file system (${cleanText(fstype)}) cannot be read here`, place.path, 'use iso9660, vfat or ext4');
  }
  return { read: (name) => reader(system, place.path, name, scratch), close: discard };
};

const openFolder = (system: System, path: string): Opened => ({
  read: (name) => readFromFolder(system, path, name),
  close: () => Promise.resolve(),
});

/** A block device says so in sysfs; images and optical media are never written. */
const isWritable = async (system: System, place: VolumePlace, fstype: string): Promise<boolean> => {
  if (place.kind === 'directory') return true;
  if (place.kind === 'image' || fstype === 'iso9660') return false;
  const kname = (await system.realPath(place.path))?.split('/').at(-1) ?? '';
  return (await system.readText(`/sys/class/block/${kname}/ro`))?.trim() === '0';
};

const noVolume = (place: VolumePlace, problems: readonly Problem[]): DataVolume => ({
  path: place.path,
  label: '',
  fstype: '',
  writable: false,
  problems,
});

/** What tells one plugged-in device from the next at the same path: null when it is gone. */
const deviceMark = async (system: System, place: VolumePlace): Promise<string | null> => {
  if (place.kind !== 'device') return '';
  const real = await system.realPath(place.path);
  const kname = real?.split('/').at(-1);
  if (real === null || kname === undefined || (await system.stat(real)) === null) return null;
  const folder = `/sys/class/block/${kname}`;
  // A partition has no number of its own: its disk has.
  return ((await system.readText(`${folder}/diskseq`)) ?? (await system.readText(`${folder}/../diskseq`)) ?? '').trim();
};

/** Reads the three files of a data volume. Trouble is in `problems`; nothing stays mounted or on disk. */
export const readDataVolume = async (system: System, place: VolumePlace): Promise<DataVolume> => {
  const identity = place.kind === 'directory' ? { fstype: 'directory', label: '' } : await identify(system, place);
  if ('id' in identity) return noVolume(place, [identity]);
  const before = await deviceMark(system, place);
  const opened = place.kind === 'directory' ? openFolder(system, place.path) : await openVolume(system, place, identity.fstype);
  if ('id' in opened) return noVolume(place, [opened]);

  const problems: Problem[] = [];
  const read = async (name: string): Promise<VolumeFile | undefined> => {
    const result = await opened.read(name);
    if (result.kind === 'absent') return undefined;
    if (result.kind === 'read') {
      const { text, problems: wrong } = decodeText(result.bytes, name);
      problems.push(...wrong);
      return text === undefined ? undefined : { name, text };
    }
    const refused = result.kind === 'refused';
    const hint = refused ? 'put a plain text file of at most 1 MiB there' : 'check the volume; is it still attached?';
    problems.push(problem(refused ? 'data-volume-file' : 'data-volume-unreadable', `${name} is not read: ${result.why}`, place.path, hint));
    return undefined;
  };
  try {
    const userData = await read('user-data');
    const installerData = await read('installer-data');
    const metaData = await read('meta-data');
    if (system.real && (before === null || (await deviceMark(system, place)) !== before)) {
      const what = 'it was pulled out or changed while it was read';
      return noVolume(place, [problem('data-volume-gone', what, place.path, 'plug it in again and start again'), ...problems]);
    }
    if (userData === undefined && installerData === undefined && problems.length === 0) {
      problems.push(problem('data-volume-empty', 'neither user-data nor installer-data is on it', place.path, 'put the files into its root folder'));
    }
    return {
      path: place.path,
      label: identity.label,
      fstype: identity.fstype,
      ...(userData === undefined ? {} : { userData }),
      ...(installerData === undefined ? {} : { installerData }),
      ...(metaData === undefined ? {} : { metaData }),
      writable: await isWritable(system, place, identity.fstype),
      problems,
    };
  } finally {
    await opened.close();
  }
};

export interface FoundVolume {
  readonly place: VolumePlace | null;
  readonly problems: readonly Problem[];
}

const none: FoundVolume = { place: null, problems: [] };

const placeOf = (volume: Volume): VolumePlace => ({
  kind: 'device',
  path: volume.path,
  ...(volume.fstype === null ? {} : { known: { fstype: volume.fstype, label: cleanText(volume.label ?? '') } }),
});

const choose = (volumes: readonly Volume[], label: string): FoundVolume => {
  const [first, ...others] = volumes;
  if (first === undefined) return none;
  if (others.length === 0) return { place: placeOf(first), problems: [] };
  const paths = volumes.map((volume) => volume.path).join(', ');
  return { place: null, problems: [problem('data-volume-ambiguous', `more than one data volume is labelled ${cleanText(label)}`, paths, 'detach all but one, or name one with --data-volume')] };
};

const missing = (wanted: string): FoundVolume => ({
  place: null,
  problems: [problem('data-volume-missing', 'there is no such data volume', wanted, 'attach it, or give its device or image file')],
});

const named = async (system: System, facts: Facts, path: string): Promise<FoundVolume> => {
  const real = await system.realPath(path);
  const stat = real === null ? null : await system.stat(real);
  if (real === null || stat === null) return missing(path);
  const live = facts.volumes.some((volume) => volume.kind === 'live-medium' && volume.path === real);
  if (live) return { place: null, problems: [problem('data-volume-live', 'this is the medium that the live system runs from', path, 'attach a volume of its own')] };
  if (stat.kind === 'file') return { place: { kind: 'image', path: real }, problems: [] };
  if (stat.kind === 'block') {
    const volume = facts.volumes.find((candidate) => candidate.path === real);
    return { place: volume === undefined ? { kind: 'device', path: real } : placeOf(volume), problems: [] };
  }
  if (stat.kind === 'directory') return { place: { kind: 'directory', path: real }, problems: [] };
  return { place: null, problems: [problem('data-volume-kind', 'this is neither a device, a file nor a folder', path, 'name one of these')] };
};

/**
 * Which data volume is meant. `wanted`: `auto`, `none`, a label, a device, an image file or a folder. With `auto` the
 * label SLIPWAY wins over cidata, any case, and none at all is no problem; several of the winning label are one.
 * The live medium never is a data volume.
 */
export const findDataVolume = async (system: System, facts: Facts, wanted: string): Promise<FoundVolume> => {
  if (wanted === 'none') return none;
  if (wanted.startsWith('/') || wanted.startsWith('./') || wanted.startsWith('../')) return named(system, facts, wanted);
  const volumes = facts.volumes.filter((volume) => volume.kind !== 'live-medium');
  if (wanted === 'auto') {
    for (const label of dataVolumeLabels) {
      const found = volumes.filter((volume) => volume.kind === 'data-volume' && volume.label?.toUpperCase() === label);
      if (found.length > 0) return choose(found, label);
    }
    return none;
  }
  const found = volumes.filter((volume) => volume.label?.toUpperCase() === wanted.toUpperCase());
  if (found.length > 0) return choose(found, wanted);
  return (await system.stat(wanted)) === null ? missing(wanted) : named(system, facts, wanted);
};
