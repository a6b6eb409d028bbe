// `npm run iso` on any machine: installs what is missing, then hands over to the local Node. Imports no package.
import { spawnSync } from 'node:child_process';
import { installPackages, prepare } from './prepare.mjs';

/** What only the ISO needs: tests and `npm run try` do without. */
const packages = ['mmdebstrap', 'debian-archive-keyring', 'xz-utils', 'kmod'];

await prepare();
installPackages(packages.filter((name) => spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], { encoding: 'utf8' }).stdout !== 'installed'));
const { status } = spawnSync('npm', ['run', '--silent', 'iso:build', '--', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
