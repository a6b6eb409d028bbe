/**
 * Writes down what a probe reads, so that it can be played elsewhere. Only what is on the lists here is kept: a recording is made to
 * be sent to strangers.
 */
import { redactKernelLine } from '../model/kernel-line-redaction.ts';
import type { System } from './port.ts';
import { addressCommand, encodeContent } from './recording.ts';
import type { Recording } from './recording.ts';

/** Commands whose output is about the machine and never about its owner. What debugfs reads from COS_OEM is not among them. */
const commands: readonly RegExp[] = [
  /^lsblk --json --bytes --output-all$/,
  /^ip -j addr$/,
  /^udevadm settle /,
  /^debugfs -R cat \/usr\/lib\/os-release \/dev\/\S+$/,
  /^du -s -x -B1 --apparent-size \/run\/rootfsbase$/,
];

const files: readonly RegExp[] = [
  /^\/sys\//,
  /^\/proc\/(?:self\/mountinfo|swaps|cmdline|meminfo|cpuinfo|filesystems|device-tree\/(?:model|serial-number))$/,
  /^(?:\/run\/rootfsbase)?\/(?:etc\/kairos-release|etc\/os-release|usr\/lib\/os-release)$/,
];

const folders: readonly RegExp[] = [/^\/sys\//, /^\/dev\/disk(?:\/by-[a-z-]+)?$/, /^\/run\/(?:cos|udev)$/, /^\/run\/rootfsbase\/boot$/];

/** Things whose being there is all that counts. */
const existing: readonly RegExp[] = [/^\/dev\/tpmrm0$/, /^\/(?:usr\/)?(?:local\/)?s?bin\/[\w.-]+$/, /^\/usr\/lib\/grub\//, /^\/run\/rootfsbase(?:\/boot\/[\w.-]+)?$/];

/** Links whose target counts. */
const followed: readonly RegExp[] = [/^\/dev\/disk\/by-/, /^\/run\/rootfsbase\/boot\//];

const fits = (lists: readonly RegExp[], text: string): boolean => lists.some((pattern) => pattern.test(text));

/** File systems on disks, in memory and of the kernel itself: their sources and options name devices and folders, and nobody. */
const localTypes: ReadonlySet<string> = new Set([
  'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'bcachefs', 'f2fs', 'jfs', 'nilfs2', 'reiserfs', 'zfs', 'vfat', 'msdos', 'exfat', 'ntfs', 'ntfs3', 'hfs', 'hfsplus', 'iso9660', 'udf', 'squashfs', 'erofs', 'cramfs', 'romfs',
  'overlay', 'tmpfs', 'ramfs', 'rootfs', 'devtmpfs', 'devpts', 'hugetlbfs', 'mqueue',
  'proc', 'sysfs', 'cgroup', 'cgroup2', 'bpf', 'binfmt_misc', 'configfs', 'debugfs', 'tracefs', 'securityfs', 'selinuxfs', 'pstore', 'efivarfs', 'fusectl', 'nsfs', 'rpc_pipefs',
]);

/** Mount options of network file systems name users, and sometimes passwords; of a type that is not known they may say anything, and a line that is no mount, too. */
const redactMountinfo = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      if (line === '') return line;
      const [, head, fstype = ''] = /^(.*?) - (\S+) /.exec(line) ?? [];
      if (head === undefined) return 'REDACTED';
      return localTypes.has(fstype) ? line : `${head} - ${fstype} REDACTED rw`;
    })
    .join('\n');

const redacted: ReadonlySet<string> = new Set(['/proc/cmdline', '/proc/self/mountinfo']);

const redact = (path: string, text: string): string => (path === '/proc/cmdline' ? `${redactKernelLine(text)}\n` : redactMountinfo(text));

const sorted = <T>(map: ReadonlyMap<string, T>): Record<string, T> =>
  Object.fromEntries([...map].toSorted(([one], [other]) => (one < other ? -1 : 1)));

export interface Recorder {
  /** The wrapped system: probe with it. */
  readonly system: System;
  /** What was read through it so far. */
  recording(): Recording;
}

export const createRecorder = (system: System): Recorder => {
  const ran = new Map<string, Recording['commands'][string]>();
  const read = new Map<string, string>();
  const links = new Map<string, string>();
  const listed = new Map<string, string[]>();

  const keepExisting = (path: string): void => {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash) || '/';
    const names = listed.get(folder) ?? [];
    if (!names.includes(path.slice(slash + 1))) listed.set(folder, [...names, path.slice(slash + 1)].toSorted());
  };
  const keepFile = (path: string, bytes: Uint8Array): void => {
    if (!fits(files, path)) return;
    // What is redacted is text, also where a name in it is not UTF-8: coded whole, it would be kept unread.
    read.set(path, redacted.has(path) ? redact(path, Buffer.from(bytes).toString('utf8')) : encodeContent(bytes));
  };

  return {
    system: {
      ...system,
      async run(command, options) {
        const result = await system.run(command, options);
        const line = command.join(' ');
        if (!result.missing && fits(commands, line)) ran.set(line, { stdout: result.stdout, stderr: result.exitCode === 0 ? '' : result.stderr.slice(0, 2000), exitCode: result.exitCode });
        return result;
      },
      async addresses() {
        const text = await system.addresses();
        if (text !== null) ran.set(addressCommand, { stdout: text, stderr: '', exitCode: 0 });
        return text;
      },
      async readBytes(path, maxBytes) {
        const bytes = await system.readBytes(path, maxBytes);
        if (bytes !== null) keepFile(path, bytes);
        return bytes;
      },
      async readText(path, maxBytes) {
        const text = await system.readText(path, maxBytes);
        if (text !== null) keepFile(path, Buffer.from(text, 'utf8'));
        return text;
      },
      async list(path) {
        const names = await system.list(path);
        if (names !== null && fits(folders, path)) listed.set(path, [...names]);
        return names;
      },
      async readLink(path) {
        const target = await system.readLink(path);
        if (target !== null && fits(followed, path)) links.set(path, target);
        return target;
      },
      async stat(path) {
        const stat = await system.stat(path);
        if (stat !== null && fits(existing, path)) {
          if (stat.kind === 'directory') listed.set(path, listed.get(path) ?? []);
          // That it is a file counts (a kernel, a tool), not what is in it.
          else if (stat.kind === 'file') read.set(path, read.get(path) ?? '');
          else keepExisting(path);
        }
        return stat;
      },
    },
    recording: () => ({ slipwayRecording: 1, commands: sorted(ran), files: sorted(read), links: sorted(links), directories: sorted(listed) }),
  };
};
