/** What kairos-agent would not survive in install-only steps: yip panics over an order that cannot be, perhaps with the disk half written. */
import type { Problem } from '../model/problem.ts';
import { formatKeyPath } from '../model/problem.ts';
import type { StageStep } from '../model/stages.ts';
import { namesAfter } from '../model/stages.ts';

interface Ordered {
  readonly step: StageStep;
  readonly name: string;
  /** Names that `after` gives. */
  readonly after: readonly string[];
  /** Positions in the stage of what must have run before. */
  readonly needs: readonly number[];
}

/** A step runs after those that it names, or else after the one before it (yip `genOpFromSchema`). */
const orderOf = (steps: readonly StageStep[]): readonly Ordered[] => {
  const names = steps.map(({ value }) => String(value['name'] ?? ''));
  return steps.map((step, index) => {
    const after = namesAfter(step.value);
    const named = after.flatMap((wanted) => names.flatMap((name, position) => (name === wanted && name !== '' ? [position] : [])));
    return { step, name: names[index] ?? '', after, needs: after.length > 0 || index === 0 ? named : [index - 1] };
  });
};

/** Positions of the steps that can never begin: those in a circle, and what comes after them. */
const stuckIn = (stage: readonly Ordered[]): ReadonlySet<number> => {
  const left = new Set(stage.keys());
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const position of left) {
      if (stage[position]?.needs.every((need) => !left.has(need)) === true) left.delete(position);
    }
  }
  return left;
};

const refuse = (step: StageStep, id: string, what: string, hint: string): Problem => ({
  id,
  severity: 'error',
  what,
  where: `${step.file}: ${formatKeyPath(['stages', step.stage, step.index, 'after'])}`,
  hint,
});

const checkStage = (steps: readonly StageStep[]): readonly Problem[] => {
  const stage = orderOf(steps);
  const known = new Set(stage.map(({ name }) => name).filter((name) => name !== ''));
  const missing = stage.flatMap(({ step, after }) =>
    after
      .filter((name) => !known.has(name))
      .map((name) => refuse(step, 'stage-after-missing', name === '' ? 'names no step' : `no step of this stage is called "${name}"`, 'write "- name:" and the name of a step of the same stage')),
  );
  if (missing.length > 0) return missing;
  const stuck = stuckIn(stage);
  return stage.flatMap(({ step, name, after }, position) =>
    stuck.has(position) && after.length > 0
      ? [refuse(step, 'stage-after-circle', `the step ${name === '' ? step.index : `"${name}"`} is to run after itself, by way of ${after.map((other) => `"${other}"`).join(', ')}`, 'a step without "after" runs after the one before it; take one of the names out')]
      : [],
  );
};

/** Every step that asks for an order that cannot be, by name and place. */
export const checkAgentStages = (steps: readonly StageStep[]): readonly Problem[] =>
  [...new Set(steps.map(({ stage }) => stage))].flatMap((name) => checkStage(steps.filter(({ stage }) => stage === name)));
