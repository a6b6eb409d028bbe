/**
 * Lays out a disk image and plants secrets in it, in every way in which material can be left behind. Works on plain
 * files: nothing is mounted, no device is touched.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';

export interface Plant {
  readonly secret: string;
  /** In what way it was planted. */
  readonly kind: string;
  /** Label of the partition in which it must be found. */
  readonly place: string;
}

export interface PlantedImage {
  readonly path: string;
  readonly partitions: readonly { readonly label: string; readonly start: number; readonly size: number }[];
  readonly plants: readonly Plant[];
}

const MiB = 1024 * 1024;
const partitions = [
  { label: 'COS_GRUB', start: 1 * MiB, size: 16 * MiB },
  { label: 'COS_OEM', start: 17 * MiB, size: 32 * MiB },
  { label: 'COS_RECOVERY', start: 49 * MiB, size: 48 * MiB },
  { label: 'COS_STATE', start: 97 * MiB, size: 96 * MiB },
  { label: 'SWAP', start: 193 * MiB, size: 16 * MiB },
  { label: 'COS_PERSISTENT', start: 209 * MiB, size: 64 * MiB },
] as const;
type Label = (typeof partitions)[number]['label'];
const imageSize = 275 * MiB;

/** Numbers out of a seed: the same plants in every run. */
export const createRandom = (seed: string) => {
  let count = 0;
  const bytes = (): Buffer => createHash('sha256').update(`${seed} ${(count += 1)}`).digest();
  return {
    below: (limit: number): number => bytes().readUIntBE(0, 6) % limit,
    /** 12 characters without a pattern, and up to `spread` more. A long one is not worth packing in a table of little else. */
    secret: (spread = 128): string => Buffer.concat([bytes(), bytes(), bytes(), bytes()]).toString('base64url').slice(0, 12 + ((bytes()[0] ?? 0) % spread)),
    bytes,
  };
};

export const run = (command: string, args: readonly string[], input?: string | Buffer): Buffer =>
  execFileSync(command, args, { ...(input === undefined ? {} : { input }), stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 256 * MiB });

export const put = (path: string, data: string | Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, data);
};

/** Writes into the middle of a file. */
export const writeAt = (path: string, position: number, data: Uint8Array): void => {
  const file = openSync(path, 'r+');
  writeSync(file, data, 0, data.length, position);
  closeSync(file);
};

/** A systemd journal's data object (journal-def.h): type 1, flags 1 xz, 2 lz4, 4 zstd. */
const journalObject = (flags: number, payload: Uint8Array, compact: boolean): Buffer => {
  const head = Buffer.alloc(compact ? 72 : 64);
  head[0] = 1;
  head[1] = flags;
  head.writeBigUInt64LE(BigInt(head.length + payload.length), 8);
  return Buffer.concat([head, payload, Buffer.alloc((8 - ((head.length + payload.length) % 8)) % 8)]);
};

/** The block of an LZ4 frame without what is around it, as a journal stores it. */
const lz4Block = (text: Buffer, directory: string): Buffer => {
  const [from, to] = [join(directory, 'lz4-in'), join(directory, 'lz4-out')];
  writeFileSync(from, text);
  run('lz4', ['-9', '-f', '-q', '--no-frame-crc', from, to]);
  const frame = readFileSync(to);
  const size = frame.readUInt32LE(7) & 0x7fffffff;
  return frame.subarray(11, 11 + size);
};

/** Text in which compressors find something to do, with a secret in the middle. */
const logWith = (secret: string, lines = 60): Buffer => {
  const line = (index: number): string => `Nov 21 06:00:${String(index % 60).padStart(2, '0')} host systemd[1]: Started unit number ${index * 7919} of the boot.\n`;
  const before = Array.from({ length: lines }, (_, i) => line(i)).join('');
  // Every part of the secret stands there before, so that it is not stored as one literal.
  const parts = secret.match(/.{1,6}/g) ?? [];
  return Buffer.from(`${parts.map((part) => `start ${part} end of line\n`).join('')}${before}TOKEN=${secret}\n${before}`);
};

/** Blocks of a file in a file system image, by debugfs. */
const blocksOf = (image: string, what: string): readonly number[] =>
  run('debugfs', ['-R', `blocks ${what}`, image])
    .toString()
    .trim()
    .split(/\s+/)
    .map(Number);

