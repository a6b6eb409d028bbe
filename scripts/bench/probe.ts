/** `slipway probe --json` against the bare lsblk call and an empty executable of the same kind. */
import { buildEmptyExecutable } from './empty-executable.ts';
import { report, timeInTurns } from './timing.ts';

const [probe = 0, lsblk = 0, empty = 0] = timeInTurns(
  [
    ['dist/slipway', ['probe', '--json']],
    ['lsblk', ['--json', '--bytes', '--output-all']],
    [buildEmptyExecutable(), []],
  ],
  15,
);
report('slipway probe --json, times lsblk plus an empty executable', probe / (lsblk + empty), 3, `${probe.toFixed(0)} ms against ${lsblk.toFixed(0)} + ${empty.toFixed(0)} ms`);
