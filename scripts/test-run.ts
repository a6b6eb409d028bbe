/**
 * Runs every check in order and counts: types, lint, build, unit and screen and terminal tests, the boot in a virtual machine; with
 * `--journeys` the long journeys in virtual machines instead.
 * The last line is `N passed, N failed`; the exit code is 1 when anything failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

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
      }
    }
    // A file that cannot even be loaded has no failed tests, but it has failed.
    if (!ok && counted.numFailedTests === 0) totals.failed += 1;
  } catch {
    totals.failed += 1;
  }
};

const journeys = process.argv.includes('--journeys');

mkdirSync('build/test', { recursive: true });
if (!journeys) {
  check('npm', ['run', '--silent', 'typecheck']);
  check('npm', ['run', '--silent', 'lint']);
}
if (check('npm', ['run', '--silent', 'build'])) {
  check('node', ['scripts/sample-source/build.ts']);
  if (journeys) {
    vitest('journeys', ['--config', 'vitest.journeys.config.ts']);
  } else {
    vitest('unit', []);
    vitest('vm', ['--config', 'vitest.vm.config.ts']);
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
