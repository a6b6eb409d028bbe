import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeGateDirectory } from '../../../src/engine/kairos-agent/gates.ts';
import { gateFile, stageDirectories, stageFile, stagePaths } from '../../../src/engine/kairos-agent/stage-files.ts';
import { createRealSystem } from '../../../src/system/real.ts';

interface Step {
  readonly name?: string;
  readonly commands?: readonly string[];
  readonly after?: readonly { readonly name: string }[];
}

const step = (stage: string, index: number, value: Record<string, unknown>) => ({ stage, file: 'installer-data', index, value });

const stagesOf = (text: string): Record<string, Step[]> => (parse(text) as { stages: Record<string, Step[]> }).stages;

describe('the stage file', () => {
  test('the steps are all there, in their order, each once, and no gate', () => {
    const stages = stagesOf(
      stageFile([
        step('kairos-install.pre.after', 0, { commands: ['one'] }),
        step('before-install.before', 0, { commands: ['two'] }),
        step('after-install-chroot', 0, { files: [{ path: '/x', permissions: 420, content: "it's: #1\n" }] }),
        step('kairos-install.pre.after', 1, { commands: ['three'] }),
      ]),
    );
    expect(stages).toEqual({
      'kairos-install.pre.after': [{ commands: ['one'] }, { commands: ['three'] }],
      'before-install.before': [{ commands: ['two'] }],
      'after-install-chroot': [{ files: [{ path: '/x', permissions: 420, content: "it's: #1\n" }] }],
    });
  });

  test('what a reader of YAML refuses or takes for a line break is escaped, and means the same', () => {
    const command = 'printf "\u007f\u0080\u0085\u009b\u009f\u2028\u2029\ufeff\ufffe\uffff\u{1F600}ü"';
    const text = stageFile([step('before-install', 0, { commands: [command] })]);
    expect(text).not.toMatch(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/);
    expect(stagesOf(text)['before-install']?.[0]?.commands).toEqual([command]);
  });

  test('"after" names steps in full, as yip looks them up: also where names are repeated or left out', () => {
    const after = (...names: readonly string[]) => names.map((name) => ({ name }));
    expect(stagesOf(stageFile([step('before-install', 0, { name: 'a', after: after('b') }), step('before-install', 1, { name: 'b', after: after('c') }), step('before-install', 2, { name: 'c', after: [] })]))).toEqual({
      'before-install': [{ name: 'a', after: after('slipway.b') }, { name: 'b', after: after('slipway.c') }, { name: 'c', after: [] }],
    });
    const repeated = stagesOf(stageFile([step('before-install', 0, { name: 'a' }), step('before-install', 1, { name: 'a', after: after('a') }), step('before-install', 2, { after: after('a') })]));
    expect(repeated['before-install']?.[2]?.after).toEqual(after('slipway.a.0', 'slipway.a.1'));
  });
});

describe('the gates', () => {
  test('are fixed texts, in directories of their own around all that others wrote', () => {
    const { first, steps, last } = stageDirectories('/dev/slipway-0011');
    expect(stagePaths('/dev/slipway-0011', ['/x', '/y'])).toEqual([first, '/x', '/y', steps, last]);
    expect(new Set([first, steps, last]).size).toBe(3);
    const names = (place: 'first' | 'last') => Object.entries(stagesOf(gateFile(place, '/dev/slipway-0011'))).map(([stage, list]) => [stage, ...list.map(({ name }) => name)]);
    expect(names('first')).toEqual([
      ['before-install.before', 'slipway-mark'],
      ['after-install-chroot.before', 'slipway-hold'],
    ]);
    expect(names('last')).toEqual([
      ['kairos-install.pre.after', 'slipway-prepare'],
      ['kairos-uki-install.pre.after', 'slipway-prepare'],
    ]);
  });

  test.skipIf(process.getuid?.() !== 0)('lie in the directory as soon as it is there, readable by root alone', async () => {
    const system = createRealSystem();
    const directory = await makeGateDirectory(system);
    try {
      const { first, steps, last } = stageDirectories(directory);
      expect(readFileSync(`${first}/gates.yaml`, 'utf8')).toBe(gateFile('first', directory));
      expect(readFileSync(`${last}/gates.yaml`, 'utf8')).toBe(gateFile('last', directory));
      expect(readdirSync(steps)).toEqual([]);
      for (const path of [directory, first, steps, last]) expect(statSync(path).mode & 0o777).toBe(0o700);
    } finally {
      await system.cleanup.run();
    }
  });
});
