// The program as one bundle of modules, dist/bundle: what `npm run slipway` starts and what scripts/build.mjs compiles. Run by itself, it makes one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Midnight (UTC) of the day of what is built: the same source gives the same program. Without git it is the day of the build. ms */
const day = () => {
  const asked = Number(process.env['SOURCE_DATE_EPOCH'] ?? '') || 0;
  const committed = asked || Number(spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).stdout) || Date.now() / 1000;
  return Math.floor(committed / 86_400) * 86_400_000;
};

/** Made under a name of its own and then renamed: nobody starts a half-written one. */
export const makeBundle = async () => {
  const folder = `dist/bundle-${process.pid}`;
  mkdirSync(`${root}dist`, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    // The console is loaded only when it is needed; React's development build would double its time to the first frame.
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', SLIPWAY_BUILT: String(day()) },
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
  rmSync(`${root}dist/bundle`, { recursive: true, force: true });
  renameSync(`${root}${folder}`, `${root}dist/bundle`);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeBundle();
