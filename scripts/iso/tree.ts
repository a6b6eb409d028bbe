/** The root tree of the live system: the base, the files of rootfs/ here, Slipway's overlay, and the executables. */
import { createHash } from 'node:crypto';
import { access, chmod, copyFile, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { tool } from '../sample-source/tools.ts';
import type { Base } from './base.ts';

/** Units that cost time at boot (much of it in an emulator) and that an installer has no use for. */
const masked = [
  'apt-daily-upgrade.timer', 'apt-daily.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer', 'mdmonitor.service', 'mdmonitor-oneshot.timer',
  'mdcheck_start.timer', 'mdcheck_continue.timer', 'smartmontools.service', 'grub-common.service', 'nvmefc-boot-connections.service', 'nvmf-autoconnect.service', 'systemd-pstore.service',
  'systemd-update-utmp.service', 'systemd-random-seed.service', 'systemd-boot-update.service', 'systemd-firstboot.service', 'systemd-hwdb-update.service', 'systemd-update-done.service',
  'systemd-journal-catalog-update.service', 'systemd-journal-flush.service', 'systemd-machine-id-commit.service', 'systemd-pcrphase.service', 'systemd-pcrmachine.service', 'systemd-pcrphase-sysinit.service',
  'systemd-tpm2-setup.service', 'systemd-tpm2-setup-early.service', 'systemd-binfmt.service', 'proc-sys-fs-binfmt_misc.automount', 'systemd-network-generator.service', 'systemd-ask-password-wall.path',
  'systemd-ask-password-console.path', 'systemd-vconsole-setup.service', 'dev-hugepages.mount', 'dev-mqueue.mount', 'sys-kernel-debug.mount', 'sys-kernel-tracing.mount', 'sys-fs-fuse-connections.mount',
  'uuidd.socket', 'dm-event.socket', 'lvm2-monitor.service', 'blk-availability.service', 'modprobe@drm.service', 'modprobe@efi_pstore.service', 'ldconfig.service', 'systemd-timesyncd.service',
  'systemd-networkd-wait-online.service', 'systemd-networkd-persistent-storage.service', 'systemd-battery-check.service',
  // The kernel, the initramfs or the memory overlay has done what these would do; of logind a session is all that is missed.
  'systemd-logind.service', 'systemd-sysusers.service', 'systemd-udev-load-credentials.service', 'systemd-modules-load.service', 'kmod-static-nodes.service', 'systemd-remount-fs.service',
  'sys-kernel-config.mount', 'tmp.mount', 'run-lock.mount', 'systemd-tmpfiles-setup-dev-early.service', 'systemd-tmpfiles-clean.timer',
] as const;

const wanted: readonly (readonly [string, string])[] = [
  ['sysinit.target', 'slipway-live.service'],
  ['multi-user.target', 'slipway-live-ready.service'],
  ['multi-user.target', 'systemd-networkd.service'],
];

/** A real kairos-agent, where one is at hand. */
export const findAgent = async (project: string): Promise<string | null> => {
  const named = process.env['KAIROS_AGENT_BIN'];
  const places = [
    ...(named === undefined ? [] : [named]),
    join(project, 'build/kairos-agent/kairos-agent'),
    ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kairos-agent')),
  ];
  for (const place of places) {
    if (await access(place).then(() => true, () => false)) return place;
  }
  return null;
};

const hashFile = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex');

/** Hash over the names and content of everything below `folder`. */
export const hashFolder = async (folder: string): Promise<string> => {
  const hash = createHash('sha256');
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).map((entry) => ({ entry, path: join(entry.parentPath, entry.name) })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const { entry, path } of entries) {
    if (entry.isDirectory()) continue;
    hash.update(`${path.slice(folder.length)}\0${entry.isSymbolicLink() ? await readlink(path) : await hashFile(path)}\0`);
  }
  return hash.digest('hex');
};

export interface TreeParts {
  readonly project: string;
  readonly base: Base;
  readonly installer: string;
  readonly agent: string | null;
}

/** What the tree depends on besides the base. */
export const treeKey = async ({ project, base, installer, agent }: TreeParts): Promise<string> => {
  const parts = [base.key, await hashFolder(join(project, 'iso-overlay')), await hashFolder(import.meta.dirname), await hashFile(installer), agent === null ? '' : await hashFile(agent)];
  if (agent === null) parts.push(await hashFolder(join(project, 'scripts/sample-source/root/usr/lib/slipway-sample')));
  return createHash('sha256').update(parts.join('\0')).digest('hex');
};

/** Files are linked to those of the base: whatever is put in their place must come as a new file. */
const put = async (from: string, to: string, mode: number): Promise<void> => {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  await copyFile(from, to);
  await chmod(to, mode);
};

const link = async (target: string, place: string): Promise<void> => {
  await mkdir(dirname(place), { recursive: true });
  await rm(place, { force: true });
  await symlink(target, place);
};

/** Builds the tree at `root`. */
export const buildTree = async (root: string, parts: TreeParts): Promise<void> => {
  const { project, base, installer, agent } = parts;
  await tool('cp', ['-al', base.root, root]);
  for (const folder of [join(import.meta.dirname, 'rootfs'), join(project, 'iso-overlay/rootfs')]) {
    await tool('cp', ['-r', '--no-preserve=ownership', '--remove-destination', '-d', '--preserve=mode', `${folder}/.`, root]);
  }
  await rm(join(root, 'system/installer/README'), { force: true });
  await put(installer, join(root, 'system/installer/installer'), 0o755);
  if (agent !== null) await put(agent, join(root, 'usr/bin/kairos-agent'), 0o755);
  else {
    await tool('cp', ['-r', join(project, 'scripts/sample-source/root/usr/lib/slipway-sample'), join(root, 'usr/lib/')]);
    for (const applet of ['mkpasswd', 'hostname', 'paste', 'tr', 'cut']) await link('/usr/bin/busybox', join(root, 'usr/lib/slipway-sample/bin', applet));
  }
  // Where Kairos's images have them, and where kairos-agent's boot menu takes them from.
  await link(`vmlinuz-${base.version}`, join(root, 'boot/vmlinuz'));
  await link(`initrd.img-${base.version}`, join(root, 'boot/initrd'));
  for (const folder of ['oem', 'system/oem', 'usr/local/cloud-config', 'host']) await mkdir(join(root, folder), { recursive: true });
  await rm(join(root, 'host'), { recursive: true });
  const system = join(root, 'etc/systemd/system');
  for (const unit of masked) await link('/dev/null', join(system, unit));
  for (const [target, unit] of wanted) await link(`/usr/lib/systemd/system/${unit}`, join(system, `${target}.wants`, unit));
  await link('/usr/lib/systemd/system/multi-user.target', join(system, 'default.target'));
  await link('/run/systemd/resolve/stub-resolv.conf', join(root, 'etc/resolv.conf'));
  // Empty, not missing: systemd would take a missing one for the very first boot of a machine.
  await rm(join(root, 'etc/machine-id'), { force: true });
  await writeFile(join(root, 'etc/machine-id'), '');
  // The mode of the folders that git made is whatever the umask was.
  for (const folder of ['', 'etc', 'etc/cos', 'etc/systemd', 'usr', 'usr/lib', 'usr/bin', 'system', 'system/oem', 'system/installer', 'oem', 'usr/lib/slipway', 'usr/lib/slipway-live']) await chmod(join(root, folder), 0o755);
  await tool('chown', ['-R', '-h', '0:0', ...['system', 'oem', 'usr/lib/slipway', 'usr/lib/slipway-live', 'etc/systemd'].map((name) => join(root, name))]);
};
