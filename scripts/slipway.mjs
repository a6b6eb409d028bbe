// `npm run slipway -- …`: the program as its source is now. The bundle is made where it is missing or older than what it is made from.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = `${root}dist/bundle/main.mjs`;
const sources = ['src', 'screens', 'package-lock.json', 'scripts/bundle.mjs'];

/** When something in there was changed last; a file that was taken away changes its folder. ms */
const changedAt = (path) => {
  const found = statSync(path);
  return found.isDirectory() ? Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changedAt(`${path}/${name}`))) : found.mtimeMs;
};

if (!existsSync(`${root}node_modules/esbuild`)) {
  console.error('slipway: npm packages are missing; run npm ci first');
  process.exit(70);
}
if (!existsSync(bundle) || sources.some((name) => changedAt(`${root}${name}`) > statSync(bundle).mtimeMs)) await (await import('./bundle.mjs')).makeBundle();
await import(bundle);
