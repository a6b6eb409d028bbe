// Brings a machine to where `npm run try` and `npm test` can work: Debian packages and npm packages.
// Plain JavaScript without packages, since it runs under whatever Node (20 or newer) the machine has.
//
//     node scripts/prepare.mjs        installs what is missing; a fraction of a second when nothing is
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianPackages, isoPackages, windowPackages } from './debian-packages.mjs';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const logFile = join(project, 'build/prepare.log');

/** A machine that cannot be prepared; the message says what to do and is all there is to show. */
export class NotPrepared extends Error {}

const say = (text) => console.error(`# ${text}`);
const isRoot = () => process.getuid?.() === 0;

/**
 * Runs a command silently into build/prepare.log.
 *
 * @throws {NotPrepared} with the end of the log when it fails
 */
function run(command, args, env = {}) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const { status, error } = spawnSync(command, args, { cwd: project, env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  if (status === 0) return;
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  throw new NotPrepared(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''} (all of it: build/prepare.log)\n${tail}`);
}

/** @throws {NotPrepared} on a system that these scripts cannot prepare */
export function checkSystem() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 20) throw new NotPrepared(`Node ${process.versions.node} is too old: 20 or newer is needed.`);
  const dpkg = process.platform === 'linux' && spawnSync('dpkg', ['--print-architecture'], { encoding: 'utf8' });
  if (!dpkg || dpkg.status !== 0) {
    throw new NotPrepared('This is not a Debian system. Use Debian 12 (a container of it will do), as root, with Node 20 or newer.');
  }
  const architecture = dpkg.stdout.trim();
  if (architecture !== 'amd64')
    throw new NotPrepared(`This machine is ${architecture}; the sample system and its virtual machines are made for amd64.`);
}

/** Which of these packages are not installed. */
export function missingPackages(names = Object.keys(debianPackages)) {
  // Fails when it has never heard of one of them, but lists the others all the same.
  const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status} ${Package}\n', ...names], { encoding: 'utf8' });
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  );
  return names.filter((name) => !installed.has(name));
}

/** @throws {NotPrepared} without root, or when apt fails */
export function installPackages(names) {
  if (names.length === 0) return;
  if (!isRoot()) {
    const reasons = names.map((name) => `  ${name}: ${{ ...debianPackages, ...isoPackages, ...windowPackages }[name]}`).join('\n');
    throw new NotPrepared(
      `These Debian packages are missing, and only root can install them:\n${reasons}\nAs root: apt-get install --no-install-recommends ${names.join(' ')}`,
    );
  }
  say(`installing Debian packages: ${names.join(' ')}`);
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update'], quiet);
  run('apt-get', ['install', '--yes', '--no-install-recommends', ...names], quiet);
}

/** True when node_modules is what package-lock.json says, as far as npm's own note of the last install tells. */
export function nodeModulesAreFresh() {
  const note = join(project, 'node_modules/.package-lock.json');
  return existsSync(note) && statSync(note).mtimeMs >= statSync(join(project, 'package-lock.json')).mtimeMs;
}

/** @throws {NotPrepared} when npm fails */
export function installNodeModules() {
  if (nodeModulesAreFresh()) return;
  say('installing npm packages from package-lock.json');
  run('npm', ['ci', '--ignore-scripts']);
}

/**
 * Does all of it, and ends the process with exit code 1 and a plain message when that cannot be done.
 *
 * @param {{root?: string, iso?: boolean}} [options] `root`: what needs root, for the message; without it root is asked for only to install
 *   packages. `iso`: the packages that the live ISO needs, too
 */
export async function prepare(options = {}) {
  try {
    checkSystem();
    if (options.root !== undefined && !isRoot()) {
      throw new NotPrepared(`This needs root: ${options.root}. Run it as root, for example with sudo -E.`);
    }
    installPackages(missingPackages([...Object.keys(debianPackages), ...(options.iso === true ? Object.keys(isoPackages) : [])]));
    installNodeModules();
  } catch (error) {
    if (!(error instanceof NotPrepared)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare();
