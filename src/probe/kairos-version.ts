/**
 * Which Kairos an installed disk holds. The version is inside the image on COS_STATE, a file system in a file of a file system that nobody
 * has mounted: both are read where they lie, block by block. Nothing is mounted, no journal is replayed, no loop device is made.
 */
import { openExt } from '../scrub/search/ext.ts';
import { joined, partOf, readAt } from '../scrub/search/source.ts';
import type { ByteSource } from '../scrub/search/source.ts';
import type { OpenFile, System } from '../system/port.ts';
import type { BlockDevice } from './lsblk.ts';
import { parseRelease, releaseTitle } from './release.ts';

/** A system's name, or why it is not known. */
export type VersionReading = { readonly title: string } | { readonly unknown: string };

const releaseFiles = ['/etc/kairos-release', '/etc/os-release', '/usr/lib/os-release'];

/** bytes of a release file */
const longest = 64 * 1024;

/** ms */
const patience = 2000;

const titleOf = (text: string): string | null => releaseTitle(parseRelease(text));

const inExt = async (image: ByteSource): Promise<string | null> => {
  const inner = await openExt(image, 0);
  for (const path of inner === null ? [] : releaseFiles) {
    const file = await inner?.find(path);
    if (file === null || file === undefined || file.size > longest) continue;
    const title = titleOf(Buffer.from(await readAt(joined(image, file.extents), 0, file.size)).toString('utf8'));
    if (title !== null) return title;
  }
  return null;
};

/** Only of an image in one piece: unsquashfs takes a place on a device, not a list of them. */
const inSquashfs = async (system: System, device: string, offset: number): Promise<string | null> => {
  for (const path of releaseFiles) {
    const { stdout, exitCode } = await system.run(['unsquashfs', '-o', String(offset), '-cat', device, path.slice(1)], { timeout: patience, maxBytes: longest });
    const title = exitCode === 0 ? titleOf(stdout) : null;
    if (title !== null) return title;
  }
  return null;
};

const look = async (system: System, device: BlockDevice, disk: OpenFile): Promise<VersionReading> => {
  const source: ByteSource = { size: device.size, read: (buffer, position) => disk.read(buffer, position) };
  const state = await openExt(source, 0);
  const image = await state?.find('/cOS/active.img');
  if (state === null) return { unknown: 'the file system of COS_STATE is damaged' };
  if (image === null || image === undefined) return { unknown: 'there is no active image on it' };
  const content = joined(source, image.extents);
  const packed = Buffer.from(await readAt(content, 0, 4)).toString('latin1') === 'hsqs';
  const [first, ...more] = image.extents;
  if (packed && (first === undefined || first.start < 0 || more.some(({ start }) => start >= 0))) return { unknown: 'its image lies in several pieces' };
  const title = packed && first !== undefined ? await inSquashfs(system, device.path, first.start) : await inExt(partOf(content, 0, image.size));
  return title === null ? { unknown: 'its image says none' } : { title };
};

/** `device` is COS_STATE. Needs root. Never throws. */
export const readKairosVersion = async (system: System, device: BlockDevice): Promise<VersionReading> => {
  if (device.fstype?.toLowerCase() === 'crypto_luks') return { unknown: 'COS_STATE is encrypted' };
  if (!/^ext[234]$/.test(device.fstype ?? '')) return { unknown: 'COS_STATE has no file system that is known' };
  try {
    const disk = await system.open(device.path);
    try {
      return await look(system, device, disk);
    } finally {
      await disk.close();
    }
  } catch {
    return { unknown: 'COS_STATE cannot be read' };
  }
};
