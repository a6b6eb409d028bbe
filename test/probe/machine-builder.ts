/** Makes recorded machines for tests from a few words a disk. Real recordings are in `test/machines`. */
import { probeMachine } from '../../src/probe/probe.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import type { RecordedOptions } from '../../src/system/recorded.ts';
import { readRecording } from '../../src/system/recording.ts';
import type { Recording } from '../../src/system/recording.ts';
import type { Disk, Facts } from '../../src/model/facts.ts';

export const GiB = 1024 ** 3;

/** lsblk's columns, with the fields that matter here. Anything may be overridden, also with nonsense. */
export interface Row {
  readonly name: string;
  readonly type?: string;
  readonly size?: unknown;
  readonly children?: readonly Row[];
  readonly sysfs?: Readonly<Record<string, string>>;
  readonly holders?: readonly string[];
  readonly [column: string]: unknown;
}

let minor = 0;

const lsblkRow = (row: Row): Record<string, unknown> => {
  const { name, type = 'disk', children, sysfs: _sysfs, holders: _holders, ...rest } = row;
  minor += 1;
  return {
    name,
    kname: name,
    path: `/dev/${name}`,
    'maj:min': `259:${minor}`,
    size: 16 * GiB,
    type,
    model: null,
    serial: type === 'disk' ? `SERIAL-${name.toUpperCase()}` : null,
    wwn: null,
    tran: type === 'disk' ? 'sata' : null,
    rm: false,
    ro: false,
    rota: false,
    'log-sec': 512,
    fstype: null,
    label: null,
    uuid: null,
    partlabel: null,
    parttype: null,
    pttype: children?.some((child) => child.type === 'part') === true ? 'gpt' : null,
    mountpoints: [null],
    ...rest,
    ...(children === undefined ? {} : { children: children.map(lsblkRow) }),
  };
};

export interface MachineOptions {
  readonly mounts?: readonly string[];
  readonly swaps?: readonly string[];
  readonly kernelLine?: string;
  readonly sentinels?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly directories?: Readonly<Record<string, readonly string[]>>;
  readonly commands?: Recording['commands'];
}

/** A root in memory: it lies on no disk. A root of the test's own comes after it and so counts. */
const rootMount = '1 1 0:2 / / rw - rootfs rootfs rw';

/** A recording of a machine with these block devices. `maj:min` may be given to be found in mounts. */
export const machine = (rows: readonly Row[], options: MachineOptions = {}): Recording => {
  minor = 0;
  const files: Record<string, string> = {};
  const directories: Record<string, readonly string[]> = { '/run/udev': ['data'], '/sys/block': [], '/run/cos': options.sentinels ?? [] };
  const top = new Map<string, Row>();
  const visit = (row: Row): void => {
    if (row.type !== 'part') top.set(row.name, row);
    for (const child of row.children ?? []) visit(child);
  };
  rows.forEach(visit);
  for (const row of top.values()) {
    const folder = `/sys/block/${row.name}`;
    const size = typeof row.size === 'number' ? row.size : 16 * GiB;
    files[`${folder}/size`] = `${size / 512}\n`;
    files[`${folder}/removable`] = '0\n';
    files[`${folder}/ro`] = '0\n';
    files[`${folder}/hidden`] = '0\n';
    for (const [name, text] of Object.entries(row.sysfs ?? {})) files[`${folder}/${name}`] = text;
    directories[`${folder}/holders`] = row.holders ?? (row.children ?? []).filter((child) => child.type !== 'part').map((child) => child.name);
  }
  directories['/sys/block'] = [...top.keys()];
  return readRecording({
    slipwayRecording: 1,
    commands: { 'lsblk --json --bytes --output-all': { stdout: JSON.stringify({ blockdevices: rows.map(lsblkRow) }) }, 'ip -j addr': { stdout: '[]' }, ...options.commands },
    files: {
      '/proc/self/mountinfo': [rootMount, ...(options.mounts ?? [])].map((line) => `${line}\n`).join(''),
      '/proc/swaps': `Filename Type Size Used Priority\n${(options.swaps ?? []).map((path) => `${path} partition 1 0 -2\n`).join('')}`,
      '/proc/cmdline': `${options.kernelLine ?? 'quiet'}\n`,
      '/proc/meminfo': 'MemTotal:        2048000 kB\n',
      '/proc/cpuinfo': 'processor : 0\nmodel name : Sample\n',
      ...files,
      ...options.files,
    },
    links: options.links ?? {},
    directories: { ...directories, ...options.directories },
  });
};

export const probeRecording = (recording: Recording, options: RecordedOptions = {}): Promise<Facts> => probeMachine(createRecordedSystem(recording, options));

export const probeRows = (rows: readonly Row[], options: MachineOptions = {}): Promise<Facts> => probeRecording(machine(rows, options));

/** Reason ids of a disk, with its verdict in front: `refused mounted`. */
export const judged = (facts: Facts, path: string): string => {
  const disk = facts.disks.find((one) => one.path === path);
  return disk === undefined ? 'not listed' : [disk.verdict, ...disk.reasons.map(({ id }) => id)].join(' ');
};

export const diskOf = (facts: Facts, path: string): Disk => {
  const disk = facts.disks.find((one) => one.path === path);
  if (disk === undefined) throw new Error(`${path} is not listed`);
  return disk;
};