export const debugfs = (image: string, commands: readonly string[]): void => {
  const file = `${image}.commands`;
  writeFileSync(file, `${commands.join('\n')}\n`);
  run('debugfs', ['-w', '-f', file, image]);
  rmSync(file);
};

export const makeExt = (image: string, size: number, tree: string, options: readonly string[] = []): void => {
  writeFileSync(image, '');
  truncateSync(image, size);
  run('mke2fs', ['-q', '-F', '-t', 'ext4', '-b', '4096', ...options, '-d', tree, image]);
};

export const insert = (disk: string, image: string, at: number): void => void run('dd', [`if=${image}`, `of=${disk}`, 'bs=1M', `seek=${at / MiB}`, 'conv=notrunc,sparse', 'status=none']);

const packers: Readonly<Record<string, readonly string[]>> = { gz: ['gzip', '-9c'], xz: ['xz', '-c'], zst: ['zstd', '-19c'], lz4: ['lz4', '-9c'] };
const pack = (format: string, data: Buffer): Buffer => {
  const [command = '', ...args] = packers[format] ?? [];
  return run(command, args, data);
};

const forms: Readonly<Record<string, (text: string) => Buffer>> = {
  base64: (text) => Buffer.from(Buffer.from(text).toString('base64')),
  'base64 in lines': (text) => Buffer.from(Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')),
  hex: (text) => Buffer.from(Buffer.from(text).toString('hex')),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => Buffer.from(text, 'utf16le').swap16(),
  json: (text) => Buffer.from(JSON.stringify({ key: text })),
};

/**
 * Builds the image with `rounds` plants of each kind in `directory`.
 * @param chunk bytes of one read of the audit: some plants lie across its borders
 */
export const plantImage = (directory: string, seed: string, rounds: number, chunk: number): PlantedImage => {
  const random = createRandom(seed);
  const plants: Plant[] = [];
  const plant = (kind: string, place: Label | 'GPT', spread?: number): string => {
    const secret = random.secret(spread);
    plants.push({ secret, kind, place });
    return secret;
  };
  const each = (make: (index: number) => void): void => Array.from({ length: rounds }, (_, index) => index).forEach(make);
  const path = join(directory, 'disk.img');
  const startOf = (label: Label): number => partitions.find((partition) => partition.label === label)?.start ?? 0;
  const sizeOf = (label: Label): number => partitions.find((partition) => partition.label === label)?.size ?? 0;
  const tree = (name: string): string => {
    const folder = join(directory, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  writeFileSync(path, '');
  truncateSync(path, imageSize);
  run('sfdisk', ['-q', path], `label: gpt\n${partitions.map(({ label, start, size }) => `start=${start / 512}, size=${size / 512}, name=${label}`).join('\n')}\n`);

  // COS_GRUB: vfat, a live file.
  run('mkfs.vfat', ['-n', 'COS_GRUB', '-h', '2048', '--offset', String(startOf('COS_GRUB') / 512), path, String(sizeOf('COS_GRUB') / 1024)]);
  each((index) => {
    const file = join(directory, `esp-${index}`);
    writeFileSync(file, `set secret=${plant('vfat: live file', 'COS_GRUB')}\n`);
    run('mcopy', ['-i', `${path}@@${startOf('COS_GRUB')}`, file, `::f${index}.cfg`]);
  });

  // COS_OEM: live, deleted, renamed, slack, journal, names, links.
  const oem = tree('oem');
  const oemImage = join(directory, 'oem.img');
  const commands: string[] = [];
  const slack: { name: string; secret: string; after: number }[] = [];
  each((index) => {
    put(join(oem, `live-${index}.yaml`), `${'#'.repeat(random.below(9000))}\nkey: ${plant('ext4: live file', 'COS_OEM')}\n`);
    put(join(oem, `gone-${index}.yaml`), `${'x'.repeat(random.below(5000))} ${plant('ext4: deleted file', 'COS_OEM')}\n`);
    commands.push(`rm gone-${index}.yaml`);
    put(join(oem, `old-${index}.yaml`), `key: ${plant('ext4: renamed file', 'COS_OEM')}\n`);
    commands.push(`ln old-${index}.yaml new-${index}.yaml`, `unlink old-${index}.yaml`);
    put(join(oem, `named-${plant('ext4: file name', 'COS_OEM')}`), 'x');
    const goneName = `was-${plant('ext4: name of a deleted file', 'COS_OEM')}`;
    put(join(oem, goneName), 'x');
    commands.push(`unlink ${goneName}`);
    symlinkSync(`/run/${plant('ext4: link target', 'COS_OEM')}/${'y'.repeat(index * 10)}`, join(oem, `link-${index}`));
    put(join(oem, `slack-${index}`), 'short');
    slack.push({ name: `slack-${index}`, secret: plant('ext4: slack space', 'COS_OEM'), after: 5 + random.below(4000) });
    const name = Object.keys(forms)[index % Object.keys(forms).length] ?? 'hex';
    put(join(oem, `form-${index}`), forms[name]?.(`${'?'.repeat(random.below(3))}say "${plant(`ext4: ${name}`, 'COS_OEM')}" <&>`) ?? '');
  });
  makeExt(oemImage, sizeOf('COS_OEM'), oem, ['-L', 'COS_OEM', '-J', 'size=4']);
  for (const { name, secret, after } of slack) writeAt(oemImage, (blocksOf(oemImage, name)[0] ?? 0) * 4096 + after, Buffer.from(secret));
  debugfs(oemImage, commands);
  const journal = blocksOf(oemImage, '<8>').filter((block) => block > 0);
  each((index) => writeAt(oemImage, (journal[20 + index * 7] ?? 0) * 4096 + random.below(4000), Buffer.from(plant('ext4: journal', 'COS_OEM'))));
  insert(path, oemImage, startOf('COS_OEM'));

  // COS_RECOVERY: squashfs images in a file system, each with another compression.
  const recovery = tree('recovery');
  each((index) => {
    const compression = ['gzip', 'xz', 'zstd', 'lz4'][index % 4] ?? 'gzip';
    const root = tree(`squash-${index}`);
    put(join(root, 'etc/small.conf'), logWith(plant(`squashfs ${compression}: fragment`, 'COS_RECOVERY'), 3));
    put(join(root, 'usr/big.log'), Buffer.concat([logWith(plant(`squashfs ${compression}: block`, 'COS_RECOVERY'), 4000), Buffer.alloc(300_000)]));
    put(join(root, 'var/log/old.log.gz'), pack('gz', logWith(plant(`squashfs ${compression}: gzip`, 'COS_RECOVERY'))));
    symlinkSync(plant(`squashfs ${compression}: link target`, 'COS_RECOVERY', 32), join(root, 'link'));
    mkdirSync(join(recovery, 'cOS'), { recursive: true });
    run('mksquashfs', [root, join(recovery, `cOS/${index}.squashfs`), '-comp', compression, '-quiet', '-no-progress', '-noappend', '-b', '131072']);
  });
  const recoveryImage = join(directory, 'recovery.img');
  makeExt(recoveryImage, sizeOf('COS_RECOVERY'), recovery, ['-L', 'COS_RECOVERY']);
  insert(path, recoveryImage, startOf('COS_RECOVERY'));

  // COS_STATE: active.img, an ext2 image, with live and deleted files, and with files in pieces.
  const active = tree('active');
  each((index) => {
    put(join(active, `etc/${index}.conf`), `value=${plant('active.img: live file', 'COS_STATE')}\n`);
    put(join(active, `etc/${index}.gone`), `value=${plant('active.img: deleted file', 'COS_STATE')}\n`);
    put(join(active, `usr/share/${index}.gz`), pack('gz', logWith(plant('active.img: gzip', 'COS_STATE'))));
  });
  const activeImage = join(tree('state/cOS'), 'active.img');
  writeFileSync(activeImage, '');
  truncateSync(activeImage, 24 * MiB);
  run('mke2fs', ['-q', '-F', '-t', 'ext2', '-b', '4096', '-d', active, activeImage]);
  // A hole in every second block, then files that must use the holes; the secret lies across a border of blocks.
  const holes = tree('holes');
  writeFileSync(join(holes, 'one'), Buffer.alloc(4096, 'o'));
  const fill = Array.from({ length: 20 * rounds }, (_, index) => `write ${join(holes, 'one')} fill-${index}`);
  debugfs(activeImage, [...fill, ...fill.flatMap((_, index) => (index % 2 === 0 ? [`rm fill-${index}`] : []))]);
  each((index) => {
    const secret = plant('ext2: across the border of two pieces of a file', 'COS_STATE');
    const file = join(holes, `pieces-${index}`);
    const border = 4096 * (1 + random.below(5));
    const data = Buffer.alloc(8 * 4096, 'p');
    data.write(secret, border - 1 - random.below(secret.length - 1));
    writeFileSync(file, data);
    debugfs(activeImage, [`write ${file} pieces-${index}`]);
  });
  debugfs(activeImage, Array.from({ length: rounds }, (_, index) => `rm etc/${index}.gone`));
  const stateImage = join(directory, 'state.img');
  makeExt(stateImage, sizeOf('COS_STATE'), join(directory, 'state'), ['-L', 'COS_STATE']);
  insert(path, stateImage, startOf('COS_STATE'));

  // SWAP: anywhere, at any alignment.
  const swap = join(directory, 'swap.img');
  writeFileSync(swap, '');
  truncateSync(swap, sizeOf('SWAP'));
  run('mkswap', ['-q', swap]);
  each((index) => {
    writeAt(swap, MiB * (1 + index) + random.below(500_000), Buffer.from(plant('swap', 'SWAP')));
    const name = Object.keys(forms)[index % Object.keys(forms).length] ?? 'hex';
    writeAt(swap, MiB * (1 + index) + 600_000 + random.below(300_000), forms[name]?.(`${random.secret()} ${plant(`swap: ${name}`, 'SWAP')} ${random.secret()}`) ?? Buffer.alloc(0));
  });
  insert(path, swap, startOf('SWAP'));

  // COS_PERSISTENT: packed logs, live and deleted, and journals.
  const persistent = tree('persistent');
  const gone: string[] = [];
  each((index) => {
    for (const format of Object.keys(packers)) {
      put(join(persistent, `log/${index}.${format}`), pack(format, logWith(plant(`log.${format}`, 'COS_PERSISTENT'))));
      put(join(persistent, `log/gone-${index}.${format}`), pack(format, logWith(plant(`deleted log.${format}`, 'COS_PERSISTENT'))));
      gone.push(`rm log/gone-${index}.${format}`);
    }
    const compact = index % 2 === 0;
    const message = (kind: string): Buffer => Buffer.concat([Buffer.from('MESSAGE='), logWith(plant(kind, 'COS_PERSISTENT'))]);
    const lz4 = message('journal: lz4');
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(lz4.length));
    put(
      join(persistent, `journal/${index}.journal`),
      Buffer.concat([
        Buffer.from('LPKSHHRH'.padEnd(272, '\0')),
        journalObject(4, zstdCompressSync(message('journal: zstd')), compact),
        journalObject(2, Buffer.concat([size, lz4Block(lz4, directory)]), compact),
        journalObject(1, run('xz', ['-c', '--check=none'], message('journal: xz')), compact),
      ]),
    );
  });
  const persistentImage = join(directory, 'persistent.img');
  makeExt(persistentImage, sizeOf('COS_PERSISTENT'), persistent, ['-L', 'COS_PERSISTENT']);
  debugfs(persistentImage, gone);
  insert(path, persistentImage, startOf('COS_PERSISTENT'));

  // Across the border of two reads, in a part of COS_PERSISTENT that is free; and between the partitions.
  const freeFrom = startOf('COS_PERSISTENT') + 40 * MiB;
  each((index) => {
    const secret = plant('across two reads', 'COS_PERSISTENT');
    writeAt(path, Math.ceil(freeFrom / chunk) * chunk + index * chunk - 1 - random.below(secret.length - 1), Buffer.from(secret));
    writeAt(path, 40 * 512 + index * 8192 + random.below(8000), Buffer.from(plant('outside the partitions', 'GPT')));
  });
  return { path, partitions, plants };
};

/** Which of the texts stand in a file as they are; to see that a plant is really packed. */
export const findPlain = (path: string, texts: readonly string[]): ReadonlySet<string> => {
  const found = new Set<string>();
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(MiB + 256);
  const zeros = Buffer.alloc(buffer.length);
  for (let at = 0; at < statSync(path).size; at += MiB) {
    const piece = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, at));
    if (piece.equals(zeros.subarray(0, piece.length))) continue;
    for (const text of texts) if (piece.includes(text)) found.add(text);
  }
  closeSync(file);
  return found;
};

/** Programs that the image is built with; a test that lacks one is skipped. */
export const missingTools = (): readonly string[] =>
  ['mke2fs', 'debugfs', 'mkfs.vfat', 'mcopy', 'mksquashfs', 'sfdisk', 'mkswap', 'gzip', 'xz', 'zstd', 'lz4', 'dd'].filter(
    (tool) => !['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, tool))),
  );
