/** The system images of a node: is each whole as far as its head tells, and which release is in it. Reads only. */
import { parseRelease, releaseTitle } from '../probe/release.ts';
import type { System } from '../system/port.ts';
import type { Store, StoredFile } from './store.ts';
import { readSwapMark, tornBy } from './swap-mark.ts';
import type { SystemName } from './system-names.ts';

/** What one system consists of. Kairos's own images hold kernel and initrd inside, Slipway's have them beside. */
export interface SystemFiles {
  readonly image: string;
  readonly kernel: string | null;
  readonly initrd: string | null;
}

export interface SystemRow {
  readonly name: SystemName;
  readonly present: boolean;
  /** bytes of the image */
  readonly size: number;
  /** What is wrong with it, in words; null: nothing that could be seen. */
  readonly damage: string | null;
  /** `Kairos v3.5.0`; null when it can't be told. */
  readonly version: string | null;
  readonly files: SystemFiles | null;
}

const patience = 15_000;

/** bytes_used of a squashfs superblock, or null when the bytes are none (kernel, `fs/squashfs/squashfs_fs.h`). */
export const squashfsSize = (head: Uint8Array): number | null => {
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (view.length < 96 || view.toString('latin1', 0, 4) !== 'hsqs') return null;
  const used = Number(view.readBigUInt64LE(40));
  return Number.isSafeInteger(used) ? used : null;
};

/** True for the superblock of an ext file system, 1024 bytes into it. */
const isExt = (head: Uint8Array): boolean => head[1024 + 0x38] === 0x53 && head[1024 + 0x39] === 0xef;

const readHead = async (system: System, device: string, offset: number): Promise<Uint8Array> => {
  const head = Buffer.alloc(4096);
  const file = await system.open(device);
  try {
    const read = await file.read(head, offset);
    return head.subarray(0, read);
  } finally {
    await file.close();
  }
};

const releaseFiles = ['etc/kairos-release', 'etc/os-release', 'usr/lib/os-release'];

const versionIn = async (system: System, device: string, offset: number, squashfs: boolean): Promise<string | null> => {
  for (const file of releaseFiles) {
    const command = squashfs ? ['unsquashfs', '-o', String(offset), '-cat', device, file] : ['debugfs', '-R', `cat /${file}`, offset === 0 ? device : `${device}?offset=${offset}`];
    const { stdout, exitCode } = await system.run(command, { timeout: patience, maxBytes: 64 * 1024 });
    const title = exitCode === 0 ? releaseTitle(parseRelease(stdout)) : null;
    if (title !== null) return title;
  }
  return null;
};

const row = (name: SystemName, rest: Partial<SystemRow>): SystemRow => ({ name, present: false, size: 0, damage: null, version: null, files: null, ...rest });

/** Bigger ones in several pieces are not copied to memory only to say their version. bytes */
const biggestCopy = 256 * 1024 * 1024;

/** A whole system has a kernel and an initrd beside its image, or neither. */
const missingPart = (files: SystemFiles, names: readonly StoredFile[], name: SystemName): string | null => {
  if ((files.kernel === null) !== (files.initrd === null)) return `its ${files.kernel === null ? 'kernel' : 'initrd'} is missing`;
  const empty = names.find((file) => [`${name}.vmlinuz`, `${name}.initrd`].includes(file.name) && file.size === 0);
  return empty === undefined ? null : `${empty.name} is empty`;
};

const lookInside = async (system: System, store: Store, path: string, size: number, scratch: string): Promise<Pick<SystemRow, 'version' | 'damage'>> => {
  const inPlace = await store.place(path);
  // In several pieces and too big to be copied: its inside is not looked at, which is no fault of it.
  if (inPlace === null && size > biggestCopy) return { version: null, damage: null };
  const place = inPlace ?? { device: (await store.take(path, scratch)).file, offset: 0 };
  const head = await readHead(system, place.device, place.offset);
  const used = squashfsSize(head);
  if (used !== null && used > size) return { version: null, damage: 'the image is cut short' };
  if (used === null && !isExt(head)) return { version: null, damage: 'the image has no file system in it' };
  const version = await versionIn(system, place.device, place.offset, used !== null);
  return { version, damage: version === null ? 'nothing can be read from the image' : null };
};

/** A system of which some parts were replaced and some not is none, though each part is whole. */
const mixedParts = async (store: Store, names: readonly StoredFile[], name: SystemName): Promise<string | null> => {
  const mark = await readSwapMark(store);
  return mark !== null && tornBy(mark, names.map((file) => file.name)).includes(name) ? 'kernel and image are of two versions: an upgrade was cut off' : null;
};

/** Looks at one system in `/cOS` of its partition. */
export const readSystem = async (system: System, store: Store | null, name: SystemName): Promise<SystemRow> => {
  if (store === null) return row(name, { damage: 'its partition cannot be read' });
  const names = (await store.list('/cOS')) ?? [];
  const image = names.find((file) => file.name === `${name}.img`) ?? names.find((file) => file.name === `${name}.squashfs`);
  if (image === undefined) return row(name, { damage: `there is no /cOS/${name}.img` });
  const beside = (suffix: string): string | null => (names.some((file) => file.name === `${name}.${suffix}`) ? `/cOS/${name}.${suffix}` : null);
  const files = { image: `/cOS/${image.name}`, kernel: beside('vmlinuz'), initrd: beside('initrd') };
  const found = { present: true, size: image.size, files };
  const scratch = await system.memoryDirectory('recovery');
  try {
    const damage = await lookInside(system, store, files.image, image.size, scratch);
    return row(name, { ...found, version: damage.version, damage: (await mixedParts(store, names, name)) ?? missingPart(files, names, name) ?? damage.damage });
  } finally {
    await system.remove(scratch);
  }
};
