/**
 * Builds the real kairos-agent into build/kairos-agent, for the tests that hold Slipway against it. Prints the path.
 * Exit code 0: it is there. 3: it cannot be built here, with the reason on standard error.
 *
 * `go install …@version` does not work for it (its go.mod has replace directives): a module of our own requires it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = 'v2.31.4';
const module = 'github.com/kairos-io/kairos-agent/v2';
const folder = fileURLToPath(new URL('../build/kairos-agent/', import.meta.url));
const target = join(folder, 'kairos-agent');

const cannot = (reason) => {
  console.error(`kairos-agent cannot be built here: ${reason}`);
  process.exit(3);
};

if (!existsSync(target)) {
  const go = ['go', '/usr/local/go/bin/go'].find((name) => spawnSync(name, ['version']).status === 0);
  if (go === undefined) cannot('there is no Go toolchain');
  const found = /go(\d+)\.(\d+)/.exec(spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout);
  if (found === null || Number(found[1]) < 1 || (Number(found[1]) === 1 && Number(found[2]) < 26)) cannot('it needs Go 1.26 or newer');
  const work = mkdtempSync(join(tmpdir(), 'kairos-agent-'));
  try {
    writeFileSync(join(work, 'go.mod'), `module agentbuild\n\ngo 1.26\n\nrequire ${module} ${version}\n`);
    const environment = { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
    const built = spawnSync(go, ['build', '-trimpath', '-ldflags=-s -w', '-o', join(work, 'agent'), module], { cwd: work, env: environment, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
    if (built.status !== 0) cannot(`the build failed: ${built.stderr.trim().split('\n').at(-1) ?? ''}`);
    mkdirSync(folder, { recursive: true });
    const fresh = `${target}.new`;
    spawnSync('cp', [join(work, 'agent'), fresh]);
    renameSync(fresh, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
console.log(target);
