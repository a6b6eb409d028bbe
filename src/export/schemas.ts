/**
 * Shapes of what goes to the Kairos operator, as its custom resource definitions have them (kairos-operator `api/v1alpha1`,
 * `api/v1alpha2`). Everything that Slipway prints is checked against these before it is printed.
 */
import * as z from 'zod';
import { labelLimit, labelPattern, subdomainLimit, subdomainPattern } from './values.ts';

const objectName = z.string().max(subdomainLimit).regex(subdomainPattern);

const metadata = z.strictObject({
  name: objectName,
  namespace: z.string().max(labelLimit).regex(labelPattern).optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

const labelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z
        .strictObject({
          key: z.string().min(1),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string()).optional(),
        })
        .refine(({ operator, values = [] }) => operator.endsWith('In') === values.length > 0, { error: 'In and NotIn need values, the others take none' }),
    )
    .optional(),
});

const pullSecrets = z.array(z.strictObject({ name: objectName }));
/** What the pods of an operation may use; quantities are Kubernetes's (`500m`, `64Mi`). */
const resources = z.strictObject({
  claims: z.array(z.strictObject({ name: z.string().min(1), request: z.string().optional() })).optional(),
  limits: z.record(z.string(), z.union([z.string(), z.int()])).optional(),
  requests: z.record(z.string(), z.union([z.string(), z.int()])).optional(),
});
const int32 = z.int().min(-(2 ** 31)).max(2 ** 31 - 1);
const count = int32.min(0);

export const nodeOpSchema = z.strictObject({
  apiVersion: z.literal('operator.kairos.io/v1alpha1'),
  kind: z.literal('NodeOp'),
  metadata,
  spec: z
    .strictObject({
      command: z.array(z.string()).min(1),
      image: z.string().optional(),
      imagePullSecrets: pullSecrets.optional(),
      nodeSelector: labelSelector.optional(),
      hostMountPath: z.string().startsWith('/').optional(),
      cordon: z.boolean().optional(),
      uncordonOnFailure: z.boolean().optional(),
      drainOptions: z
        .strictObject({
          enabled: z.boolean().optional(),
          force: z.boolean().optional(),
          deleteEmptyDirData: z.boolean().optional(),
          ignoreDaemonSets: z.boolean().optional(),
          gracePeriodSeconds: int32.optional(),
          timeoutSeconds: int32.optional(),
        })
        .optional(),
      rebootOnSuccess: z.boolean().optional(),
      backoffLimit: int32.optional(),
      concurrency: count.optional(),
      resources: resources.optional(),
      stopOnFailure: z.boolean().optional(),
      preflight: z
        .strictObject({ command: z.array(z.string()).min(1), image: z.string().optional(), activeDeadlineSeconds: int32.optional() })
        .optional(),
    })
    .refine((spec) => spec.drainOptions?.enabled !== true || spec.cordon === true, { error: 'drainOptions.enabled needs cordon: true', path: ['drainOptions'] }),
});

export const nodeOpUpgradeSchema = z.strictObject({
  apiVersion: z.literal('operator.kairos.io/v1alpha1'),
  kind: z.literal('NodeOpUpgrade'),
  metadata,
  spec: z.strictObject({
    image: z.string().min(1),
    imagePullSecrets: pullSecrets.optional(),
    nodeSelector: labelSelector.optional(),
    concurrency: count.optional(),
    stopOnFailure: z.boolean().optional(),
    upgradeRecovery: z.boolean().optional(),
    upgradeActive: z.boolean().optional(),
    force: z.boolean().optional(),
    debug: z.boolean().optional(),
    uncordonOnFailure: z.boolean().optional(),
    excludePaths: z.array(z.string()).optional(),
    resources: resources.optional(),
  }),
});

const reservedVolumes = ['artifacts', 'rootfs', 'config', 'ocispec', 'cloudconfig'];
const keyRef = z.strictObject({ name: objectName, key: z.string().optional() });
const outputs = ['iso', 'cloudImage', 'azureImage', 'gceImage', 'netboot'] as const;
const outputName = z.string().min(1).max(253).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

const artifacts = z
  .strictObject({
    arch: z.enum(['amd64', 'arm64']).optional(),
    iso: z.boolean().optional(),
    cloudImage: z.boolean().optional(),
    azureImage: z.boolean().optional(),
    gceImage: z.boolean().optional(),
    netboot: z.boolean().optional(),
    netbootURL: z.string().optional(),
    diskSize: z.string().optional(),
    cloudConfigRef: keyRef.optional(),
    grubConfig: z.string().optional(),
    bundles: z.array(z.string()).optional(),
    osRelease: z.string().optional(),
    kairosRelease: z.string().optional(),
    overlayISOVolume: z.string().optional(),
    overlayRootfsVolume: z.string().optional(),
    volume: z.string().optional(),
    uki: z
      .strictObject({ iso: z.boolean().optional(), container: z.boolean().optional(), efi: z.boolean().optional(), keysVolume: z.string().min(1) })
      .optional(),
  })
  .refine((value) => outputs.some((name) => value[name] === true) || [value.uki?.iso, value.uki?.container, value.uki?.efi].includes(true), { error: 'at least one output must be true' });

