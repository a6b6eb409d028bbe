/** An empty program compiled the way slipway is: what starting such an executable costs by itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const bun = ['x64', 'aarch64'].map((arch) => resolve(`node_modules/@oven/bun-linux-${arch}/bin/bun`)).find(existsSync);

/** Builds it into build/bench and returns its path. Throws when bun is not installed. */
export const buildEmptyExecutable = (): string => {
  if (bun === undefined) throw new Error('bun is not installed: run npm ci');
  mkdirSync('build/bench', { recursive: true });
  writeFileSync('build/bench/empty.mjs', 'process.exitCode = 0;\n');
  execFileSync(bun, ['build', '--compile', '--minify', '--bytecode', '--format=esm', 'build/bench/empty.mjs', '--outfile=build/bench/empty'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return resolve('build/bench/empty');
};
