import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const executable = 'dist/slipway';
const inputs = ['src', 'screens', 'cloud-configs', 'iso-overlay', 'package-lock.json', 'scripts/build.mjs'];

/** Newest change below `path`, in milliseconds. Folders count too: that is how a removed file shows. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Runs `npm run build` when dist/slipway is missing or older than what it is made of (a look costs 10 ms, a build 3 s).
 *
 * @throws Error when the build fails; it has said why
 */
export function buildExecutable(say: (line: string) => void): void {
  const built = statSync(executable, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.max(...inputs.map(newest)) < built) return;
  say('# building dist/slipway');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the build of dist/slipway failed');
}
