// Builds dist/slipway: one ESM bundle by esbuild, compiled into a single file by bun.
// `--target=bun-linux-x64-musl` and the like build for other machines, into dist/slipway-<target>.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeBundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv.find((word) => word.startsWith('--target='))?.slice('--target='.length);
const bun = ['x64', 'aarch64'].map((arch) => `${root}node_modules/@oven/bun-linux-${arch}/bin/bun`).find(existsSync);
if (bun === undefined) {
  console.error('bun is not installed: run npm ci (with optional dependencies)');
  process.exit(1);
}

await makeBundle();

// Built under a name of its own and then renamed: a running slipway keeps its file, and nobody starts a half-written one.
const output = `${root}dist/slipway${target === undefined ? '' : `-${target}`}`;
execFileSync(
  bun,
  [
    'build', '--compile', '--minify', '--bytecode', '--splitting', '--format=esm', '--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig',
    ...(target === undefined ? [] : [`--target=${target}`]),
    'dist/bundle/main.mjs', `--outfile=${output}.new`,
  ],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
);
renameSync(`${output}.new`, output);
console.log(`built ${output.slice(root.length)}`);
