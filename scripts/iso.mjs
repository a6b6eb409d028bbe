// `npm run iso` and `npm run vm` on any machine: installs what is missing, then hands over to the local Node. Imports no package.
//
//     node scripts/iso.mjs SCRIPT [ARGUMENTS]        SCRIPT: iso:build or vm:run
import { spawnSync } from 'node:child_process';
import { windowPackages } from './debian-packages.mjs';
import { installPackages, missingPackages, prepare } from './prepare.mjs';

const [script, ...rest] = process.argv.slice(2);
await prepare({ iso: true, root: 'the live system is built with the owners that its packages say' });
// A window needs a part of QEMU of its own, and that a desktop's libraries.
if (rest.includes('--window')) installPackages(missingPackages(Object.keys(windowPackages)));
const { status } = spawnSync('npm', ['run', '--silent', script, '--', ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
