/** OSArtifact: have the Kairos operator build media, with the kept configuration in a Secret beside it. Pure. */
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import { osArtifactSchema, secretSchema } from './schemas.ts';
import type { OsArtifact, Secret } from './schemas.ts';
import { kubectl, printManifests } from './print.ts';
import { isSubdomain, isWebAddress, readDiskSize } from './values.ts';

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
  /** Of the cloud image: MiB, or with a unit (`32Gi`). */
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
  for (const [flag, value, thing] of [['--overlay-iso', options.overlayIsoClaim, 'claim'], ['--overlay-rootfs', options.overlayRootfsClaim, 'claim'], ['--keys-secret', options.keysSecret, 'secret']] as const) {
    if (value !== null && !isSubdomain(value)) wrong(`is no name of a ${thing}`, `${flag} ${cleanText(value)}`, 'lower-case letters, digits, "-" and single "." in between');
  }
  if (options.netbootUrl !== null && !isWebAddress(options.netbootUrl)) wrong('is no http(s) address', `--netboot-url ${cleanText(options.netbootUrl)}`, 'for example http://boot.example:8080/kairos');
  if (options.diskSize !== null && readDiskSize(options.diskSize) === null) wrong('is no size', `--disk-size ${cleanText(options.diskSize)}`, 'a whole number of MiB, or with a unit: 32768, 32Gi');
  return problems;
};

const secretName = (options: OsArtifactOptions): string => `${options.name}-cloud-config`;

const metadataOf = (options: OsArtifactOptions, name: string): { name: string; namespace?: string } => ({ name, ...(options.namespace === null ? {} : { namespace: options.namespace }) });

/** The Secret with the kept configuration; null when none is baked in. */
export const makeCloudConfigSecret = (options: OsArtifactOptions): Secret | null =>
  options.config === null
    ? null
    : secretSchema.parse({ apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(options, secretName(options)), type: 'Opaque', stringData: { [configKey]: options.config } } satisfies Secret);

/** The manifest; for options that `checkOsArtifact` has nothing against. */
export const makeOsArtifact = (options: OsArtifactOptions): OsArtifact => {
  const has = (output: ArtifactOutput): boolean => options.outputs.includes(output);
  const diskSize = options.diskSize === null ? null : readDiskSize(options.diskSize);
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
        ...(diskSize === null ? {} : { diskSize }),
        ...(has('uki') ? { uki: { iso: true, keysVolume: 'uki-keys' } } : {}),
        ...(options.config === null ? {} : { cloudConfigRef: { name: secretName(options), key: configKey } }),
        ...(options.overlayIsoClaim === null ? {} : { overlayISOVolume: 'overlay-iso' }),
        ...(options.overlayRootfsClaim === null ? {} : { overlayRootfsVolume: 'overlay-rootfs' }),
      },
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  } satisfies OsArtifact);
};

/** The text of the file: what it builds, how it is applied, the manifests. */
export const printOsArtifact = (options: OsArtifactOptions): string => {
  const secret = makeCloudConfigSecret(options);
  return printManifests(
    [
      `Has the Kairos operator build ${options.outputs.join(', ')} from ${options.image}.`,
      '',
      'Apply, where the Kairos operator runs:  kubectl apply -f FILE',
      `Follow:                                 ${kubectl(options.namespace)} get osartifact ${options.name} -w   (phase Ready: fetch the files)`,
      'Its spec cannot be changed once it is applied: delete it and apply it anew to build again.',
      '',
      ...(secret === null ? ['No configuration is baked in.'] : ['The Secret holds the configuration that stays on the nodes; treat this file as secret.']),
      'Install-only material is never part of a medium that is built once for many: give it on a data volume (slipway export cidata).',
    ],
    [...(secret === null ? [] : [secret]), makeOsArtifact(options)],
  );
};
