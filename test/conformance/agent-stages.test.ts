/** Gates and install-only steps, held against the real kairos-agent: the last look at the disk comes whatever a configuration holds (invariant 2). */
import { describe, expect, test } from 'vitest';
import { composeConfig, installMap } from '../../src/engine/kairos-agent/config.ts';
import { stagePaths } from '../../src/engine/kairos-agent/stage-files.ts';
import { checkAgentStages } from '../../src/plan/agent-stages.ts';
import { stripInstallerData } from '../../src/scrub/strip.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { gateDirectory, stagesHere } from '../engine/kairos-agent/agent-stages.ts';
import { here, inside, whyNot } from '../engine/kairos-agent/namespace-root.ts';

const rows = (output: string, word: string): readonly string[] => output.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));

const steps = (text: string) => stripInstallerData(`#cloud-config\n${text}`, 'installer-data').steps;

/** Notes in the trail whether a gate was reached before. */
const look = (gate: string): string => `[ -e ${gateDirectory}/${gate}.at ] && echo ${gate}-reached >> /run/trail || echo ${gate}-ahead >> /run/trail`;

const tell = `sed 's/^/TRAIL /' /run/trail 2> /dev/null || true; ls ${gateDirectory} | sed 's/^/GATE /'`;

/** One stage with the gates open. `others` are directories of the configuration's own. */
const runStage = (stage: string, given: Parameters<typeof stagesHere>[0], others: readonly string[] = [], before = '') =>
  inside(`${before}${stagesHere(given)}for gate in prepare mark hold; do : > ${gateDirectory}/$gate.go; done
$AGENT run-stage ${stagePaths(gateDirectory, others).map((path) => `--cloud-init-paths ${path}`).join(' ')} ${stage} > /run/said 2>&1 && status=0 || status=$?
echo "STATUS $status"; ${tell}`);

/** An install to a disk that is not there, as the engine starts it; the gate \`prepare\` is shut. */
const install = (given: Parameters<typeof stagesHere>[0]) => {
  const map = installMap({ install: {}, device: '/dev/nosuchdisk', layout: [], fixedPersistent: false, grubOptions: {}, uki: false, source: null });
  const config = composeConfig('#cloud-config\nusers: [{name: op, groups: [admin]}]\n', { install: map, 'cloud-init-paths': stagePaths(gateDirectory, ['/run/theirs']) });
  return inside(`${here('/run/config.yaml', config)}${here('/run/theirs/broken.yaml', 'stages: [\n')}${stagesHere(given)}mkdir -p /run/source /run/tmp
TMPDIR=/run/tmp timeout 8 $AGENT manual-install --source dir:/run/source /run/config.yaml > /run/said 2>&1 && status=0 || status=$?
echo "STATUS $status"; ${tell}`);
};

const raw = (character: string): string => `#cloud-config\n{"stages":{"kairos-install.pre":[{"commands":["printf '${character}'"]}]}}\n`;

/** What yip reads nothing of. */
const broken: readonly (readonly [string, string])[] = [
  ['DEL', raw('\u007f')],
  ['a C1 control', raw('\u009b')],
  ['half a character', raw(String.raw`\ud800`)],
  ['a negative size', '#cloud-config\n{"stages":{"kairos-install.pre":[{"layout":{"add_partitions":[{"size":-5}]}}]}}\n'],
  ['no YAML', 'stages: [\n'],
];

describe.skipIf(whyNot !== null)(`gates of the real kairos-agent${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  const own = steps(`stages:
  kairos-install.pre.after: [{commands: [${JSON.stringify(look('prepare'))}]}]
  before-install.before: [{commands: [${JSON.stringify(look('mark'))}]}]
  after-install-chroot.before: [{commands: [${JSON.stringify(look('hold'))}]}]
`);
  const theirs = here('/run/theirs/x.yaml', `stages: {kairos-install.pre.after: [{commands: ['${look('prepare')}']}], before-install.before: [{commands: ['${look('mark')}']}]}\n`);

  test.each([
    ['kairos-install.pre', 'prepare', 'prepare-ahead', 1],
    ['before-install', 'mark', 'mark-reached', 1],
    ['after-install-chroot', 'hold', 'hold-reached', 0],
  ] as const)('%s: the gate %s is on the right side of all steps', (stage, gate, expected, foreign) => {
    const { stdout } = runStage(stage, own, ['/run/theirs'], theirs);
    expect(rows(stdout, 'TRAIL')).toEqual(Array.from({ length: 1 + foreign }, () => expected));
    expect(rows(stdout, 'GATE')).toContain(`${gate}.at`);
  });

  test.each(broken)('%s beside them: all are reached, in install and stage alike (invariant 2)', (_, text) => {
    const { stdout } = install(text);
    expect(rows(stdout, 'STATUS')).toEqual(['124']);
    expect(rows(stdout, 'GATE')).toContain('prepare.at');
    for (const [stage, gate] of [['before-install', 'mark'], ['after-install-chroot', 'hold']] as const) expect(rows(runStage(stage, text).stdout, 'GATE')).toContain(`${gate}.at`);
  });

  test('steps with characters that it would not read raw are run', () => {
    const text = String.raw`stages: {before-install: [{commands: ["printf '\x7F\x9B\u2028\uFEFF' | od -An -tx1 >> /run/trail"]}]}`;
    expect(checkInstallerData(`#cloud-config\n${text}\n`, 'x')).toEqual([]);
    expect(rows(runStage('before-install', steps(text)).stdout, 'TRAIL')).toEqual([' 7f c2 9b e2 80 a8 ef bb bf']);
  });

  test.each([
    ['[{name: a, after: [{name: b}], commands: [echo a >> /run/trail]}, {name: b, after: [{name: c}], commands: [echo b >> /run/trail]}, {name: c, after: [], commands: [echo c >> /run/trail]}]', 'stage-after-circle'],
    ['[{name: c, commands: [echo c >> /run/trail]}, {name: a, after: [{name: b}], commands: [echo a >> /run/trail]}, {name: b, after: [{name: c}], commands: [echo b >> /run/trail]}]', null],
    ['[{name: a, after: [{name: missing}]}]', 'stage-after-missing'],
    ['[{name: a, after: [{}]}]', 'stage-after-missing'],
    // Nothing of this stage is run, and nothing is said.
    ['[{name: a, after: [{name: a}], commands: [echo a >> /run/trail]}]', 'stage-after-circle', '0'],
    ['[{name: a, after: [{name: b}]}, {name: b, after: [{name: a}]}]', 'stage-after-circle'],
    ['[{name: a, after: [{name: b}]}, {name: b}]', 'stage-after-circle'],
    ['[{name: a}, {name: a}, {after: [{name: a}], commands: [echo ran >> /run/trail]}]', null],
  ])('an order is refused where it would end in a panic or leave steps out, and only there: %s', (list, expected, status = expected === null ? '0' : '2') => {
    const given = steps(`stages: {before-install: ${list}}`);
    const ids = checkAgentStages(given).map(({ id }) => id);
    const { stdout } = runStage('before-install', given);
    expect(ids[0] ?? null).toBe(expected);
    expect(rows(stdout, 'STATUS')).toEqual([status]);
    expect(rows(stdout, 'TRAIL').join('')).toMatch(expected === null ? /^(?:cba|ran)$/ : /^$/);
  });
});
