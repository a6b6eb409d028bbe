// Builds the real kairos-agent into build/kairos-agent/kairos-agent, for the live ISO and for tests against it. Needs a Go
// toolchain (1.26 or newer) and the Go module proxy that it is set up with. Says plainly when it cannot, and ends with 1.
//
//     node scripts/kairos-agent.mjs [--fresh]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const module = 'github.com/kairos-io/kairos-agent/v2';
const version = 'v2.31.4';
const output = fileURLToPath(new URL('../build/kairos-agent/kairos-agent', import.meta.url));

const giveUp = (why) => {
  console.error(`kairos-agent ${version} cannot be built here: ${why}`);
  console.error('Tests against it are skipped and the live ISO goes without it; KAIROS_AGENT_BIN names one that is there already.');
  process.exit(1);
};

if (existsSync(output) && !process.argv.includes('--fresh')) {
  console.log(`up to date: ${output}`);
  process.exit(0);
}

const go = ['go', '/usr/local/go/bin/go'].find((program) => spawnSync(program, ['version']).status === 0);
if (go === undefined) giveUp('there is no Go toolchain (1.26 or newer is needed)');
const found = /go(\d+)\.(\d+)/.exec(spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout ?? '');
if (found === null || Number(found[1]) < 1 || (Number(found[1]) === 1 && Number(found[2]) < 26)) giveUp(`Go ${found?.[0] ?? 'of an unknown version'} is too old, 1.26 or newer is needed`);

// A module of its own that requires the agent: `go install MODULE@VERSION` asks the proxy for a list of all versions, which not every
// proxy has; a requirement is looked up by itself.
const work = mkdtempSync(join(tmpdir(), 'kairos-agent-'));
let status = null;
let words = '';
try {
  writeFileSync(join(work, 'go.mod'), `module agent\n\ngo 1.26\n\nrequire ${module} ${version}\n`);
  const made = join(work, 'kairos-agent');
  const built = spawnSync(go, ['build', '-trimpath', '-ldflags', `-s -w -X ${module}/internal/common.VERSION=${version}`, '-o', made, module], {
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
  });
  status = built.status;
  words = `${built.stderr ?? ''}${built.error?.message ?? ''}`.trim().split('\n').slice(-3).join(' / ');
  if (status === 0) {
    mkdirSync(join(output, '..'), { recursive: true });
    spawnSync('mv', ['-f', made, `${output}.new`]);
    renameSync(`${output}.new`, output);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
// The words of Go may name a proxy; its address is nobody's business in a log.
if (status !== 0) giveUp(words.replaceAll(/https?:\/\/[^\s"]+/g, 'the module proxy') || 'go build failed');
console.log(`built: ${output}`);