/** A part whose shape is Kubernetes's: tolerations, affinity, claims, jobs. */
const kubernetesOwn = z.looseObject({});

/** A volume of a pod: a name and one source, whose own shape is Kubernetes's. */
const podVolume = z.looseObject({ name: z.string().min(1) });

export const osArtifactSchema = z.strictObject({
  apiVersion: z.literal('build.kairos.io/v1alpha2'),
  kind: z.literal('OSArtifact'),
  metadata,
  spec: z
    .strictObject({
      image: z
        .strictObject({
          ref: z.string().min(1).optional(),
          buildOptions: z
            .strictObject({
              version: z.string().min(1),
              baseImage: z.string().min(1),
              model: z.string().optional(),
              trustedBoot: z.boolean().optional(),
              kubernetesDistro: z.string().optional(),
              kubernetesVersion: z.string().optional(),
              fips: z.boolean().optional(),
              kairosInitImage: z.string().optional(),
            })
            .optional(),
          ociSpec: z
            .strictObject({
              ref: keyRef.optional(),
              templateValuesFrom: keyRef.optional(),
              templateValues: z.record(z.string(), z.string()).optional(),
              buildContextVolume: z.string().optional(),
            })
            .optional(),
          buildImage: z.strictObject({ registry: z.string().min(1), repository: z.string().min(1), tag: z.string().min(1) }).optional(),
          push: z.boolean().optional(),
          imageCredentialsSecretRef: keyRef.optional(),
          buildEnv: z.array(z.looseObject({ name: z.string().min(1) })).optional(),
          caCertificatesVolume: z.string().optional(),
          pullInsecureRegistry: z.boolean().optional(),
          pushInsecureRegistry: z.boolean().optional(),
        })
        .refine((image) => image.ref !== undefined || image.buildOptions !== undefined || image.ociSpec?.ref !== undefined, { error: 'ref, buildOptions or ociSpec.ref is needed' })
        .refine((image) => image.ref === undefined || image.buildImage === undefined, { error: 'buildImage must be empty where ref is given' })
        .refine((image) => image.push !== true || image.buildImage !== undefined, { error: 'push needs buildImage' }),
      artifacts: artifacts.optional(),
      imagePullSecrets: pullSecrets.optional(),
      nodeSelector: z.record(z.string(), z.string()).optional(),
      tolerations: z.array(kubernetesOwn).optional(),
      affinity: kubernetesOwn.optional(),
      podLabels: z.record(z.string(), z.string()).optional(),
      podAnnotations: z.record(z.string(), z.string()).optional(),
      resources: z.strictObject(Object.fromEntries([...outputs, 'uki' as const, 'pod' as const].map((name) => [name, resources.optional()]))).optional(),
      /** The claim that the results are put on. */
      volume: kubernetesOwn.optional(),
      volumes: z.array(podVolume).optional(),
      importers: z.array(z.looseObject({ name: z.string().min(1) })).optional(),
      exporters: z.array(kubernetesOwn).optional(),
      nameOverride: z.strictObject(Object.fromEntries([...outputs, 'uki' as const].map((name) => [name, outputName.optional()]))).optional(),
    })
    .superRefine((spec, context) => {
      const names = (spec.volumes ?? []).map(({ name }) => name);
      const wanted = [spec.artifacts?.overlayISOVolume, spec.artifacts?.overlayRootfsVolume, spec.artifacts?.volume, spec.artifacts?.uki?.keysVolume, spec.image.caCertificatesVolume, spec.image.ociSpec?.buildContextVolume];
      for (const name of wanted) if (name !== undefined && !names.includes(name)) context.addIssue({ code: 'custom', message: `the volume ${name} is not among spec.volumes`, path: ['volumes'] });
      for (const name of names) if (reservedVolumes.includes(name)) context.addIssue({ code: 'custom', message: `the volume name ${name} is reserved`, path: ['volumes'] });
      if (new Set(names).size !== names.length) context.addIssue({ code: 'custom', message: 'two volumes have one name', path: ['volumes'] });
      if (spec.image.ref !== undefined && spec.artifacts === undefined) context.addIssue({ code: 'custom', message: 'artifacts is needed where image.ref is given', path: ['artifacts'] });
    }),
});

export const secretSchema = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata,
  type: z.literal('Opaque'),
  stringData: z.record(z.string(), z.string()),
});

export type NodeOp = z.infer<typeof nodeOpSchema>;
export type NodeOpUpgrade = z.infer<typeof nodeOpUpgradeSchema>;
export type OsArtifact = z.infer<typeof osArtifactSchema>;
export type Secret = z.infer<typeof secretSchema>;
