// `npm run try`: installs what is missing, then hands over to scripts/try.ts under the local Node. Runs on Node 20, imports no package.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

await prepare({ root: 'the install-only stages of a configuration run in namespaces of their own' });
const { status } = spawnSync('npm', ['run', '--silent', 'try:run', '--', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
