/** Reads what flags (`--partition`) and the `install:` block say about partitions. */
import type { FileSystem } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import { findNothing, problemIn } from './check-whole.ts';
import type { FindPosition } from './check-whole.ts';
import { kairosPartitionNames } from '../model/labels.ts';
import type { LayoutWishes } from './layout.ts';

const sizedNames = ['efi', 'oem', 'recovery', 'state', 'persistent'] as const;
type SizedName = (typeof sizedNames)[number];

const fileSystems: Readonly<Record<string, FileSystem>> = {
  ext2: 'ext2',
  ext3: 'ext3',
  ext4: 'ext4',
  xfs: 'xfs',
  vfat: 'vfat',
  '-': 'none',
  none: 'none',
  noformat: 'none',
};

/** More than this many MiB (an exbibyte) is a slip of the hand. */
const largestMiB = 1024 ** 4;

const problem = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'error', what, where, hint });

const readMiB = (value: unknown): number | undefined => {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
  return Number.isInteger(number) && number >= 0 && number <= largestMiB ? number : undefined;
};

interface Extra {
  name: string;
  size: number;
  fs: FileSystem;
  label: string;
}

/** Makes a problem of an extra partition, at one of its keys where it was written as keys. */
type Tell = (key: 'name' | 'size' | 'fs' | 'label', id: string, what: string, hint: string) => Problem;

const namedTwice = (tell: Tell, name: string): Problem => tell('name', 'partition-twice', `"${name}" or its label is used twice`, 'give each extra partition a name and a label of its own');

const checkExtra = (extra: Extra, taken: readonly Extra[], tell: Tell): Problem[] => {
  const problems: Problem[] = [];
  if (!/^[\w-]{1,36}$/.test(extra.name)) problems.push(tell('name', 'partition-name', 'takes letters, digits, - and _ in a name', 'rename the partition'));
  if ((kairosPartitionNames as readonly string[]).includes(extra.name)) problems.push(tell('name', 'partition-name', `"${extra.name}" is one of Kairos's own partitions`, 'choose another name'));
  if (extra.label.startsWith('COS_')) problems.push(tell('label', 'partition-label', `the label "${extra.label}" is kept for Kairos's own partitions`, 'choose another label'));
  if (!/^[\w-]{0,16}$/.test(extra.label)) problems.push(tell('label', 'partition-label', 'takes at most 16 letters, digits, - and _ in a label', 'choose another label'));
  if (taken.some((other) => other.label === extra.label && extra.label !== '')) problems.push(namedTwice(tell, extra.name));
  if (extra.size < 1) problems.push(tell('size', 'partition-size', 'has no size, or 0: Kairos would give it the rest of the disk in place of COS_PERSISTENT, and Slipway does not', 'give a size in MiB, 1 or more; the rest of the disk goes to COS_PERSISTENT'));
  return problems;
};

interface Wished {
  readonly extra: Extra;
  readonly tell: Tell;
}

/** Reads `install.extra-partitions`: by name, in order. */
const readListed = (listed: readonly unknown[], find: FindPosition, problems: Problem[]): Map<string, Wished> => {
  const extras = new Map<string, Wished>();
  const path = ['install', 'extra-partitions'];
  // The lists of several documents lie one behind the other: the place of an item is known where one document has all of them.
  // Looked up when there is something to say: that reads the documents.
  const findItem: FindPosition = (keyPath) => {
    const file = find([...path, listed.length - 1], { exact: true })?.file;
    return file === undefined ? null : find(keyPath, { file });
  };
  for (const [index, value] of listed.entries()) {
    const tell: Tell = (key, id, what, hint) => problemIn(findItem, [...path, index, key], { id, severity: 'error', what, hint });
    const { name: written, size, fs, label } = (value ?? {}) as Record<string, unknown>;
    const name = typeof written === 'number' ? String(written) : written;
    if (typeof name !== 'string' || name === '') {
      problems.push(tell('name', 'partition-name', 'has no name: each extra partition needs one, kairos-agent refuses the install otherwise', 'give it a name'));
      continue;
    }
    if (extras.has(name)) problems.push(namedTwice(tell, name));
    if (fileSystems[String(fs ?? 'ext2')] === undefined) problems.push(tell('fs', 'partition-fs', `"${String(fs)}" is not a file system for this`, `known are ${Object.keys(fileSystems).join(', ')}`));
    const mebibytes = readMiB(size ?? 0);
    if (mebibytes === undefined) problems.push(tell('size', 'partition-size', 'takes whole MiB', 'for example 512'));
    // What was told of the size is not told again.
    extras.set(name, { tell, extra: { name, size: mebibytes ?? 1, fs: fileSystems[String(fs ?? 'ext2')] ?? 'ext2', label: String(label ?? '') } });
  }
  return extras;
};

