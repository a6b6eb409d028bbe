/**
 * Runs every check in order and counts. Without arguments: types, lint, build, unit, screen and terminal tests. With `--vm`: the tests in
 * virtual machines; with `--soak`: those too that take too long for every change.
 * The last line is `N passed, N failed`; the exit code is 1 when anything failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { leftOut, shortened } from '../test/vm/left-out.ts';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string; readonly duration?: number | null }[] }[];
}

const soak = process.argv.includes('--soak');
const machines = soak || process.argv.includes('--vm');
if (soak) process.env['SLIPWAY_SOAK'] = '1';

const totals = { passed: 0, failed: 0, skipped: 0 };

const run = (command: string, args: readonly string[]): boolean => {
  const begin = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  console.log(`# ${[command, ...args].join(' ')}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  return status === 0;
};

const check = (command: string, args: readonly string[]): boolean => {
  const ok = run(command, args);
  if (ok) totals.passed += 1;
  else totals.failed += 1;
  return ok;
};

const vitest = (name: string, args: readonly string[]): void => {
  const report = `build/test/${name}.json`;
  rmSync(report, { force: true });
  const ok = run('vitest', ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  try {
    const counted = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    totals.passed += counted.numPassedTests;
    totals.failed += counted.numFailedTests;
    totals.skipped += counted.numPendingTests;
    for (const file of counted.testResults) {
      for (const test of file.assertionResults) {
        if (test.status === 'pending' || test.status === 'skipped') console.log(`# skipped: ${test.fullName}`);
        else if (machines) console.log(`# ${((test.duration ?? 0) / 1000).toFixed(0).padStart(4)} s  ${test.status}: ${test.fullName}`);
      }
    }
    // A file that cannot even be loaded has no failed tests, but it has failed.
    if (!ok && counted.numFailedTests === 0) totals.failed += 1;
  } catch {
    totals.failed += 1;
  }
};

mkdirSync('build/test', { recursive: true });
if (!machines) {
  check('npm', ['run', '--silent', 'typecheck']);
  check('npm', ['run', '--silent', 'lint']);
}
if (check('npm', ['run', '--silent', 'build'])) {
  check('node', ['scripts/sample-source/build.ts']);
  if (!machines) vitest('unit', []);
  else if (check('node', ['scripts/iso/build.ts'])) vitest('vm', ['--config', 'vitest.vm.config.ts', ...process.argv.slice(2).filter((word) => word !== '--vm' && word !== '--soak')]);
}
if (machines && !soak) {
  console.log('# left out here and run by npm run soak: what is skipped above and says so, and');
  for (const what of shortened) console.log(`#   ${what}`);
  for (const { file, what } of leftOut) console.log(`#   test/vm/${file}: ${what}`);
}
console.log(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
