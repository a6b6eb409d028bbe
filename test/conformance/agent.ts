/** Finds the real kairos-agent: $KAIROS_AGENT_BIN, the path, or what `node scripts/kairos-agent.mjs` built. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const candidates = [
  process.env['KAIROS_AGENT_BIN'] ?? '',
  ...(process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/kairos-agent`),
  fileURLToPath(new URL('../../build/kairos-agent/kairos-agent', import.meta.url)),
];

/** Without garbage collection, as Slipway starts it where there is no journald: its logger closes files behind the back of whoever reads them. */
const agentVariables = { ...process.env, GOGC: 'off', GOMEMLIMIT: '256MiB' };

/** Path of the agent, or null. */
export const agentPath: string | null = candidates.find((path) => path !== '' && isProgram(path)) ?? null;

export const skipReason = 'no kairos-agent: set KAIROS_AGENT_BIN, or run node scripts/kairos-agent.mjs';

/** What `kairos-agent validate FILE` says; an empty text is "valid". */
export const agentValidate = (agent: string, file: string): string => {
  const result = spawnSync(agent, ['validate', file], { encoding: 'utf8', timeout: 20_000, env: agentVariables });
  if (result.status === 0) return '';
  return `${result.stdout}${result.stderr}`.replaceAll(/file:\S+/g, '').trim() || `exit code ${result.status}`;
};

/** True where a mount namespace of our own can be made: `config get` reads fixed folders. */
export const canIsolate = (): boolean => spawnSync('unshare', ['-m', 'true']).status === 0;

/**
 * `kairos-agent config get KEY` for each key, with one configuration in /usr/local/cloud-config. Runs in a mount namespace
 * with memory over /usr/local and /var/log, so that nothing of this machine is written. The agent is copied to memory first:
 * it may live below /usr/local.
 */
export const agentGet = (agent: string, file: string, keys: readonly string[]): readonly string[] => {
  const mark = '=====slipway=====';
  const script = [
    'set -e',
    'mount -t tmpfs tmpfs /mnt && cp "$1" /mnt/agent && cp "$2" /mnt/config.yaml',
    'mount -t tmpfs tmpfs /usr/local && mkdir /usr/local/cloud-config && cp /mnt/config.yaml /usr/local/cloud-config/90.yaml',
    'mount -t tmpfs tmpfs /var/log',
    'shift 2',
    `for key in "$@"; do /mnt/agent config get "$key" 2>/mnt/errors || { echo "config get $key ended with $?"; cat /mnt/errors; exit 1; } >&2; echo; echo ${mark}; done`,
  ].join('\n');
  const result = spawnSync('unshare', ['-m', '/bin/sh', '-c', script, 'sh', agent, file, ...keys], { encoding: 'utf8', timeout: 60_000, env: agentVariables });
  if (result.status !== 0) throw new Error(`${file}: ${result.error?.message ?? result.stderr}`);
  return result.stdout.split(`${mark}\n`).slice(0, keys.length);
};

/**
 * Runs a stage of a configuration with the agent's own interpreter, over a memory overlay of this machine in a namespace of its own.
 * `before` and `after` are shell lines in that root, which has systemd and the zone Europe/Berlin; gives what `after` prints, or null
 * where no overlay can be made.
 */
export const agentRunStage = (agent: string, file: string, stage: string, before: string, after: string): string | null => {
  const script = [
    'set -e',
    'mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work /mnt/root',
    'mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root || exit 77',
    'mkdir -p /mnt/root/conf /mnt/root/usr/share/zoneinfo/Europe && cp "$1" /mnt/root/agent && cp "$2" /mnt/root/conf/90.yaml',
    'touch /mnt/root/usr/share/zoneinfo/Europe/Berlin /mnt/root/usr/bin/systemctl',
    'mount -t proc proc /mnt/root/proc && mount -t tmpfs tmpfs /mnt/root/dev && mknod -m 666 /mnt/root/dev/null c 1 3',
    'chroot /mnt/root /bin/sh -c "$4"',
    'chroot /mnt/root /agent run-stage --override-cloud-init-paths /conf "$3" >/mnt/said 2>&1',
    'chroot /mnt/root /bin/sh -c "$5"',
  ].join('\n');
  const result = spawnSync('unshare', ['-m', '/bin/sh', '-c', script, 'sh', agent, file, stage, before, after], { encoding: 'utf8', timeout: 60_000, env: agentVariables });
  return result.status === 77 ? null : `${result.stdout}${result.status === 0 ? '' : result.stderr}`;
};