/** Reads `oem.size=512` and `extra.NAME.size=100,fs=ext4,label=DATA` rows over an `install:` map; flags win. */
export const readLayoutWishes = (
  rows: readonly string[],
  install: Readonly<Record<string, unknown>>,
  find: FindPosition = findNothing,
): { readonly wishes: LayoutWishes; readonly problems: readonly Problem[] } => {
  const sizes: Partial<Record<SizedName, number>> = {};
  const problems: Problem[] = [];

  const partitions = install['partitions'];
  if (typeof partitions === 'object' && partitions !== null) {
    for (const [name, value] of Object.entries(partitions)) {
      const at = ['install', 'partitions', name];
      const size = readMiB((value as { size?: unknown } | null)?.size ?? 0);
      if (!(sizedNames as readonly string[]).includes(name)) problems.push(problemIn(find, at, { id: 'partition-unknown', severity: 'error', what: 'is not a partition of Kairos', hint: `known are ${sizedNames.join(', ')}` }));
      else if (size === undefined) problems.push(problemIn(find, [...at, 'size'], { id: 'partition-size', severity: 'error', what: 'takes whole MiB', hint: 'for example 512' }));
      else if (size > 0) sizes[name as SizedName] = size;
    }
  }
  const listed = install['extra-partitions'];
  const extras = readListed(Array.isArray(listed) ? listed : [], find, problems);

  for (const row of rows) {
    const where = `--partition ${row}`;
    const fixed = /^([a-z]+)\.size=(\d+)$/.exec(row);
    const extra = /^extra\.([^.=,]+)\.(.+)$/.exec(row);
    if (fixed?.[1] !== undefined && (sizedNames as readonly string[]).includes(fixed[1])) {
      const size = readMiB(fixed[2]);
      if (size === undefined) problems.push(problem('partition-size', 'takes whole MiB', where, 'for example oem.size=512'));
      else sizes[fixed[1] as SizedName] = size;
    } else if (extra?.[1] !== undefined && extra[2] !== undefined) {
      const name = extra[1];
      const known = extras.get(name)?.extra ?? { name, size: 0, fs: 'ext2' as FileSystem, label: '' };
      const next = { ...known };
      for (const part of extra[2].split(',')) {
        const [key, value] = part.split('=', 2);
        const size = key === 'size' ? readMiB(value) : undefined;
        const fs = key === 'fs' ? fileSystems[value ?? ''] : undefined;
        if (size !== undefined) next.size = size;
        else if (fs !== undefined) next.fs = fs;
        else if (key === 'label' && value !== undefined) next.label = value;
        else problems.push(problem('partition-row', `"${part}" is not size=MiB, fs=FS or label=LABEL`, where, 'for example extra.data.size=1024,fs=ext4,label=DATA'));
      }
      extras.set(name, { extra: next, tell: (_key, id, what, hint) => problem(id, what, where, hint) });
    } else {
      problems.push(problem('partition-row', 'is not a partition', where, 'write oem.size=512 or extra.data.size=1024,fs=ext4,label=DATA'));
    }
  }

  const checked: Extra[] = [];
  for (const { extra, tell } of extras.values()) {
    problems.push(...checkExtra(extra, checked, tell));
    checked.push(extra);
  }
  return { wishes: { sizes, extra: checked }, problems };
};
