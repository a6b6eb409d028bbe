/** NodeOp: reset a node and give it a new configuration, from the cluster. Pure. */
import { nodeOpSchema } from './schemas.ts';
import type { NodeOp } from './schemas.ts';
import { kubectl, printManifests } from './print.ts';
import { selectorText } from './selector.ts';
import type { Selector } from './selector.ts';

export interface NodeOpOptions {
  readonly name: string;
  readonly namespace: string | null;
  readonly selector: Selector;
  /** The kept configuration; null: reset only, with the configuration that is there. */
  readonly config: string | null;
  /** Image that the command runs in; null: the operator's own default. */
  readonly image: string | null;
  readonly concurrency: number;
  readonly stopOnFailure: boolean;
  readonly drain: boolean;
}

/**
 * Arguments: the configuration as base64, or nothing. Everything is done before the one-shot boot entry is chosen: a node that fails
 * halfway stays as it is. Nothing of the configuration is shell text.
 */
const script = `set -eu
host=/host
test -x "$host/usr/bin/kairos-agent" || { echo "no kairos-agent on this node" >&2; exit 1; }
if [ "$#" -gt 0 ]; then
  umask 027
  printf %s "$1" | base64 -d > "$host/oem/.90_custom.yaml.new"
  head -n 1 "$host/oem/.90_custom.yaml.new" | grep -qx '#cloud-config'
  chmod 0640 "$host/oem/.90_custom.yaml.new"
  mv -f "$host/oem/.90_custom.yaml.new" "$host/oem/90_custom.yaml"
  mkdir -p "$host/oem/95_userdata"
  sync
fi
chroot "$host" /usr/bin/kairos-agent bootentry --select statereset
`;

/** Nodes without the agent are skipped, and said to be. */
const preflight = 'test -x /host/usr/bin/kairos-agent || echo "not a Kairos node: no kairos-agent" > /dev/termination-log';

/** The manifest. */
export const makeNodeOp = (options: NodeOpOptions): NodeOp =>
  nodeOpSchema.parse({
    apiVersion: 'operator.kairos.io/v1alpha1',
    kind: 'NodeOp',
    metadata: { name: options.name, ...(options.namespace === null ? {} : { namespace: options.namespace }) },
    spec: {
      ...(options.image === null ? {} : { image: options.image }),
      command: ['/bin/sh', '-c', script, 'reset', ...(options.config === null ? [] : [Buffer.from(options.config, 'utf8').toString('base64')])],
      nodeSelector: options.selector,
      hostMountPath: '/host',
      cordon: true,
      uncordonOnFailure: true,
      ...(options.drain ? { drainOptions: { enabled: true, ignoreDaemonSets: true, timeoutSeconds: 600 } } : {}),
      rebootOnSuccess: true,
      backoffLimit: 0,
      concurrency: options.concurrency,
      stopOnFailure: options.stopOnFailure,
      preflight: { command: ['/bin/sh', '-c', preflight], activeDeadlineSeconds: 120 },
    },
  } satisfies NodeOp);

/** The text of the file: what it does and destroys, how it is applied, the manifest. */
export const printNodeOp = (options: NodeOpOptions): string =>
  printManifests(
    [
      'Resets Kairos nodes from the cluster' + (options.config === null ? '.' : ' and gives them another configuration.'),
      '',
      'Apply, where the Kairos operator runs:  kubectl apply -f FILE',
      `Follow:                                 ${kubectl(options.namespace)} get nodeop ${options.name} -w`,
      `Nodes:                                  kubectl get nodes -l '${selectorText(options.selector)}'`,
      '',
      'WARNING: look at the list of nodes first. Control planes in it are reset like the others, and the datastore of the cluster (etcd)',
      'is on COS_PERSISTENT: when the last of them has been reset, the cluster is gone.',
      'Fewer nodes: make this file anew with  --selector KEY=VALUE  (repeatable, a node must have all of them), for example',
      '  slipway export nodeop --selector kubernetes.io/hostname=node-1',
      '  kubectl label node NAME... slipway/reset=yes;  slipway export nodeop --selector slipway/reset=yes',
      '',
      'LOST on every node that is selected: all of COS_PERSISTENT (workloads, container images, logs).',
      options.config === null
        ? 'KEPT: COS_OEM with its configuration; the system comes from the recovery image.'
        : 'KEPT: COS_OEM, with /oem/90_custom.yaml replaced; the system comes from the recovery image.',
      ...(options.config === null ? [] : ['The configuration is in the command, readable by whoever may read NodeOps; it holds no install-only material.']),
      `Nodes at a time: ${options.concurrency === 0 ? 'all' : options.concurrency}; ${options.stopOnFailure ? 'the first failure stops the rest' : 'a failure does not stop the rest'}.`,
      'A NodeOp runs once; delete it and apply it again to repeat.',
    ],
    [makeNodeOp(options)],
  );
