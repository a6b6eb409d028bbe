/** An order of steps that cannot be is refused before anything is written, by name and place. */
import { describe, expect, test } from 'vitest';
import type { StageStep } from '../../src/model/stages.ts';
import { checkAgentStages } from '../../src/plan/agent-stages.ts';
import { agentPlan } from './agent-plan.ts';

const step = (stage: string, index: number, name: string | null, after: readonly string[] = [], file = 'installer-data'): StageStep => ({
  stage,
  file,
  index,
  value: { ...(name === null ? {} : { name }), ...(after.length === 0 ? {} : { after: after.map((wanted) => ({ name: wanted })) }) },
});

const told = (steps: readonly StageStep[]): readonly string[] => checkAgentStages(steps).map(({ id, where, what }) => `${id} ${where} ${what}`);

describe('steps that run after others', () => {
  test('pass when each of those is there and comes to its turn, also from another file', () => {
    expect(told([step('before-install', 0, 'a'), step('before-install', 1, 'b', ['a']), step('before-install', 0, null, ['a', 'b'], 'user-data')])).toEqual([]);
    expect(told([step('before-install', 0, null), step('before-install', 1, null), step('after-install', 0, 'a')])).toEqual([]);
  });

  test('name one that is not there, or is in another stage', () => {
    expect(told([step('before-install', 0, 'a'), step('after-install', 1, 'b', ['a'])])).toEqual(['stage-after-missing installer-data: stages.after-install[1].after no step of this stage is called "a"']);
    expect(told([step('before-install', 0, null, [''])])).toEqual(['stage-after-missing installer-data: stages.before-install[0].after names no step']);
  });

  test('go in a circle, also by the step before', () => {
    expect(told([step('before-install', 0, 'a', ['b']), step('before-install', 1, 'b', ['a'])])).toEqual([
      'stage-after-circle installer-data: stages.before-install[0].after the step "a" is to run after itself, by way of "b"',
      'stage-after-circle installer-data: stages.before-install[1].after the step "b" is to run after itself, by way of "a"',
    ]);
    expect(told([step('before-install', 0, 'a', ['b']), step('before-install', 1, 'b')])).toHaveLength(1);
  });

  test('are looked at in the plan for kairos-agent', () => {
    const outcome = agentPlan({ steps: [step('before-install', 0, 'a', ['missing'])] });
    expect(outcome.planned).toBeNull();
    expect(outcome.problems).toContainEqual(expect.objectContaining({ id: 'stage-after-missing', severity: 'error' }));
    expect(agentPlan({ steps: [step('before-install', 0, 'a')] }).planned).not.toBeNull();
  });
});
