// `npm run iso` on any machine: installs what is missing, then hands over to the local Node. Imports no package.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

await prepare();
const { status } = spawnSync('npm', ['run', '--silent', 'iso:build', '--', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
