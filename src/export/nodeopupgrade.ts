/** NodeOpUpgrade: upgrade nodes from the cluster, a few first. Pure. */
import { nodeOpUpgradeSchema } from './schemas.ts';
import type { NodeOpUpgrade } from './schemas.ts';
import { kubectl, printManifests } from './print.ts';
import { narrow, selectorText } from './selector.ts';
import type { Selector } from './selector.ts';

export interface NodeOpUpgradeOptions {
  readonly name: string;
  readonly namespace: string | null;
  readonly image: string;
  readonly selector: Selector;
  readonly concurrency: number;
  readonly stopOnFailure: boolean;
  /** Upgrade the recovery system, too. */
  readonly recovery: boolean;
  readonly excludePaths: readonly string[];
  /** A first, smaller round among the selected nodes: those with this one label, one at a time, nothing after a failure. */
  readonly canary: Selector | null;
}

/** With it `kubectl apply -l` takes one round out of the file. */
const roundLabel = 'slipway/round';

/** What the operator's name for the first round ends with. */
export const canarySuffix = '-canary';

interface Round {
  readonly name: string;
  readonly round: 'canary' | 'rest' | null;
  readonly spec: Pick<NodeOpUpgrade['spec'], 'nodeSelector' | 'concurrency' | 'stopOnFailure'>;
}

const makeRound = (options: NodeOpUpgradeOptions, { name, round, spec }: Round): NodeOpUpgrade =>
  nodeOpUpgradeSchema.parse({
    apiVersion: 'operator.kairos.io/v1alpha1',
    kind: 'NodeOpUpgrade',
    metadata: {
      name,
      ...(options.namespace === null ? {} : { namespace: options.namespace }),
      ...(round === null ? {} : { labels: { [roundLabel]: round } }),
    },
    spec: {
      image: options.image,
      ...spec,
      upgradeActive: true,
      ...(options.recovery ? { upgradeRecovery: true } : {}),
      uncordonOnFailure: true,
      ...(options.excludePaths.length === 0 ? {} : { excludePaths: [...options.excludePaths] }),
    },
  } satisfies NodeOpUpgrade);

/** One manifest, or two where a canary is asked for: the few among the selected nodes, and all the rest of them. */
export const makeNodeOpUpgrades = (options: NodeOpUpgradeOptions): readonly NodeOpUpgrade[] => {
  const { canary, selector, concurrency, stopOnFailure } = options;
  if (canary === null) return [makeRound(options, { name: options.name, round: null, spec: { nodeSelector: selector, concurrency, stopOnFailure } })];
  return [
    makeRound(options, { name: `${options.name}${canarySuffix}`, round: 'canary', spec: { nodeSelector: narrow(selector, canary, 'In'), concurrency: 1, stopOnFailure: true } }),
    makeRound(options, { name: options.name, round: 'rest', spec: { nodeSelector: narrow(selector, canary, 'NotIn'), concurrency, stopOnFailure } }),
  ];
};

const howToApply = (options: NodeOpUpgradeOptions): readonly string[] => {
  const control = kubectl(options.namespace);
  const selected = selectorText(options.selector);
  if (options.canary === null) {
    return [
      'Apply, where the Kairos operator runs:  kubectl apply -f FILE',
      `Follow:                                 ${control} get nodeopupgrade ${options.name} -w`,
      `Nodes:                                  kubectl get nodes -l '${selected}'`,
    ];
  }
  const canary = selectorText(options.canary);
  return [
    'Two rounds are in this file. Applied as a whole it would start both at once: apply one after the other.',
    '',
    `First the nodes of  kubectl get nodes -l '${selected},${canary}'`,
    `  kubectl apply -f FILE -l ${roundLabel}=canary`,
    `  ${control} wait --for=jsonpath='{.status.phase}'=Completed nodeopupgrade/${options.name}${canarySuffix} --timeout=30m`,
    `Then, when they have proven themselves, those of  kubectl get nodes -l '${selected},${canary.replace('=', '!=')}'`,
    `  kubectl apply -f FILE -l ${roundLabel}=rest`,
    `  ${control} get nodeopupgrade ${options.name} -w`,
  ];
};

/** The text of the file: what it does, how it is applied, the manifests. */
export const printNodeOpUpgrade = (options: NodeOpUpgradeOptions): string =>
  printManifests(
    [
      `Upgrades Kairos nodes from the cluster to ${options.image}.`,
      '',
      ...howToApply(options),
      '',
      'KEPT: configuration and data. The system that runs now becomes the passive one, to fall back to.',
      options.recovery ? 'The recovery system is upgraded as well.' : 'The recovery system stays as it is.',
      'The operator makes a NodeOp of the same name for it; one that is there already it would take for its own, and upgrade nothing.',
    ],
    makeNodeOpUpgrades(options),
  );
