/**
 * The stages that the agent executes and never merges: the install-only steps, and apart from them our gates. Pure. Each lies in a
 * directory of its own, because yip drops a whole directory over one file in it that it cannot read (mudler/yip `pkg/executor`
 * dirOps): a gate must never go with what somebody else wrote.
 */
import type { StageStep } from '../../model/stages.ts';
import { namesAfter } from '../../model/stages.ts';
import { jsonAsYaml } from '../../sources/quote.ts';

/** Where the agent waits until we have done our part. */
export const gateNames = ['prepare', 'mark', 'hold'] as const;
export type GateName = (typeof gateNames)[number];

/** Directories below ours. The agent runs a stage through one after the other in the order of `cloud-init-paths`. */
export const stageDirectories = (directory: string): { readonly first: string; readonly steps: string; readonly last: string } => ({
  first: `${directory}/first`,
  steps: `${directory}/steps`,
  last: `${directory}/last`,
});

/** `cloud-init-paths` for the agent: whatever else is executed lies between our gates. */
export const stagePaths = (directory: string, others: readonly string[]): readonly string[] => {
  const { first, steps, last } = stageDirectories(directory);
  return [first, ...others, steps, last];
};

/**
 * The stages that open with a gate or, for `prepare`, end with one: right before the agent partitions, as soon as its
 * partitions are mounted, and when its boot loader is in place.
 */
const gatedStages: readonly { readonly stage: string; readonly gate: GateName; readonly place: 'first' | 'last' }[] = [
  { stage: 'kairos-install.pre.after', gate: 'prepare', place: 'last' },
  { stage: 'kairos-uki-install.pre.after', gate: 'prepare', place: 'last' },
  { stage: 'before-install.before', gate: 'mark', place: 'first' },
  { stage: 'after-install-chroot.before', gate: 'hold', place: 'first' },
];

/** Waits in the agent's stage. A fixed text; `directory` is ours and in the agent's sight, also from its chroot. */
const gateStep = (directory: string, gate: GateName): Readonly<Record<string, unknown>> => ({
  name: `slipway-${gate}`,
  commands: [`: > ${directory}/${gate}.at; while [ -d ${directory} ] && [ ! -e ${directory}/${gate}.go ]; do sleep 0.1 || sleep 1; done`],
});

/** The gates of one place. Nothing in it comes from a configuration; `directory` holds no character that a shell minds. */
export const gateFile = (place: 'first' | 'last', directory: string): string =>
  `${jsonAsYaml({ stages: Object.fromEntries(gatedStages.filter((row) => row.place === place).map(({ stage, gate }) => [stage, [gateStep(directory, gate)]])) })}\n`;

/** The name before the dot in the full name of a step. */
const fileName = 'slipway';

/** Full names of a stage's steps, as yip makes them (`genOpFromSchema`): `after` is looked up by these, never by the plain name. */
const fullNames = (names: readonly string[]): readonly string[] => {
  const repeated = new Set(names).size < names.length;
  return names.map((name, index) => `${fileName}.${repeated ? `${name}.${index}` : name || index}`);
};

/**
 * The install-only steps in their order; what `after` names by a step's own name is given in full. Without a header: yip says nothing of a
 * cloud-config that it cannot read, and it does of a file of its own kind.
 */
export const stageFile = (steps: readonly StageStep[]): string => {
  const stages: Record<string, readonly unknown[]> = {};
  for (const stage of new Set(steps.map((step) => step.stage))) {
    const list = steps.filter((step) => step.stage === stage);
    const names = list.map(({ value }) => String(value['name'] ?? ''));
    const full = fullNames(names);
    stages[stage] = list.map(({ value }) => {
      const after = namesAfter(value).flatMap((wanted) => full.filter((_, index) => names[index] === wanted));
      return after.length === 0 ? value : { ...value, after: after.map((name) => ({ name })) };
    });
  }
  return `${jsonAsYaml({ name: fileName, stages })}\n`;
};
