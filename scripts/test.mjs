// `npm test`, `npm run test:vm` and `npm run soak` on any machine: installs what is missing, then hands over to the local Node. Runs on
// Node 20, imports no package.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

const words = process.argv.slice(2);
const machines = words.includes('--vm') || words.includes('--soak');
await prepare(machines ? { iso: true, root: 'the live system is built with the owners that its packages say' } : {});
const { status } = spawnSync('npm', ['run', '--silent', 'test:run', '--', ...words], { stdio: 'inherit' });
process.exit(status ?? 1);
