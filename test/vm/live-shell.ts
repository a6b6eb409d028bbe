/**
 * A live system with a root shell on its serial line, from a state that is taken once and restored within a second: what a test
 * of many runs needs many of. BIOS, the ISO as a USB CD-ROM, a network; disks and data volumes are plugged in afterwards.
 *
 * The system to install there is the small one that `npm run try` installs, at /run/source/sample.squashfs: an install takes a
 * minute, not four.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSampleSource } from '../../scripts/sample-source/build.ts';
import { liveIso, serialWords } from '../iso/live.ts';
import { Machine } from './machine.ts';
import type { PluggedDisk } from './plug.ts';
import { plugData, plugDisk } from './plug.ts';
import { keepSerialLog } from './serial-log.ts';
import type { SerialShell } from './serial-shell.ts';
import { openSerialShell } from './serial-shell.ts';

const folder = join(import.meta.dirname, '../../build/test/live-shell');
const ports = ['port1', 'port2', 'port3'] as const;

/** The source as flags. */
export const sampleSource = '--engine builtin --source file:/run/source/sample.squashfs';

/** A small file system with the sample system's squashfs in it. */
const sourceDrive = async (): Promise<string> => {
  const { root } = await buildSampleSource();
  const key = createHash('sha256').update(readFileSync(join(root, '../manifest.json'))).digest('hex').slice(0, 12);
  const image = join(folder, `source-${key}.img`);
  if (existsSync(image)) return image;
  const work = join(folder, `.source-${process.pid}`);
  mkdirSync(join(work, 'tree'), { recursive: true });
  execFileSync('mksquashfs', [root, join(work, 'tree/sample.squashfs'), '-noappend', '-no-progress', '-quiet', '-all-root', '-comp', 'zstd', '-Xcompression-level', '9']);
  const size = Math.ceil(statSync(join(work, 'tree/sample.squashfs')).size / 1024 ** 2) + 8;
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-L', 'SOURCE', '-d', join(work, 'tree'), join(work, 'image'), `${size}M`]);
  renameSync(join(work, 'image'), image);
  rmSync(work, { recursive: true });
  return image;
};

export interface LiveShell extends SerialShell {
  readonly machine: Machine;
  /** Seconds since the start. */
  elapsed(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

const shellOf = (machine: Machine, log: string): LiveShell => {
  const begin = Date.now();
  const stopLog = keepSerialLog(machine, log);
  return {
    machine,
    ...openSerialShell(machine),
    elapsed: () => (Date.now() - begin) / 1000,
    async [Symbol.asyncDispose]() {
      stopLog();
      await machine.stop();
    },
  };
};

const startMachine = async (file: string, source: string, kernel: { file: string; initrd: string }, more: readonly string[]): Promise<Machine> =>
  Machine.start({
    firmware: 'bios',
    memory: 1536,
    drives: [{ file: source, serial: 'SOURCE', readOnly: true }],
    kernel: { ...kernel, commandLine: `${serialWords} slipway=shell` },
    args: [
      ...['-drive', `if=none,id=live,format=raw,readonly=on,file=${file},media=cdrom`],
      ...['-device', 'usb-storage,bus=xhci.0,drive=live,removable=on,serial=PIKVM-ISO,bootindex=90'],
      ...ports.flatMap((port, index) => ['-device', `pcie-root-port,id=${port},chassis=${index + 1}`]),
      ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net'],
      ...more,
    ],
  });

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const statusOf = async (machine: Machine): Promise<string> => ((await machine.qmp('query-status')) as { status: string }).status;

/** Boots the live system to its shell, warms up what is slow at first, and writes the machine's state into `state`. */
const takeState = async (file: string, source: string, kernel: { file: string; initrd: string }, state: string): Promise<void> => {
  const machine = await startMachine(file, source, kernel, []);
  const shell = shellOf(machine, join(folder, 'take-state.log'));
  try {
    await machine.waitFor(/A root shell of the live system/, 300_000);
    await machine.waitFor(/[#] $/m, 60_000);
    const prepared = await shell.run('mkdir -p /run/source && mount -o ro /dev/disk/by-label/SOURCE /run/source && slipway --version && slipway probe >/dev/null && ip -brief address show scope global', 180_000);
    if (prepared.code !== 0) throw new Error(`the live system could not be prepared: ${prepared.text}`);
    await machine.qmp('stop');
    await machine.qmp('migrate', { uri: `exec:zstd -q -1 > '${state}.new'` });
    for (;;) {
      const { status } = (await machine.qmp('query-migrate')) as { status: string };
      if (status === 'completed') break;
      if (status === 'failed' || status === 'cancelled') throw new Error('the state of the machine could not be taken');
      await wait(200);
    }
  } finally {
    await shell[Symbol.asyncDispose]();
  }
  renameSync(`${state}.new`, state);
};

let prepared: Promise<{ state: string; file: string; source: string; kernel: { file: string; initrd: string } }> | undefined;

/** Makes the state when there is none of this very ISO; a state belongs to one. Called before tests run side by side. */
export const prepareLiveShell = (): NonNullable<typeof prepared> =>
  (prepared ??= (async () => {
    mkdirSync(folder, { recursive: true });
    const iso = await liveIso();
    const source = await sourceDrive();
    const here = readFileSync(import.meta.filename, 'utf8');
    const key = createHash('sha256').update([iso.sha256, source, here].join('\0')).digest('hex').slice(0, 16);
    const state = join(folder, `state-${key}.zst`);
    const kernel = { file: iso.kernel, initrd: iso.initrd };
    if (!existsSync(state)) {
      for (const name of readdirSync(folder)) if (name.startsWith('state-')) rmSync(join(folder, name));
      await takeState(iso.file, source, kernel, state);
    }
    return { state, file: iso.file, source, kernel };
  })());

export interface LiveShellOptions {
  readonly disks?: readonly PluggedDisk[];
  /** Image of a data volume. */
  readonly data?: string;
  /** File for what the serial line says. */
  readonly log: string;
}

/** @throws Error when the machine does not start, or its disks do not appear */
export const startLiveShell = async ({ disks = [], data, log }: LiveShellOptions): Promise<LiveShell> => {
  const { state, file, source, kernel } = await prepareLiveShell();
  const machine = await startMachine(file, source, kernel, ['-incoming', `exec:zstd -q -dc '${state}'`]);
  const shell = shellOf(machine, log);
  try {
    while ((await statusOf(machine)) === 'inmigrate') await wait(50);
    await machine.qmp('cont');
    for (const [index, disk] of disks.entries()) await plugDisk(machine, disk, ports[index] ?? 'none');
    if (data !== undefined) await plugData(machine, data);
    // Its clock stood still meanwhile.
    const there = [...disks.map(({ serial }) => `/dev/disk/by-id/virtio-${serial}`), ...(data === undefined ? [] : ['/dev/disk/by-id/usb-*PIKVM-DATA*'])];
    const looked = await shell.run(
      `date -u -s @${Math.floor(Date.now() / 1000)} >/dev/null; for n in $(seq 100); do ls ${there.join(' ') || '/'} >/dev/null 2>&1 && break; sleep 0.2; done; udevadm settle; ls ${there.join(' ') || '/'} >/dev/null`,
      60_000,
    );
    if (looked.code !== 0) throw new Error(`the disks did not appear: ${looked.text}`);
    return shell;
  } catch (error) {
    await shell[Symbol.asyncDispose]();
    throw error;
  }
};
