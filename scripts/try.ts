/**
 * What `npm run try` does once the machine is prepared: builds what changed, makes a data volume from the
 * factory example, and runs the real program on it, into a disk image file.
 *
 * Arguments go on to slipway. Without a terminal, or with `--unattended`, it asks nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { buildSampleSource } from './sample-source/build.ts';
import { makeDataVolume } from './try/data-volume.ts';
import { buildExecutable } from './try/executable.ts';
import { latestReceipt } from './try/latest-receipt.ts';

const folder = 'build/try';
const disk = `${folder}/disk.img`;
const dataVolume = `${folder}/data-volume.iso`;

const given = process.argv.slice(2);
// With --json, slipway's events are all that may stand on standard output.
const say = given.includes('--json') ? console.error : console.log;

process.chdir(new URL('..', import.meta.url).pathname);
mkdirSync(folder, { recursive: true });

/** Everything that slipway is started with. Gives the sample system's root, relative to here. */
async function makeParts(): Promise<string> {
  buildExecutable(say);
  const source = await buildSampleSource();
  if (source.built) say(`# built the sample system (Linux ${source.kernel})`);
  makeDataVolume('cloud-configs/examples/factory', dataVolume);
  return relative('.', source.root);
}

const root = await makeParts().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

const unattended = given.includes('--unattended') || !process.stdin.isTTY || !process.stdout.isTTY;
const consent = unattended ? ['--unattended', '--allow-data-loss', '--reinstall'] : [];
const rest = given.filter((word) => !consent.includes(word));
const args = [
  'install',
  ...['--data-volume', dataVolume, '--target-image', disk, '--image-size', '8G', '--engine', 'builtin'],
  ...['--source', `dir:${root}`, '--receipt', folder],
  ...consent,
  ...rest,
];

say(`# dist/slipway ${args.join(' ')}\n`);
const begin = Date.now();
// The terminal sends Ctrl-C to both: slipway decides what it means, this process stays for the exit code.
process.on('SIGINT', () => {});
const { status, signal, error } = spawnSync('dist/slipway', args, { stdio: 'inherit' });
if (error) console.error(`cannot start dist/slipway: ${error.message}`);
process.exitCode = status ?? 1;

if (signal !== null) console.error(`dist/slipway was ended by ${signal}`);
else if (status === 0) {
  const receipt = latestReceipt(folder, begin);
  say(`\nimage      ${disk}`);
  if (receipt !== undefined) {
    say(`receipt    ${receipt.file}`);
    say(`scrubbed   ${receipt.removed.join('\n           ') || 'nothing was install-only'}`);
    say(`proof      ${receipt.proof}`);
  }
  say('boot it    npm run try:boot    (BIOS; for UEFI: npm run try:boot -- --uefi)');
}
