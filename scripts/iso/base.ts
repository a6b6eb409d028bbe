/** The Debian part of the live system: packages installed by mmdebstrap, kernel and pruned modules beside them. Kept until the package list changes. */
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe, tool } from '../sample-source/tools.ts';
import { keptModules } from './modules.ts';
import { hostToolVersions, leftOut, packages, packageSource, suite, withoutAgent } from './packages.ts';

/** All time stamps on the medium, so that the same packages give the same bytes. */
export const epoch = 1_700_000_000;

export interface Base {
  /** Root tree without Slipway. Not to be changed: it is linked into the trees made of it. */
  readonly root: string;
  readonly kernel: string;
  /** Kernel version as in `vmlinuz-VERSION`. */
  readonly version: string;
  /** Hash of the installed package versions. */
  readonly key: string;
  readonly built: boolean;
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const inputs = async (withAgent: boolean): Promise<string> => {
  const here = await Promise.all(['base.ts', 'packages.ts', 'modules.ts'].map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
  return sha256([...here, String(withAgent), await hostToolVersions()].join('\0'));
};

/** What installing leaves behind that differs from run to run, or names the place the packages came from. */
const traces = [
  'etc/apt/sources.list', 'etc/machine-id', 'etc/resolv.conf', 'etc/hostname', 'etc/.pwd.lock',
  'var/lib/dbus/machine-id', 'var/lib/systemd/random-seed', 'var/lib/systemd/credential.secret', 'var/lib/apt/lists', 'var/lib/apt/extended_states',
  'var/cache/apt', 'var/cache/debconf', 'var/cache/ldconfig', 'var/cache/man', 'var/log', 'var/lib/dpkg/status-old', 'var/lib/dpkg/available-old',
  'var/lib/dpkg/diversions-old', 'var/lib/dpkg/statoverride-old', 'var/lib/dpkg/lock', 'var/lib/dpkg/lock-frontend', 'var/backups',
  'etc/nvme/hostid', 'etc/nvme/hostnqn', 'etc/passwd-', 'etc/group-', 'etc/shadow-', 'etc/gshadow-', 'etc/subuid-', 'etc/subgid-', 'tmp', 'run',
] as const;

const addKernel = async (root: string, deb: string, work: string): Promise<string> => {
  const unpacked = join(work, 'kernel');
  await mkdir(unpacked, { recursive: true });
  await pipe(['dpkg-deb', '--fsys-tarfile', deb], ['tar', '-x', '--wildcards', './boot/vmlinuz-*', './*lib/modules/*'], unpacked);
  const name = (await readdir(join(unpacked, 'boot'))).find((file) => file.startsWith('vmlinuz-'));
  if (name === undefined) throw new Error(`${deb} holds no kernel`);
  const version = name.slice('vmlinuz-'.length);
  const usr = (await readdir(unpacked)).includes('usr');
  const from = join(unpacked, usr ? 'usr/lib/modules' : 'lib/modules', version);
  const to = join(root, 'usr/lib/modules', version);
  await mkdir(to, { recursive: true });

  const all = (await readdir(from, { recursive: true })).filter((file) => /\.ko(\.xz|\.zst)?$/.test(file));
  const kept = keptModules(all);
  await tool('cp', ['--parents', '-t', to, ...kept, 'modules.builtin', 'modules.builtin.modinfo', 'modules.order'], { cwd: from });
  // Unpacked: the squashfs packs them better, and an emulated machine loads them faster.
  await tool('bash', ['-c', 'find . -name "*.ko.xz" -print0 | xargs -0 -r -P2 -n64 xz -d; find . -name "*.ko.zst" -print0 | xargs -0 -r -P2 -n64 zstd -q -d --rm'], { cwd: to });
  await tool('depmod', ['-b', root, version]);
  await mkdir(join(root, 'boot'), { recursive: true });
  await tool('cp', [join(unpacked, 'boot', name), join(root, 'boot', name)]);
  await rm(unpacked, { recursive: true });
  return version;
};

/**
 * Builds `build/iso/base` when its inputs changed, else gives the last one.
 *
 * @throws Error when it is not run as root, or a package cannot be had
 */
export const buildBase = async (home: string, options: { readonly withAgent: boolean; readonly fresh: boolean }): Promise<Base> => {
  const place = join(home, options.withAgent ? 'base-agent' : 'base');
  const manifest = join(place, 'manifest.json');
  const inputKey = await inputs(options.withAgent);
  const last = await readFile(manifest, 'utf8').then(
    (text) => JSON.parse(text) as { inputs: string; version: string; key: string },
    () => null,
  );
  const base = (version: string, key: string, built: boolean): Base => ({ root: join(place, 'root'), kernel: join(place, `root/boot/vmlinuz-${version}`), version, key, built });
  if (last?.inputs === inputKey && !options.fresh) return base(last.version, last.key, false);
  if (process.getuid?.() !== 0) throw new Error('the live system is built as root: its files belong to the users that the packages say');
  await access(keyring).catch(() => Promise.reject(new Error(`${keyring} is missing; install the Debian package debian-archive-keyring`)));

  const work = join(home, `.base-${process.pid}`);
  const root = join(work, 'root');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const list = [...packages, ...(options.withAgent ? [] : withoutAgent)];
    await tool(
      'mmdebstrap',
      [
        '--mode=root', '--format=directory', '--variant=apt', '--quiet', `--keyring=${keyring}`, `--include=${list.join(',')}`,
        ...leftOut.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
        // The kernel is unpacked by hand: its package would have an initramfs made by a tool that is not wanted here.
        `--customize-hook=cd "${work}" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -q -o APT::Sandbox::User=root download "$(APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \\(linux-image-[0-9][^ ]*\\).*/\\1/p' | head -n 1)"`,
        suite, root, await packageSource(),
      ],
      { env: { SOURCE_DATE_EPOCH: String(epoch) } },
    );
    const versions = await tool('dpkg-query', ['--root', root, '--show', '--showformat', '${Package} ${Version}\n']);
    const deb = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (deb === undefined) throw new Error('the kernel package was not downloaded');
    const version = await addKernel(root, join(work, deb), work);
    for (const trace of traces) await rm(join(root, trace), { recursive: true, force: true });
    await rm(join(root, 'etc/apt/sources.list.d'), { recursive: true, force: true });
    for (const folder of ['etc/apt/sources.list.d', 'tmp', 'run', 'var/log', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial']) await mkdir(join(root, folder), { recursive: true });
    await tool('chmod', ['1777', join(root, 'tmp')]);
    const key = sha256(`${versions}${deb}\n${inputKey}`);
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true });
    await rename(root, join(place, 'root'));
    await writeFile(join(place, 'packages.txt'), `${versions}${deb}\n`);
    await writeFile(manifest, JSON.stringify({ inputs: inputKey, version, key }));
    return base(version, key, true);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
