/**
 * The fields of the operator's custom resource definitions, as they were read in kairos-io/kairos-operator: `operator.kairos.io`
 * `nodeops` and `nodeopupgrades` in `config/crd/bases` (17e4539), `build.kairos.io` `osartifacts` in `api/v1alpha2` (055bf72, and
 * what came after it: where pods run, `resources`, `nameOverride`, `artifacts.volume`, registries without TLS). An API server drops fields that are not here without a word, so that a manifest with one would do something else than it says.
 */

export type Field = 'string' | 'boolean' | 'int32' | 'any' | { readonly listOf: Field } | { readonly mapOf: Field } | { readonly [name: string]: Field };

const pullSecrets: Field = { listOf: { name: 'string' } };
const nodeSelector: Field = { matchLabels: { mapOf: 'string' }, matchExpressions: { listOf: { key: 'string', operator: 'string', values: { listOf: 'string' } } } };
const resources: Field = { claims: { listOf: { name: 'string', request: 'string' } }, limits: { mapOf: 'any' }, requests: { mapOf: 'any' } };
const secretKey: Field = { name: 'string', key: 'string' };

export const nodeOpFields: Field = {
  backoffLimit: 'int32',
  command: { listOf: 'string' },
  concurrency: 'int32',
  cordon: 'boolean',
  drainOptions: { deleteEmptyDirData: 'boolean', enabled: 'boolean', force: 'boolean', gracePeriodSeconds: 'int32', ignoreDaemonSets: 'boolean', timeoutSeconds: 'int32' },
  hostMountPath: 'string',
  image: 'string',
  imagePullSecrets: pullSecrets,
  nodeSelector,
  preflight: { activeDeadlineSeconds: 'int32', command: { listOf: 'string' }, image: 'string' },
  rebootOnSuccess: 'boolean',
  resources,
  stopOnFailure: 'boolean',
  uncordonOnFailure: 'boolean',
};

export const nodeOpUpgradeFields: Field = {
  concurrency: 'int32',
  debug: 'boolean',
  excludePaths: { listOf: 'string' },
  force: 'boolean',
  image: 'string',
  imagePullSecrets: pullSecrets,
  nodeSelector,
  resources,
  stopOnFailure: 'boolean',
  uncordonOnFailure: 'boolean',
  upgradeActive: 'boolean',
  upgradeRecovery: 'boolean',
};

export const osArtifactFields: Field = {
  image: {
    ref: 'string',
    buildOptions: { version: 'string', baseImage: 'string', model: 'string', trustedBoot: 'boolean', kubernetesDistro: 'string', kubernetesVersion: 'string', fips: 'boolean', kairosInitImage: 'string' },
    ociSpec: { ref: secretKey, templateValuesFrom: secretKey, templateValues: { mapOf: 'string' }, buildContextVolume: 'string' },
    buildImage: { registry: 'string', repository: 'string', tag: 'string' },
    push: 'boolean',
    imageCredentialsSecretRef: secretKey,
    buildEnv: { listOf: 'any' },
    caCertificatesVolume: 'string',
    pullInsecureRegistry: 'boolean',
    pushInsecureRegistry: 'boolean',
  },
  artifacts: {
    arch: 'string',
    iso: 'boolean',
    diskSize: 'string',
    cloudImage: 'boolean',
    azureImage: 'boolean',
    gceImage: 'boolean',
    netboot: 'boolean',
    netbootURL: 'string',
    cloudConfigRef: secretKey,
    grubConfig: 'string',
    bundles: { listOf: 'string' },
    osRelease: 'string',
    kairosRelease: 'string',
    overlayISOVolume: 'string',
    overlayRootfsVolume: 'string',
    volume: 'string',
    uki: { iso: 'boolean', container: 'boolean', efi: 'boolean', keysVolume: 'string' },
  },
  imagePullSecrets: pullSecrets,
  exporters: { listOf: 'any' },
  volume: 'any',
  volumes: { listOf: 'any' },
  importers: { listOf: 'any' },
  nodeSelector: { mapOf: 'string' },
  tolerations: { listOf: 'any' },
  affinity: 'any',
  podLabels: { mapOf: 'string' },
  podAnnotations: { mapOf: 'string' },
  resources: { iso: resources, cloudImage: resources, azureImage: resources, gceImage: resources, netboot: resources, uki: resources, pod: resources },
  nameOverride: { iso: 'string', cloudImage: 'string', azureImage: 'string', gceImage: 'string', netboot: 'string', uki: 'string' },
};

/** Paths of a value that the definition does not have, or has in another type. */
export const strangers = (value: unknown, field: Field, path = 'spec'): readonly string[] => {
  if (field === 'any') return [];
  if (field === 'string' || field === 'boolean') return typeof value === field ? [] : [path];
  if (field === 'int32') return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? [] : [path];
  if (typeof value !== 'object' || value === null) return [path];
  if ('listOf' in field) return Array.isArray(value) ? value.flatMap((item, index) => strangers(item, field['listOf'] as Field, `${path}[${index}]`)) : [path];
  const inner = (name: string): Field | undefined => ('mapOf' in field ? (field['mapOf'] as Field) : (field as Readonly<Record<string, Field>>)[name]);
  return Object.entries(value).flatMap(([name, item]) => {
    const known = inner(name);
    return known === undefined ? [`${path}.${name}`] : strangers(item, known, `${path}.${name}`);
  });
};
