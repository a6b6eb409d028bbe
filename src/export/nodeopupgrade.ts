/** NodeOpUpgrade: upgrade nodes from the cluster, a few first. Pure. */
import { nodeOpUpgradeSchema } from './schemas.ts';
import type { NodeOpUpgrade } from './schemas.ts';
import { printManifests } from './print.ts';
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

const one = (options: NodeOpUpgradeOptions, name: string, spec: Pick<NodeOpUpgrade['spec'], 'nodeSelector' | 'concurrency' | 'stopOnFailure'>): NodeOpUpgrade =>
  nodeOpUpgradeSchema.parse({
    apiVersion: 'operator.kairos.io/v1alpha1',
    kind: 'NodeOpUpgrade',
    metadata: { name, ...(options.namespace === null ? {} : { namespace: options.namespace }) },
    spec: {
      image: options.image,
      ...spec,
      upgradeActive: true,
      ...(options.recovery ? { upgradeRecovery: true } : {}),
      uncordonOnFailure: true,
      ...(options.excludePaths.length === 0 ? {} : { excludePaths: [...options.excludePaths] }),
    },
  } satisfies NodeOpUpgrade);

/** One manifest, or two where a canary is asked for: the few, and all the rest. */
export const makeNodeOpUpgrades = (options: NodeOpUpgradeOptions): readonly NodeOpUpgrade[] => {
  const { canary } = options;
  const rest = { nodeSelector: options.selector, concurrency: options.concurrency, stopOnFailure: options.stopOnFailure };
  if (canary === null) return [one(options, options.name, rest)];
  const others = Object.entries(canary.matchLabels).map(([key, value]) => ({ key, operator: 'NotIn' as const, values: [value] }));
  return [
    one(options, `${options.name}-canary`, { nodeSelector: { matchLabels: { ...options.selector.matchLabels, ...canary.matchLabels } }, concurrency: 1, stopOnFailure: true }),
    one(options, options.name, { ...rest, nodeSelector: { ...options.selector, matchExpressions: others } }),
  ];
};

export const printNodeOpUpgrade = (options: NodeOpUpgradeOptions): string => {
  const manifests = makeNodeOpUpgrades(options);
  const canary = options.canary === null ? [] : [
    '',
    'Two manifests: apply the first (…-canary) alone, wait until it is Completed and the nodes have proven themselves, then the second.',
    `  kubectl wait --for=jsonpath='{.status.phase}'=Completed nodeopupgrade/${options.name}-canary --timeout=30m`,
  ];
  return printManifests(
    [
      `Upgrades Kairos nodes from the cluster to ${options.image}.`,
      '',
      'Apply, where the Kairos operator runs:  kubectl apply -f FILE',
      `Follow:                                 kubectl get nodeopupgrade ${options.name} -w`,
      ...canary,
      '',
      'KEPT: configuration and data. The system that runs now becomes the passive one, to fall back to.',
      options.recovery ? 'The recovery system is upgraded as well.' : 'The recovery system stays as it is.',
    ],
    manifests,
  );
};
