// `npm test` on any machine: installs what is missing, then hands over to the local Node. Runs on Node 20, imports no package.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

await prepare();
const { status } = spawnSync('npm', ['run', '--silent', 'test:run', '--', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
