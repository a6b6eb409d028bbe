/** OSArtifact: have the Kairos operator build media, with the kept configuration in a Secret beside it. Pure. */
import type { Problem } from '../model/problem.ts';
import { osArtifactSchema, secretSchema } from './schemas.ts';
import type { OsArtifact, Secret } from './schemas.ts';
import { printManifests } from './print.ts';

export const artifactOutputs = ['iso', 'uki', 'netboot', 'cloud', 'azure', 'gce'] as const;
export type ArtifactOutput = (typeof artifactOutputs)[number];

export interface OsArtifactOptions {
  readonly name: string;
  readonly namespace: string | null;
  /** The Kairos image that media are made of. */
  readonly image: string;
  readonly arch: 'amd64' | 'arm64';
  readonly outputs: readonly ArtifactOutput[];
  /** The kept configuration; null: none is baked in. */
  readonly config: string | null;
  /** A claim whose files go onto the medium; holds the folder `iso-overlay/iso` of Slipway's repository, for example. */
  readonly overlayIsoClaim: string | null;
  /** A claim whose files go into the image. */
  readonly overlayRootfsClaim: string | null;
  /** Secret with the keys of a UKI: PK.auth, KEK.auth, db.auth, db.key, db.pem, tpm2-pcr-private.pem. */
  readonly keysSecret: string | null;
  readonly netbootUrl: string | null;
  /** As the cloud image wants it: `32Gi`. */
  readonly diskSize: string | null;
}

const configKey = 'cloud-config.yaml';

/** What cannot be built from these options. */
export const checkOsArtifact = (options: OsArtifactOptions): readonly Problem[] => {
  const problems: Problem[] = [];
  const wrong = (what: string, where: string, hint: string): void => void problems.push({ id: 'export-osartifact', severity: 'error', what, where, hint });
  if (options.outputs.length === 0) wrong('nothing is to be built', '--artifact', `name one or more of ${artifactOutputs.join(', ')}`);
  if (options.outputs.includes('uki') && options.keysSecret === null) wrong('a UKI needs keys to be signed with', '--artifact uki', 'add --keys-secret NAME');
  if (options.outputs.includes('netboot') && options.netbootUrl === null) wrong('netboot needs the address that its files will have', '--artifact netboot', 'add --netboot-url URL');
  return problems;
};

const secretName = (options: OsArtifactOptions): string => `${options.name}-cloud-config`;

const metadataOf = (options: OsArtifactOptions, name: string): { name: string; namespace?: string } => ({ name, ...(options.namespace === null ? {} : { namespace: options.namespace }) });

export const makeCloudConfigSecret = (options: OsArtifactOptions): Secret | null =>
  options.config === null
    ? null
    : secretSchema.parse({ apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(options, secretName(options)), type: 'Opaque', stringData: { [configKey]: options.config } } satisfies Secret);

export const makeOsArtifact = (options: OsArtifactOptions): OsArtifact => {
  const has = (output: ArtifactOutput): boolean => options.outputs.includes(output);
  const claim = (name: string, claimName: string | null) => (claimName === null ? [] : [{ name, persistentVolumeClaim: { claimName } }]);
  const volumes = [
    ...claim('overlay-iso', options.overlayIsoClaim),
    ...claim('overlay-rootfs', options.overlayRootfsClaim),
    ...(has('uki') && options.keysSecret !== null ? [{ name: 'uki-keys', secret: { secretName: options.keysSecret } }] : []),
  ];
  return osArtifactSchema.parse({
    apiVersion: 'build.kairos.io/v1alpha2',
    kind: 'OSArtifact',
    metadata: metadataOf(options, options.name),
    spec: {
      image: { ref: options.image },
      artifacts: {
        arch: options.arch,
        ...(has('iso') ? { iso: true } : {}),
        ...(has('cloud') ? { cloudImage: true } : {}),
        ...(has('azure') ? { azureImage: true } : {}),
        ...(has('gce') ? { gceImage: true } : {}),
        ...(has('netboot') ? { netboot: true, ...(options.netbootUrl === null ? {} : { netbootURL: options.netbootUrl }) } : {}),
        ...(options.diskSize === null ? {} : { diskSize: options.diskSize }),
        ...(has('uki') ? { uki: { iso: true, keysVolume: 'uki-keys' } } : {}),
        ...(options.config === null ? {} : { cloudConfigRef: { name: secretName(options), key: configKey } }),
        ...(options.overlayIsoClaim === null ? {} : { overlayISOVolume: 'overlay-iso' }),
        ...(options.overlayRootfsClaim === null ? {} : { overlayRootfsVolume: 'overlay-rootfs' }),
      },
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  } satisfies OsArtifact);
};

export const printOsArtifact = (options: OsArtifactOptions): string => {
  const secret = makeCloudConfigSecret(options);
  return printManifests(
    [
      `Has the Kairos operator build ${options.outputs.join(', ')} from ${options.image}.`,
      '',
      'Apply, where the Kairos operator runs:  kubectl apply -f FILE',
      `Follow:                                 kubectl get osartifact ${options.name} -w   (phase Ready: fetch the files)`,
      'Its spec cannot be changed once it is applied: delete it and apply it anew to build again.',
      '',
      ...(secret === null ? ['No configuration is baked in.'] : ['The Secret holds the configuration that stays on the nodes; treat this file as secret.']),
      'Install-only material is never part of a medium that is built once for many: give it on a data volume (slipway export cidata).',
    ],
    [...(secret === null ? [] : [secret]), makeOsArtifact(options)],
  );
};
