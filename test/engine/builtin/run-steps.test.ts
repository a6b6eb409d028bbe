/** The steps of the builtin engine with the variables of `env`, by the real shell, in a folder in the place of the namespace. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createStepRunner } from '../../../src/engine/builtin/run-steps.ts';
import type { StageNamespace } from '../../../src/engine/builtin/stage-namespace.ts';
import { stageEnvironment } from '../../../src/engine/environment.ts';
import type { InstallMaterial } from '../../../src/model/plan.ts';
import { checkInstallBlock } from '../../../src/plan/install-block.ts';
import { createRealSystem } from '../../../src/system/real.ts';

const workspace = mkdtempSync(join(tmpdir(), 'slipway-steps-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

test('env and install.env are what conditions and commands find, and stand in no argument (invariant 6)', async () => {
  mkdirSync(join(workspace, 'run'));
  const programs: string[] = [];
  const namespace = {
    workspace,
    command: (program: readonly string[]) => {
      programs.push(program.join(' '));
      return program.map((word) => word.replace('/run/slipway-stage', `${workspace}/run/slipway-stage`));
    },
  } as unknown as StageNamespace;
  const material = {
    items: [{ file: 'user-data', keyPath: ['env', 0], value: "TOKEN=it's a S3CRET", searched: true }, { file: 'user-data', keyPath: ['env', 1], value: 'OVER=one', searched: true }],
    install: { env: ['OVER=two'] },
  } as unknown as InstallMaterial;
  const step = { stage: 'before-install', from: 'x', directories: [], files: [], condition: '[ "$OVER" = two ]', commands: ['echo "$TOKEN"', 'exit 3'] };
  const runner = await createStepRunner(createRealSystem(), namespace, [step, { ...step, condition: '[ "$OVER" = one ]' }], stageEnvironment(material).text);
  const lines: string[] = [];
  expect(await runner.run('before-install', new AbortController().signal, (line) => lines.push(line))).toEqual([{ from: 'x', what: 'commands[1] ended with exit code 3' }]);
  expect(lines).toEqual(["it's a S3CRET", 'skipped x: its "if" does not hold']);
  expect(programs.join()).not.toContain('S3CRET');
  expect(readdirSync(`${workspace}/run/slipway-stage`)).not.toContain('command');
  expect(checkInstallBlock(material.install ?? {})).toEqual([]);
});
