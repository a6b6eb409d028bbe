/**
 * Runs commands of the real agent where they cannot touch this machine: a mount namespace with a memory overlay over /. The agent makes
 * /oem, /system/oem and log files wherever it runs.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** The real agent: `$KAIROS_AGENT_BIN`, what scripts/kairos-agent.mjs built, or one on PATH. */
export const realAgent = ((): string | null => {
  const places = [process.env['KAIROS_AGENT_BIN'] ?? '', resolve('build/kairos-agent/kairos-agent'), ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kairos-agent'))];
  return places.find((place) => place !== '' && existsSync(place)) ?? null;
})();

/** Why the real agent cannot be tried here; null when it can. */
export const whyNot = ((): string | null => {
  if (realAgent === null) return 'no kairos-agent at hand: node scripts/kairos-agent.mjs builds it';
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    accessSync(realAgent, constants.X_OK);
  } catch {
    return `${realAgent} is not executable`;
  }
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? null : 'no mount namespaces here';
})();

/** Arguments: a folder, a shell text that is run inside, the agent. /dev is a small one of its own; the disks of this machine are not in it. */
const enter = `set -eu
work=$1
mount --make-rprivate /
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do : > "$root/dev/$node"; mount --bind "/dev/$node" "$root/dev/$node"; done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/dev/shm" "$root/run" "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/run/project"
mount --bind "$PWD" "$root/run/project"
cp "$2" "$root/run/script"
# The agent may lie below /tmp, which is another one inside.
: > "$root/run/agent"
mount --bind "$3" "$root/run/agent"
shift 3
exec chroot "$root" /bin/sh -eu /run/script
`;

export interface InsideResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell text as root inside, with $AGENT set; the project is at /run/project. Changes made inside are gone afterwards. */
export const inside = (script: string): InsideResult => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-inside-'));
  const work = join(folder, 'work');
  try {
    writeFileSync(join(folder, 'enter'), enter);
    // As Slipway runs it where there is no journald: see src/engine/kairos-agent/agent-environment.ts.
    writeFileSync(join(folder, 'script'), `AGENT=/run/agent\nexport GOGC=off GOMEMLIMIT=256MiB\n${script}`);
    spawnSync('mkdir', [work]);
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', join(folder, 'enter'), work, join(folder, 'script'), realAgent ?? ''], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C' },
    });
    return { status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Shell text that writes a file of whole lines. */
export const here = (path: string, text: string): string => `mkdir -p "$(dirname ${path})"; cat > ${path} <<'END-OF-FILE'\n${text}END-OF-FILE\n`;
