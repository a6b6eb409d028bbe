// Builds dist/slipway: one ESM bundle by esbuild, compiled into a single file by bun.
// `--target=bun-linux-x64-musl` and the like build for other machines, into dist/slipway-<target>.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv.find((word) => word.startsWith('--target='))?.slice('--target='.length);
const bun = ['x64', 'aarch64'].map((arch) => `${root}node_modules/@oven/bun-linux-${arch}/bin/bun`).find(existsSync);
if (bun === undefined) {
  console.error('bun is not installed: run npm ci (with optional dependencies)');
  process.exit(1);
}

rmSync(`${root}dist/bundle`, { recursive: true, force: true });
mkdirSync(`${root}dist`, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist/bundle',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  // The console is loaded only when it is needed; React's development build would double its time to the first frame.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  plugins: [
    {
      name: 'no-devtools',
      setup(plugin) {
        plugin.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'empty', namespace: 'empty' }));
        plugin.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {}' }));
      },
    },
  ],
  banner: { js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});

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
