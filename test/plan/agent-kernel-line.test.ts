/** What kairos-agent would run from the kernel line inside the new system is refused before anything is written. */
import { describe, expect, test } from 'vitest';
import type { StageStep } from '../../src/model/stages.ts';
import { checkAgentKernelLine } from '../../src/plan/agent-kernel-line.ts';
import { agentPlan } from './agent-plan.ts';

const step = (stage: string): StageStep => ({ stage, file: 'http://host/user-data', index: 0, value: { commands: ['true'] } });
const where = (line: string, steps: readonly StageStep[] = []): readonly string[] => checkAgentKernelLine(line, steps).map((problem) => problem.where);

describe('words of the kernel line that reach the chroot of the target', () => {
  test('are refused where they run steps there', () => {
    expect(where('quiet cos.setup=http://host/x')).toEqual(['kernel line, cos.setup']);
    expect(where('stages.after-install-chroot[0].commands[0]=reboot')).toEqual(['kernel line, stages.after-install-chroot[0].commands[0]']);
    expect(where('kairos.config_url=http://host/user-data', [step('after-install-chroot.before')])).toEqual(['kernel line, kairos.config_url']);
  });

  test('are fine where they do not', () => {
    expect(where('stages.before-install[0].commands[0]=reboot quiet config_url=http://host/user-data', [step('after-install-chroot')])).toEqual([]);
    expect(where('kairos.config_url=http://host/user-data', [step('after-install')])).toEqual([]);
  });

  test('are looked at in the plan for kairos-agent', () => {
    expect(agentPlan({}).planned).not.toBeNull();
    const outcome = agentPlan({ kernelLine: 'cos.setup=http://host/x' });
    expect(outcome.planned).toBeNull();
    expect(outcome.problems).toContainEqual(expect.objectContaining({ id: 'kernel-line-stages', severity: 'error' }));
  });
});

describe('partitions given by flags, with kairos-agent (invariant 7)', () => {
  const partition = ['extra.data.size=1024,fs=ext4,label=DATA', 'persistent.size=2048'];

  test('are in the plan, and what the engine hands over says which of them has a size of its own', () => {
    const { planned } = agentPlan({ partition });
    expect(planned?.plan.layout.slice(-2).map(({ name, size }) => [name, size / 1024 ** 2])).toEqual([
      ['persistent', 2048],
      ['data', 1024],
    ]);
    expect(planned?.material.fixedPersistent).toBe(true);
    expect(agentPlan({}).planned?.material.fixedPersistent).toBe(false);
  });

  test('are refused under Trusted Boot, where the agent would not heed them', () => {
    expect(agentPlan({ partition, uki: true }).problems).toContainEqual(expect.objectContaining({ id: 'partition-uki', severity: 'error', where: '--partition' }));
    expect(agentPlan({ partition: partition.slice(0, 1), uki: true }).problems.filter(({ id }) => id === 'partition-uki')).toEqual([]);
  });
});
