/**
 * Which partitions are to be encrypted, what opens them, and what of that the node must find in its kept configuration.
 * Facts: kairos-sdk `kcrypt` GetEncryptor (key server, else TPM), kairos-agent `internal/agent/hooks/encrypt.go`. Pure.
 */
import type { Problem } from '../model/problem.ts';
import type { Answers } from '../model/settings.ts';
import { isTrue } from '../model/truth.ts';
import { findNothing, problemIn } from './check-whole.ts';
import type { FindPosition } from './check-whole.ts';
import { valueOf } from './resolve.ts';

/** Where kcrypt can't reach: GRUB reads these. */
const bootLabels: readonly string[] = ['COS_GRUB', 'COS_STATE', 'COS_RECOVERY'];

const error = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'error', what, where, hint });

const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Labels as answered, else as the configuration says; a Trusted Boot image without either encrypts both of its own. */
export const encryptedLabels = (answers: Answers, install: Readonly<Record<string, unknown>>, uki: boolean): readonly string[] => {
  const asked = valueOf(answers, 'encrypt');
  if (asked !== undefined && asked !== 'none') return [...new Set(asked.split(',').map((label) => label.trim()))];
  const listed = install['encrypted_partitions'];
  const labels = asked === 'none' || !Array.isArray(listed) ? [] : [...new Set(listed.map(String))];
  // The agent takes an empty list for no wish.
  return labels.length === 0 && uki ? ['COS_OEM', 'COS_PERSISTENT'] : labels;
};

/** The key server that the kept configuration leads to: its address, `mdns`, or null for none. */
export const keyServerOf = (kept: Readonly<Record<string, unknown>>): string | null => {
  const challenger = asMap(asMap(kept['kcrypt'])['challenger']);
  const address = challenger['challenger_server'];
  if (typeof address === 'string' && address !== '') return address;
  return isTrue(challenger['mdns']) ? 'mdns' : null;
};

type Install = Readonly<Record<string, unknown>>;

/**
 * What answers and installer-data about encryption come to in the kept configuration: the address of the key server, which the node asks at every boot, and
 * that COS_OEM is encrypted, by which it knows where the boot selection lies.
 */
export const keptByEncryption = (answers: Answers, sources: { readonly install?: Install; readonly installerInstall?: Install } = {}): Readonly<Record<string, unknown>> => {
  const server = valueOf(answers, 'kms');
  // What user-data says by itself is kept where it stands; what installer-data adds has to be put there.
  const adds = answers.encrypt === undefined && Array.isArray(sources.installerInstall?.['encrypted_partitions']);
  const asked = adds ? encryptedLabels(answers, sources.install ?? {}, false) : (valueOf(answers, 'encrypt')?.split(',').map((label) => label.trim()) ?? []);
  return {
    ...(server === undefined ? {} : { kcrypt: { challenger: { challenger_server: server } } }),
    ...(asked.includes('COS_OEM') ? { install: { encrypted_partitions: asked } } : {}),
  };
};

export interface EncryptionInput {
  readonly answers: Answers;
  readonly labels: readonly string[];
  readonly keyServer: string | null;
  /** The image is a Trusted Boot one. */
  readonly uki: boolean;
  /** Labels of the planned partitions; null while there is no layout. */
  readonly planned: readonly string[] | null;
  /** A plugin that asks key servers is on this system; undefined where it wasn't looked for. */
  readonly keyServerPlugin: boolean | undefined;
}

/**
 * The kept configuration says that COS_OEM is encrypted, and this install would leave it open: the node would look for its boot selection
 * in the wrong place. No matter which engine installs, and whether a flag or another document took the wish back.
 */
export const checkKeptEncryption = (
  { answers, labels, keptLabels }: { readonly answers: Answers; readonly labels: readonly string[]; /** of the kept configuration */ readonly keptLabels: readonly string[] },
  find: FindPosition = findNothing,
): readonly Problem[] => {
  if (!keptLabels.includes('COS_OEM') || labels.includes('COS_OEM')) return [];
  const conflict: Omit<Problem, 'where'> = {
    id: 'encryption-conflict',
    severity: 'error',
    what: 'COS_OEM is not among the partitions to encrypt and is in install.encrypted_partitions of user-data, which stays on the node',
    hint: 'take COS_OEM out of install.encrypted_partitions in user-data, or encrypt it',
  };
  return [answers.encrypt === undefined ? problemIn(find, ['install', 'encrypted_partitions'], conflict) : { ...conflict, where: '--encrypt' }];
};

/** Everything that speaks against the encryption that is asked for. */
export const checkEncryption = ({ answers, labels, keyServer, uki, planned, keyServerPlugin }: EncryptionInput): readonly Problem[] => {
  const problems: Problem[] = [];
  if (uki && valueOf(answers, 'encrypt') === 'none') {
    problems.push(error('encryption-always', 'on a Trusted Boot image kairos-agent encrypts COS_OEM and COS_PERSISTENT also where nothing is to be encrypted', '--encrypt', 'leave "none" out, or name the partitions to encrypt'));
  }
  const where = answers.encrypt === undefined ? 'install.encrypted_partitions' : '--encrypt';
  for (const label of labels) {
    if (bootLabels.includes(label)) problems.push(error('encryption-boot', `${label} cannot be encrypted: the machine starts from it`, where, 'encrypt COS_PERSISTENT, COS_OEM or partitions of your own'));
    else if (planned !== null && !planned.includes(label)) problems.push(error('encryption-unknown', `no partition is labelled ${label}`, where, 'name COS_PERSISTENT, COS_OEM or the label of an extra partition'));
  }
  if (labels.length === 0) return problems;
  if (keyServer !== null && uki) {
    problems.push(error('encryption-key-server', 'a Trusted Boot system brings up no network before it opens its partitions: it would never reach the key server', 'kcrypt.challenger', 'leave the key server out; the TPM opens them'));
  } else if (keyServer !== null && keyServerPlugin === false) {
    problems.push(error('tpm-key-server-plugin', 'this system has no plugin that asks a key server, so that the partitions could not be encrypted', '/system/discovery/kcrypt-discovery-*', 'use an image that holds the kcrypt challenger plugin, or leave the key server out'));
  }
  if (labels.includes('COS_OEM') && !uki) {
    problems.push({ id: 'oem-encrypted', severity: 'warning', what: 'an encrypted COS_OEM is supported on Trusted Boot images only; elsewhere the boot selection becomes unreliable', where, hint: 'leave COS_OEM out unless the image is a Trusted Boot one' });
  }
  return problems;
};
